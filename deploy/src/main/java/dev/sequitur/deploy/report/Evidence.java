package dev.sequitur.deploy.report;

import dev.sequitur.model.evaluate.StepOutcome;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.Role;
import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Flags;
import dev.sequitur.schemas.Probability;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/**
 * What a report shows of a scored timeline beyond its metrics: how often what was expected came, which answers were
 * confused with which, how the scores lie, and the events that surprised most. Only counted steps are in it.
 *
 * <p>Threading: belongs to one thread.
 */
final class Evidence {
    /** Bins of a reliability diagram. */
    static final int BINS = 10;

    /** The shares that should lie below the 5 % quantile, from there to the median, to the 95 % quantile, above. */
    static final double[] INTERVALS = {0.05, 0.45, 0.45, 0.05};

    private final PipelineSpec spec;
    private final Timeline timeline;
    private final int surprisingKept;
    private final List<List<Expectation>> pending;
    private final Map<String, Confusion> confusions = new LinkedHashMap<>();
    private final Map<String, Reliability> reliabilities = new LinkedHashMap<>();
    private final Map<String, long[]> intervals = new LinkedHashMap<>();
    private final PriorityQueue<Surprising> surprising =
            new PriorityQueue<>(Comparator.comparingDouble(s -> s.outcome().surprise()));
    private double[] scores = new double[1024];
    private int scored;

    /** A step that surprised, and what was made of it. */
    record Surprising(Timeline.Step step, StepOutcome outcome) {}

    /** Answers of a categorical field by what came: counts by actual value, then by answer. END is a value. */
    static final class Confusion {
        private final Map<String, Map<String, Long>> counts = new LinkedHashMap<>();

        private void add(String actual, String answer) {
            counts.computeIfAbsent(actual, a -> new LinkedHashMap<>()).merge(answer, 1L, Long::sum);
        }

        long count(String actual, String answer) {
            return counts.getOrDefault(actual, Map.of()).getOrDefault(answer, 0L);
        }

        long count(String actual) {
            return counts.getOrDefault(actual, Map.of()).values().stream()
                    .mapToLong(n -> n)
                    .sum();
        }

        /** The values that came, most frequent first. */
        List<String> actual() {
            return counts.keySet().stream()
                    .sorted(Comparator.comparingLong((String value) -> -count(value))
                            .thenComparing(v -> v))
                    .toList();
        }
    }

    /** Stated probabilities, in bins of equal width, against how often they came true. */
    static final class Reliability {
        private final double[] stated = new double[BINS];
        private final long[] came = new long[BINS];
        private final long[] counts = new long[BINS];

        private void add(double probability, boolean true_) {
            int bin = Math.min(BINS - 1, (int) (probability * BINS));
            stated[bin] += probability;
            came[bin] += true_ ? 1 : 0;
            counts[bin]++;
        }

        long count(int bin) {
            return counts[bin];
        }

        /** Mean of the probabilities that fell into the bin. */
        double stated(int bin) {
            return stated[bin] / counts[bin];
        }

        double came(int bin) {
            return (double) came[bin] / counts[bin];
        }
    }

    /** @param surprisingKept steps that surprised most to keep */
    Evidence(PipelineSpec spec, Timeline timeline, int surprisingKept) {
        this.spec = spec;
        this.timeline = timeline;
        this.surprisingKept = surprisingKept;
        this.pending = new ArrayList<>(Collections.nCopies(timeline.sequences(), List.of()));
        for (FieldSpec field : spec.fields(Role.TARGET)) {
            if (field instanceof FieldSpec.Categorical) {
                confusions.put(field.name(), new Confusion());
            }
        }
    }

    /** The outcome of a step of the timeline; an entity's come in its order. */
    void add(int index, StepOutcome outcome) {
        Timeline.Step step = timeline.steps().get(index);
        if (step.counted()) {
            if (step.clock().steps() >= spec.task().minPrefix()) {
                confuse(pending.get(step.sequence()), step);
            }
            outcome.fields().forEach(field -> calibrate(field, step));
            if (scored == scores.length) {
                scores = Arrays.copyOf(scores, 2 * scored);
            }
            scores[scored++] = outcome.score();
            surprising.add(new Surprising(step, outcome));
            if (surprising.size() > surprisingKept) {
                surprising.poll();
            }
        }
        pending.set(step.sequence(), outcome.prediction());
    }

    /** The answer is the likeliest value, or END where that is likelier: as the accuracy counts it. */
    private void confuse(List<Expectation> prediction, Timeline.Step next) {
        double end = prediction.stream()
                .filter(e -> e.getDistribution() instanceof Binary)
                .mapToDouble(e -> ((Binary) e.getDistribution()).getProbability())
                .findFirst()
                .orElse(0);
        for (Expectation expectation : prediction) {
            if (expectation.getDistribution() instanceof Categorical categorical) {
                Probability top = categorical.getTop().get(0);
                String answer = end > (1 - end) * top.getProbability() ? PipelineSpec.END : top.getValue();
                String actual = next.end() ? PipelineSpec.END : category(expectation.getField(), next);
                confusions.get(expectation.getField()).add(actual, answer);
            }
        }
    }

    private Object value(String field, Timeline.Step step) {
        return step.event().values()[spec.fields().indexOf(spec.field(field))];
    }

    private String category(String field, Timeline.Step step) {
        Object value = value(field, step);
        return value == null ? LearnedField.Vocabulary.MISSING_TEXT : value.toString();
    }

    private void calibrate(FieldSurprise field, Timeline.Step step) {
        String name = field.getExpected().getField();
        Object distribution = field.getExpected().getDistribution();
        if (distribution instanceof Continuous continuous && field.getObserved() != null) {
            double came = Double.parseDouble(field.getObserved());
            int part = came < continuous.getP05()
                    ? 0
                    : came < continuous.getMedian() ? 1 : came <= continuous.getP95() ? 2 : 3;
            intervals.computeIfAbsent(name, n -> new long[INTERVALS.length])[part]++;
        } else if (distribution instanceof Categorical categorical) {
            Probability top = categorical.getTop().get(0);
            reliability(name).add(top.getProbability(), top.getValue().equals(category(name, step)));
        } else if (distribution instanceof Flags flags) {
            List<String> names = ((FieldSpec.Flags) spec.field(name)).flags();
            boolean[] set = (boolean[]) value(name, step);
            for (Probability flag : flags.getTop()) {
                reliability(name).add(flag.getProbability(), set[names.indexOf(flag.getValue())]);
            }
        } else if (distribution instanceof Binary binary) {
            reliability(name).add(binary.getProbability(), step.end());
        }
    }

    private Reliability reliability(String field) {
        return reliabilities.computeIfAbsent(field, f -> new Reliability());
    }

    /** By categorical target. */
    Map<String, Confusion> confusions() {
        return confusions;
    }

    /** By categorical and flags target, and END. */
    Map<String, Reliability> reliabilities() {
        return reliabilities;
    }

    /** By continuous target: how many values fell into each of the {@link #INTERVALS}. */
    Map<String, long[]> intervals() {
        return intervals;
    }

    /** Share of the steps whose score is above {@code 1 − q}. */
    double exceeding(double q) {
        return (double) Arrays.stream(scores, 0, scored).filter(s -> s > 1 - q).count() / Math.max(1, scored);
    }

    int scored() {
        return scored;
    }

    /** The steps that surprised most, most first. */
    List<Surprising> surprising() {
        return surprising.stream()
                .sorted(Comparator.comparingDouble((Surprising s) -> s.outcome().surprise())
                        .reversed())
                .toList();
    }
}
