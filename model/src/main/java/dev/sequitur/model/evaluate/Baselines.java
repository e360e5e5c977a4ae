package dev.sequitur.model.evaluate;

import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.Role;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What needs no network, measured in the same way: for a categorical field the value that most often followed the last
 * one (a Markov chain of order 1), once allowed to answer END and once not; for the time to the next event its median
 * after the last category; for a number its last value. Learned from what a network may learn from.
 */
public final class Baselines {
    private static final double DAY_MS = 86_400_000;
    private static final String END = "\0END";

    private final PipelineSpec spec;
    private final Optional<FieldSpec> context;

    public Baselines(PipelineSpec spec) {
        this.spec = spec;
        this.context = spec.fields().stream()
                .filter(f -> f instanceof FieldSpec.Categorical)
                .findFirst();
    }

    /** Two steps of one entity in one session. */
    private record Pair(Timeline.Step before, Timeline.Step next) {}

    /**
     * @param learnFrom timeline of the training and validation parts
     * @param evaluated timeline whose counted steps are measured
     */
    public List<Metric> measure(List<Timeline> learnFrom, Timeline evaluated) {
        List<Pair> learned = learnFrom.stream().flatMap(t -> pairs(t).stream()).toList();
        List<Pair> asked = pairs(evaluated);
        List<Metric> metrics = new ArrayList<>();
        for (FieldSpec field : spec.fields(Role.TARGET)) {
            if (field instanceof FieldSpec.Categorical) {
                markov(field, learned, asked, true, metrics);
                if (spec.end() instanceof PipelineSpec.EndSpec.Last) {
                    markov(field, learned, asked, false, metrics);
                }
            } else if (field instanceof FieldSpec.SincePrevious) {
                medianTime(field, learned, asked, metrics);
            } else if (field instanceof FieldSpec.Numeric) {
                lastValue(field, asked, metrics);
            }
        }
        return metrics;
    }

    private List<Pair> pairs(Timeline timeline) {
        Timeline.Step[] last = new Timeline.Step[timeline.sequences()];
        List<Pair> pairs = new ArrayList<>();
        for (Timeline.Step step : timeline.steps()) {
            if (step.counted() && step.clock().steps() >= spec.task().minPrefix()) {
                pairs.add(new Pair(last[step.sequence()], step));
            }
            last[step.sequence()] = step;
        }
        return pairs;
    }

    private Object value(FieldSpec field, Timeline.Step step) {
        return step.event().values()[spec.fields().indexOf(field)];
    }

    private String category(FieldSpec field, Timeline.Step step) {
        Object value = value(field, step);
        return value == null ? LearnedField.Vocabulary.MISSING_TEXT : value.toString();
    }

    private void markov(FieldSpec field, List<Pair> learned, List<Pair> asked, boolean mayEnd, List<Metric> metrics) {
        Map<Object, Map<String, Integer>> counts = new HashMap<>();
        for (Pair pair : learned) {
            if (mayEnd || !pair.next().end()) {
                counts.computeIfAbsent(value(field, pair.before()), v -> new HashMap<>())
                        .merge(pair.next().end() ? END : category(field, pair.next()), 1, Integer::sum);
            }
        }
        FieldMetrics sums = new FieldMetrics();
        for (Pair pair : asked) {
            String answer = counts.getOrDefault(value(field, pair.before()), Map.of()).entrySet().stream()
                    .max(Map.Entry.<String, Integer>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                    .map(Map.Entry::getKey)
                    .orElse("");
            if (pair.next().end()) {
                sums.ending(answer.equals(END));
            } else {
                sums.answer(answer.equals(category(field, pair.next())));
            }
        }
        String name = mayEnd ? "Markov-1" : "Markov-1 that never ends";
        if (sums.predictions > 0) {
            metrics.add(new Metric(field.name(), "accuracy, " + name, sums.accuracy(), "", sums.predictions));
        }
        if (sums.endings > 0) {
            metrics.add(new Metric(
                    field.name(),
                    "accuracy with END, " + name,
                    sums.accuracyWithEnd(),
                    "",
                    sums.predictions + sums.endings));
        }
    }

    private static double gap(Pair pair) {
        return Math.max(0, pair.next().event().timeMs() - pair.next().clock().lastEventMs());
    }

    private void medianTime(FieldSpec field, List<Pair> learned, List<Pair> asked, List<Metric> metrics) {
        Map<Object, List<Double>> times = new HashMap<>();
        for (Pair pair : learned) {
            if (!pair.next().end()) {
                Object last = context.map(f -> value(f, pair.before())).orElse("");
                times.computeIfAbsent(last, v -> new ArrayList<>()).add(gap(pair));
                times.computeIfAbsent(END, v -> new ArrayList<>()).add(gap(pair));
            }
        }
        Map<Object, Double> medians = new HashMap<>();
        times.forEach((key, values) -> medians.put(key, median(values)));
        FieldMetrics sums = new FieldMetrics();
        for (Pair pair : asked) {
            if (!pair.next().end() && !medians.isEmpty()) {
                Object last = context.map(f -> value(f, pair.before())).orElse("");
                sums.error(medians.getOrDefault(last, medians.get(END)) - gap(pair));
            }
        }
        if (sums.predictions > 0) {
            String name = context.map(f -> "median time by " + f.name()).orElse("median time");
            metrics.add(new Metric(
                    field.name(),
                    "mean absolute error, " + name,
                    sums.meanAbsoluteError() / DAY_MS,
                    "days",
                    sums.predictions));
        }
    }

    private static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(v -> v).sorted().toArray();
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    private void lastValue(FieldSpec field, List<Pair> asked, List<Metric> metrics) {
        FieldMetrics sums = new FieldMetrics();
        for (Pair pair : asked) {
            if (!pair.next().end()
                    && value(field, pair.before()) instanceof Double before
                    && value(field, pair.next()) instanceof Double next) {
                sums.error(before - next);
            }
        }
        if (sums.predictions > 0) {
            metrics.add(new Metric(
                    field.name(), "mean absolute error, last value", sums.meanAbsoluteError(), "", sums.predictions));
        }
    }
}
