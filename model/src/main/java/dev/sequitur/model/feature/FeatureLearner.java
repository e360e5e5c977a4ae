package dev.sequitur.model.feature;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Learns vocabularies and scales from the training part of the data. Feed every training event once, in the order of
 * its entity; nothing of the validation or test part may be fed.
 */
public final class FeatureLearner {
    /** Times are bent at one second: differences far below it don't matter, far above it only their ratio does. */
    private static final double TIME_UNIT_MS = 1000;

    /** A deviation below this share of the largest value is rounding: some 50 units in the last place. */
    private static final double ROUNDING = 1e-14;

    private final PipelineSpec spec;
    private final List<Samples> numbers = new ArrayList<>();
    private final List<Map<String, Long>> counts = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    public FeatureLearner(PipelineSpec spec) {
        this.spec = spec;
        for (int i = 0; i < spec.fields().size(); i++) {
            numbers.add(new Samples());
            counts.add(new HashMap<>());
        }
    }

    /** @param clock as the event finds it, see {@link EntityClock#at} */
    public void add(Event event, EntityClock clock) {
        for (int i = 0; i < spec.fields().size(); i++) {
            FieldSpec field = spec.fields().get(i);
            if (field instanceof FieldSpec.Numeric && event.values()[i] != null) {
                numbers.get(i).add((Double) event.values()[i]);
            } else if (field instanceof FieldSpec.Categorical && event.values()[i] != null) {
                counts.get(i).merge((String) event.values()[i], 1L, Long::sum);
            } else if (field instanceof FieldSpec.SincePrevious && clock.steps() > 0) {
                numbers.get(i).add(Math.max(0, event.timeMs() - clock.lastEventMs()));
            } else if (field instanceof FieldSpec.SinceStart) {
                numbers.get(i).add(clock.steps() == 0 ? 0 : Math.max(0, event.timeMs() - clock.sessionStartMs()));
            } else if (field instanceof FieldSpec.Position) {
                numbers.get(i).add(clock.steps());
            }
        }
    }

    /** What was learned, by field name, for every field that {@linkplain LearnedField#learns learns}. */
    public Map<String, LearnedField> learned() {
        Map<String, LearnedField> learned = new LinkedHashMap<>();
        warnings.clear();
        for (int i = 0; i < spec.fields().size(); i++) {
            FieldSpec field = spec.fields().get(i);
            double[] values = numbers.get(i).values();
            if (field instanceof FieldSpec.Numeric numeric) {
                learned.put(field.name(), numeric(numeric, values));
            } else if (field instanceof FieldSpec.Categorical categorical) {
                learned.put(field.name(), vocabulary(categorical, counts.get(i)));
            } else if (field instanceof FieldSpec.SincePrevious || field instanceof FieldSpec.SinceStart) {
                learned.put(field.name(), standard(TIME_UNIT_MS, values));
            } else if (field instanceof FieldSpec.Position) {
                learned.put(field.name(), standard(1, values));
            }
        }
        return learned;
    }

    /** What a user should know of the last {@link #learned()}: columns that are constant or never there. */
    public List<String> warnings() {
        return List.copyOf(warnings);
    }

    private LearnedField.Scale numeric(FieldSpec.Numeric field, double[] values) {
        if (values.length == 0) {
            warnings.add("field '" + field.name() + "' has no value in the training data");
        } else if (Arrays.stream(values).allMatch(v -> v == values[0])) {
            warnings.add("field '" + field.name() + "' is always " + values[0] + " in the training data");
        }
        double unit =
                switch (field.transform()) {
                    case NONE -> 0;
                    case LOG -> medianSize(values);
                    case AUTO -> {
                        double candidate = medianSize(values);
                        yield Math.abs(skewness(bend(candidate, values))) < Math.abs(skewness(values)) ? candidate : 0;
                    }
                };
        return switch (field.scaling()) {
            case NONE -> new LearnedField.Scale(unit, 0, 1);
            case STANDARD -> standard(unit, values);
            case MIN_MAX -> {
                double[] bent = bend(unit, values);
                double min = Arrays.stream(bent).min().orElse(0);
                double max = Arrays.stream(bent).max().orElse(1);
                yield new LearnedField.Scale(unit, min, max > min ? Math.min(max - min, Double.MAX_VALUE) : 1);
            }
        };
    }

