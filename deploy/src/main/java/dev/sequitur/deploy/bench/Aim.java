package dev.sequitur.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;

/**
 * What was measured beside what is aimed at.
 *
 * @param what says in words which figure that is, and on which load
 * @param atLeast whether the aim is a lower bound
 */
record Aim(String what, double measured, double aim, boolean atLeast) {
    static Aim atLeast(double aim, double measured, String what) {
        return new Aim(what, measured, aim, true);
    }

    static Aim atMost(double aim, double measured, String what) {
        return new Aim(what, measured, aim, false);
    }

    boolean reached() {
        return atLeast ? measured >= aim : measured <= aim;
    }

    String line() {
        return String.format(
                Locale.ROOT,
                "  %-8s %s: %.2f, aim %s %.2f",
                reached() ? "reached" : "missed",
                what,
                measured,
                atLeast ? ">=" : "<=",
                aim);
    }

    ObjectNode json(String benchmark) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("benchmark", benchmark)
                .put("figure", what)
                .put("measured", measured)
                .put(atLeast ? "atLeast" : "atMost", aim)
                .put("reached", reached());
    }
}
