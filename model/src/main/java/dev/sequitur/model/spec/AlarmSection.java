package dev.sequitur.model.spec;

import dev.sequitur.model.spec.AlarmSpec.BudgetSpec;
import dev.sequitur.model.spec.AlarmSpec.HysteresisSpec;
import dev.sequitur.model.spec.AlarmSpec.ScorerSpec;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The section {@code task.alarm}. */
final class AlarmSection {
    private static final int MAX_COUNT = Integer.MAX_VALUE;
    /** Floats of an entity's state that a scorer may fill with its past. */
    private static final int MAX_REMEMBERED = 100_000;

    /** The scorers that a spec may name. */
    private enum Kind {
        TAIL("rate"),
        ADAPTIVE("window", "short", "learning", "limit", "likelihood"),
        DYNAMIC("window", "smoothing", "learning", "prune"),
        TOP_G("g"),
        NOVELTY("bins", "from", "to", "weight", "limit", "likelihood");

        private final List<String> keys;

        Kind(String... keys) {
            this.keys = List.of(keys);
        }
    }

    private final YamlMapping alarm;
    private final Kind kind;

    private AlarmSection(YamlMapping alarm) {
        this.alarm = alarm;
        this.kind = alarm.value("scorer").oneOf(Kind.class, Kind.TAIL);
    }

    /**
     * @param targets what may be predicted; END among it where it is learned
     * @param categorical those that are categorical fields
     * @param numeric those that are numeric fields
     */
    static AlarmSpec read(YamlValue value, List<String> targets, List<String> categorical, List<String> numeric) {
        AlarmSection section = new AlarmSection(value.mapping());
        List<String> on = section.on(targets, categorical);
        AlarmSpec spec = new AlarmSpec(
                on,
                section.alarm.value("warm-up").integer(0, 0, MAX_COUNT),
                section.scorer(on.stream().filter(numeric::contains).toList()),
                section.budget(),
                section.hysteresis());
        section.rejectKeysOfOtherScorers();
        section.alarm.rejectUnknownKeys();
        return spec;
    }

    private List<String> on(List<String> targets, List<String> categorical) {
        if (kind != Kind.TOP_G) {
            return TrainingSections.targets(alarm.value("on"), targets);
        }
        if (categorical.isEmpty()) {
            alarm.value("scorer")
                    .problem("top-g ranks the values of categorical targets, and no target is categorical. Choose tail,"
                            + " adaptive or dynamic, or predict a categorical field.");
        }
        YamlValue value = alarm.value("on");
        List<String> on = value.texts(categorical);
        on.stream()
                .filter(name -> !categorical.contains(name) && !categorical.isEmpty())
                .forEach(name -> value.problem("'" + name + "' is not a categorical target, which top-g needs; expected"
                        + " one of " + String.join(", ", categorical) + "." + Suggestion.of(name, categorical)));
        return on;
    }

    /** @param numeric targets that alarms look at */
    private ScorerSpec scorer(List<String> numeric) {
        switch (kind) {
            case ADAPTIVE -> {
                int window = alarm.value("window").integer(8000, 2, MAX_COUNT);
                YamlValue shortValue = alarm.value("short");
                int shortWindow = shortValue.integer(10, 1, MAX_REMEMBERED);
                if (shortWindow >= window) {
                    shortValue.problem("expected fewer events than window (" + window + "), got " + shortWindow + ".");
                }
                return new AlarmSpec.Adaptive(
                        window,
                        shortWindow,
                        alarm.value("learning").integer(300, 2, MAX_COUNT),
                        alarm.value("limit").number(10, NumberRange.POSITIVE),
                        alarm.value("likelihood").number(0.99999, NumberRange.OPEN_SHARE));
            }
            case DYNAMIC -> {
                int window = alarm.value("window").integer(500, 3, MAX_REMEMBERED);
                YamlValue learningValue = alarm.value("learning");
                int learning = learningValue.integer(Math.min(100, window), 3, MAX_COUNT);
                if (learning > window) {
                    learningValue.problem(
                            "expected no more events than window (" + window + "), got " + learning + ".");
                }
                return new AlarmSpec.Dynamic(
                        window,
                        alarm.value("smoothing").integer(25, 1, MAX_COUNT),
                        learning,
                        alarm.value("prune").number(0.13, NumberRange.SHARE));
            }
            case TOP_G -> {
                return new AlarmSpec.TopG(alarm.value("g").integer(9, 1, MAX_COUNT));
            }
            case NOVELTY -> {
                return novelty(numeric);
            }
            default -> {
                return new AlarmSpec.Tail(alarm.value("rate").number(0.001, NumberRange.OPEN_SHARE));
            }
        }
    }

    private Optional<BudgetSpec> budget() {
        YamlValue value = alarm.value("budget");
        if (!value.present()) {
            return Optional.empty();
        }
        if (kind == Kind.TOP_G) {
            value.problem("top-g alarms by a rank, which no budget can set. Remove it and choose g, or change scorer.");
        }
        for (String threshold : List.of("rate", "likelihood")) {
            if (alarm.has(threshold) && kind.keys.contains(threshold)) {
                value.problem("a budget sets the threshold, and so does " + threshold + ". Remove one of them.");
            }
        }
        YamlMapping section = value.mapping();
        BudgetSpec budget = new BudgetSpec(
                section.required("alarms", "Give the number of alarms that normal events may raise.")
                        .number(1, NumberRange.POSITIVE),
                section.value("per").oneOf(BudgetSpec.Per.class, BudgetSpec.Per.ENTITY_DAY));
        section.rejectUnknownKeys();
        return Optional.of(budget);
    }

    private AlarmSpec.Novelty novelty(List<String> numeric) {
        if (numeric.isEmpty()) {
            alarm.value("scorer")
                    .problem("novelty counts the values of numeric targets, and alarms look at none. Choose another"
                            + " scorer, or predict a numeric field and name it in on.");
        }
        double from = alarm.value("from").number(-5, NumberRange.ANY);
        YamlValue toValue = alarm.value("to");
        double to = toValue.number(5, NumberRange.ANY);
        if (!(from < to)) {
            toValue.problem("expected a number above from (" + from + "), got " + to + ".");
        }
        return new AlarmSpec.Novelty(
                numeric,
                alarm.value("bins").integer(100, 2, MAX_REMEMBERED),
                from,
                to,
                alarm.value("weight").number(0.5, NumberRange.NOT_NEGATIVE),
                alarm.value("limit").number(2, NumberRange.POSITIVE),
                alarm.value("likelihood").number(0.999, NumberRange.OPEN_SHARE));
    }

    private HysteresisSpec hysteresis() {
        YamlMapping section = alarm.value("hysteresis").mapping();
        Double clear = section.value("clear").present()
                ? (Double) section.value("clear").number(0.0, NumberRange.SHARE)
                : null;
        Duration quiet = section.value("quiet").duration(Duration.ZERO, Duration.ZERO);
        section.rejectUnknownKeys();
        return new HysteresisSpec(Optional.ofNullable(clear), quiet);
    }

    private void rejectKeysOfOtherScorers() {
        Map<String, String> owners = new LinkedHashMap<>();
        for (Kind other : Kind.values()) {
            other.keys.forEach(key -> owners.merge(key, YamlValue.word(other), (a, b) -> a + " or " + b));
        }
        owners.forEach((key, owner) -> {
            if (alarm.has(key) && !kind.keys.contains(key)) {
                alarm.value(key)
                        .problem("is an option of scorer: " + owner + "; the scorer here is " + YamlValue.word(kind)
                                + ". Remove it, or change scorer.");
            }
        });
    }
}