    private static LearnedField.Scale standard(double unit, double[] values) {
        double[] bent = bend(unit, values);
        // Squares of the largest and of the smallest doubles don't fit one; dividing by a power of two loses nothing.
        double size = Math.scalb(1.0, Math.getExponent(largest(bent)));
        double[] small = Arrays.stream(bent).map(v -> v / size).toArray();
        double mean = Arrays.stream(small).average().orElse(0);
        double deviation = Math.sqrt(
                Arrays.stream(small).map(v -> (v - mean) * (v - mean)).average().orElse(0));
        // A constant column carries no information; dividing by its rounding noise would make some up.
        return new LearnedField.Scale(unit, mean * size, deviation > ROUNDING ? deviation * size : 1);
    }

    private static double largest(double[] values) {
        return Arrays.stream(values).map(Math::abs).max().orElse(0);
    }

    private static double[] bend(double unit, double[] values) {
        LearnedField.Scale bend = new LearnedField.Scale(unit, 0, 1);
        return Arrays.stream(values).map(bend::forward).toArray();
    }

    private static double medianSize(double[] values) {
        double[] sizes = Arrays.stream(values).map(Math::abs).sorted().toArray();
        double median = sizes.length == 0 ? 0 : sizes[sizes.length / 2];
        return median > 0 ? median : 1;
    }

    private static double skewness(double[] values) {
        double size = Math.scalb(1.0, Math.getExponent(largest(values)));
        double mean = Arrays.stream(values).map(v -> v / size).average().orElse(0);
        double m2 = Arrays.stream(values)
                .map(v -> Math.pow(v / size - mean, 2))
                .average()
                .orElse(0);
        double m3 = Arrays.stream(values)
                .map(v -> Math.pow(v / size - mean, 3))
                .average()
                .orElse(0);
        return m2 == 0 ? 0 : m3 / Math.pow(m2, 1.5);
    }

    private LearnedField.Vocabulary vocabulary(FieldSpec.Categorical field, Map<String, Long> seen) {
        if (seen.isEmpty()) {
            warnings.add("field '" + field.name() + "' has no value in the training data");
        } else if (seen.size() == 1) {
            warnings.add("field '" + field.name() + "' is always '"
                    + seen.keySet().iterator().next() + "' in the training data");
        }
        List<String> values = seen.entrySet().stream()
                .filter(e -> e.getValue() >= field.minCount())
                .sorted(Comparator.comparing((Map.Entry<String, Long> e) -> -e.getValue())
                        .thenComparing(Map.Entry::getKey))
                .limit(field.maxSize())
                .map(Map.Entry::getKey)
                .toList();
        if (values.size() < seen.size()) {
            warnings.add("field '" + field.name() + "' has " + seen.size() + " values in the training data; "
                    + values.size() + " are learned, the rest are unknown");
        }
        int slots = LearnedField.Vocabulary.RESERVED + values.size();
        // The rule of thumb of fast.ai: 1.6 n^0.56, at most 64.
        int embedding = field.embedding() > 0
                ? field.embedding()
                : (int) Math.min(64, Math.max(2, Math.round(1.6 * Math.pow(slots, 0.56))));
        return new LearnedField.Vocabulary(values, embedding);
    }

    /** Doubles, growing. */
    private static final class Samples {
        private double[] values = new double[64];
        private int size;

        void add(double value) {
            if (size == values.length) {
                values = Arrays.copyOf(values, 2 * size);
            }
            values[size++] = value;
        }

        double[] values() {
            return Arrays.copyOf(values, size);
        }
    }
}
