package dev.sequitur.model.feature;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.scratch.NumberSpool;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.Supplier;
import java.util.stream.DoubleStream;

/**
 * Learns vocabularies and scales from the training part of the data. Feed every training event once, in the order of
 * its entity; nothing of the validation or test part may be fed. Numbers go to disk where they are many, so that what is
 * learned of them is exact and memory doesn't grow with the data; for values of categories see {@link ValueCounts}.
 */
public final class FeatureLearner implements AutoCloseable {
    /** Times are bent at one second: differences far below it don't matter, far above it only their ratio does. */
    private static final double TIME_UNIT_MS = 1000;

    /** A deviation below this share of the largest value is rounding: some 50 units in the last place. */
    private static final double ROUNDING = 1e-14;

    /** So many values of fewer events than that are no reason to warn. */
    private static final int FEW = 100;

    private static final double NEARLY_ALL = 0.9;

    private final PipelineSpec spec;
    private final List<NumberSpool> numbers = new ArrayList<>();
    private final List<ValueCounts> counts = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();

    /** @param directory for numbers that don't stay in memory */
    public FeatureLearner(PipelineSpec spec, Path directory) {
        this.spec = spec;
        for (FieldSpec field : spec.fields()) {
            numbers.add(new NumberSpool(directory));
            counts.add(new ValueCounts(field instanceof FieldSpec.Categorical named ? named.maxSize() : 0));
        }
    }

    /** @param clock as the event finds it, see {@link EntityClock#at} */
    public void add(Event event, EntityClock clock) {
        for (int i = 0; i < spec.fields().size(); i++) {
            FieldSpec field = spec.fields().get(i);
            if (field instanceof FieldSpec.Numeric && event.values()[i] != null) {
                numbers.get(i).add((Double) event.values()[i]);
            } else if (field instanceof FieldSpec.Categorical && event.values()[i] != null) {
                counts.get(i).add((String) event.values()[i]);
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
            NumberSpool values = numbers.get(i);
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

    private LearnedField.Scale numeric(FieldSpec.Numeric field, NumberSpool values) {
        OptionalDouble first = values.stream().findFirst();
        if (first.isEmpty()) {
            warnings.add(noValue(field));
        } else if (values.stream().allMatch(v -> v == first.getAsDouble())) {
            warnings.add("field '" + field.name() + "' is always " + first.getAsDouble() + " in the training data");
        }
        double unit =
                switch (field.transform()) {
                    case NONE -> 0;
                    case LOG -> medianSize(values);
                    case AUTO -> {
                        double candidate = medianSize(values);
                        yield Math.abs(skewness(bend(candidate, values))) < Math.abs(skewness(values::stream))
                                ? candidate
                                : 0;
                    }
                };
        return switch (field.scaling()) {
            case NONE -> new LearnedField.Scale(unit, 0, 1);
            case STANDARD -> standard(unit, values);
            case MIN_MAX -> {
                Supplier<DoubleStream> bent = bend(unit, values);
                double min = bent.get().min().orElse(0);
                double max = bent.get().max().orElse(1);
                yield new LearnedField.Scale(unit, min, max > min ? Math.min(max - min, Double.MAX_VALUE) : 1);
            }
        };
    }

    private static LearnedField.Scale standard(double unit, NumberSpool values) {
        Supplier<DoubleStream> bent = bend(unit, values);
        // Squares of the largest and of the smallest doubles don't fit one; dividing by a power of two loses nothing.
        double size = Math.scalb(1.0, Math.getExponent(largest(bent)));
        double mean = bent.get().map(v -> v / size).average().orElse(0);
        double deviation = Math.sqrt(bent.get()
                .map(v -> v / size)
                .map(v -> (v - mean) * (v - mean))
                .average()
                .orElse(0));
        // A constant column carries no information; dividing by its rounding noise would make some up.
        return new LearnedField.Scale(unit, mean * size, deviation > ROUNDING ? deviation * size : 1);
    }

    private static double largest(Supplier<DoubleStream> values) {
        return values.get().map(Math::abs).max().orElse(0);
    }

    private static Supplier<DoubleStream> bend(double unit, NumberSpool values) {
        LearnedField.Scale bend = new LearnedField.Scale(unit, 0, 1);
        return () -> values.stream().map(bend::forward);
    }

    private static double medianSize(NumberSpool values) {
        double median = values.size() == 0 ? 0 : values.sorted(Math::abs, values.size() / 2);
        return median > 0 ? median : 1;
    }

    private static double skewness(Supplier<DoubleStream> values) {
        double size = Math.scalb(1.0, Math.getExponent(largest(values)));
        double mean = values.get().map(v -> v / size).average().orElse(0);
        double m2 =
                values.get().map(v -> Math.pow(v / size - mean, 2)).average().orElse(0);
        double m3 =
                values.get().map(v -> Math.pow(v / size - mean, 3)).average().orElse(0);
        return m2 == 0 ? 0 : m3 / Math.pow(m2, 1.5);
    }

    private static String noValue(FieldSpec field) {
        return "field '" + field.name() + "' has no value in the training data"
                + (field.is(Role.TARGET) ? ", so nothing of it can be predicted; take its role target away" : "");
    }

    private LearnedField.Vocabulary vocabulary(FieldSpec.Categorical field, ValueCounts seen) {
        List<String> values = seen.mostFrequent(field.minCount(), field.maxSize());
        warn(field, seen, values.size());
        int slots = LearnedField.Vocabulary.RESERVED + values.size();
        // The rule of thumb of fast.ai: 1.6 n^0.56, at most 64.
        int embedding = field.embedding() > 0
                ? field.embedding()
                : (int) Math.min(64, Math.max(2, Math.round(1.6 * Math.pow(slots, 0.56))));
        return new LearnedField.Vocabulary(values, embedding);
    }

    private void warn(FieldSpec.Categorical field, ValueCounts seen, int learned) {
        String distinct = (seen.exact() ? "" : "up to ") + seen.distinct();
        if (seen.total() == 0) {
            warnings.add(noValue(field));
        } else if (seen.distinct() == 1) {
            warnings.add("field '" + field.name() + "' is always '"
                    + seen.mostFrequent(1, 1).get(0) + "' in the training data");
        } else if (seen.total() >= FEW && seen.distinct() >= NEARLY_ALL * seen.total()) {
            warnings.add("field '" + field.name() + "' has " + distinct + " values in " + seen.total()
                    + " training events, nearly one an event: it looks like a name or a number, of which a network learns"
                    + " nothing. Remove it, make it numeric, or set max-size or min-count");
        } else if (learned < seen.distinct()) {
            warnings.add("field '" + field.name() + "' has " + distinct + " values in the training data; " + learned
                    + " are learned, the rest are unknown. Raise max-size or lower min-count to learn more of them");
        }
    }

    @Override
    public void close() throws IOException {
        for (NumberSpool spool : numbers) {
            spool.close();
        }
    }
}
