package dev.sequitur.deploy.integration;

import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * What came of a round.
 *
 * @param records that were sent
 * @param struck how often each fault met a process in the middle of its work
 * @param missed how often it came too late or too early for that, and was tried again
 * @param problems that the check found, in the committed results and states
 */
record CrashReport(
        CrashPlan plan,
        int records,
        double seconds,
        Map<Fault, Integer> struck,
        Map<Fault, Integer> missed,
        List<String> problems) {
    private static final int SHOWN = 10;

    CrashReport {
        struck = Collections.unmodifiableMap(new EnumMap<>(struck));
        missed = Collections.unmodifiableMap(missed);
        problems = List.copyOf(problems);
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(
                "crash test, seed %d, %s, %s: %,d records in %.0f s; struck %s, tried again %s; %d problems",
                plan.seed(),
                plan.subject(),
                plan.atLeastOnce() ? "at least once" : "exactly once",
                records,
                seconds,
                struck,
                missed,
                problems.size()));
        problems.stream().limit(SHOWN).forEach(problem -> text.append("\n  ").append(problem));
        return text.toString();
    }
}
