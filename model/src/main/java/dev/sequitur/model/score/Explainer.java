package dev.sequitur.model.score;

import com.fasterxml.jackson.core.io.NumberOutput;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.FeatureLayout;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.Slice;
import dev.sequitur.model.head.HeadLayout;
import dev.sequitur.model.spec.AlarmSpec;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Flags;
import dev.sequitur.schemas.Probability;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Turns the floats of a step into what people read: which field surprised, what was expected, what comes next, in the
 * fields' own units.
 *
 * <p>Threading: immutable, safe for use by many threads.
 */
public final class Explainer {
    /** An observed value is quoted up to this many characters. */
    private static final int QUOTE = 256;

    private static final double Z_90 = 1.6448536269514722;

    private final PipelineSpec spec;
    private final HeadLayout heads;
    private final Map<String, LearnedField> learned;
    private final boolean[] alarming;
    private final boolean[] predicted;
    private final int[] fieldIndex;
    private final List<Ranked> ranked;
    private final List<Slice> counted;

    /** Explains one network. */
    public Explainer(PipelineSpec spec, Map<String, LearnedField> learned) {
        this(spec, learned, new HeadLayout(spec, learned));
    }

    /** @param heads where the parameters stand: those of an ensemble describe mixtures */
    public Explainer(PipelineSpec spec, Map<String, LearnedField> learned, HeadLayout heads) {
        this.spec = spec;
        this.learned = Map.copyOf(learned);
        this.heads = heads;
        this.alarming = new boolean[heads.surprises()];
        this.predicted = new boolean[heads.surprises()];
        this.fieldIndex = new int[heads.surprises()];
        for (HeadLayout.Target target : heads.targets()) {
            alarming[target.index()] = spec.task().alarm().on().contains(target.name());
            predicted[target.index()] = spec.task().predict().contains(target.name());
            fieldIndex[target.index()] = target.end() ? -1 : spec.fields().indexOf(target.field());
        }
        this.ranked = ranked();
        this.counted = counted();
    }

    /** A categorical target whose values are ranked: its slot in the feature row, its probabilities. */
    private record Ranked(int slotAt, int probabilitiesAt, int slots) {}

    private List<Ranked> ranked() {
        if (!(spec.task().alarm().scorer() instanceof AlarmSpec.TopG)) {
            return List.of();
        }
        FeatureLayout features = new FeatureLayout(spec);
        return heads.targets().stream()
                .filter(target -> alarming[target.index()] && target.field() instanceof FieldSpec.Categorical)
                .map(target -> new Ranked(
                        features.of(target.field()).offset(),
                        target.parameters().offset(),
                        target.parameters().width()))
                .toList();
    }

    /** Where the feature row has the numeric targets whose values a scorer counts: the value, then 1 where present. */
    private List<Slice> counted() {
        if (!(spec.task().alarm().scorer() instanceof AlarmSpec.Novelty novelty)) {
            return List.of();
        }
        FeatureLayout features = new FeatureLayout(spec);
        return novelty.fields().stream()
                .map(name -> features.of(spec.field(name)))
                .toList();
    }

    public HeadLayout heads() {
        return heads;
    }

    /** Nats, summed over the fields that alarms look at; {@code surprises} is {@code [rows, F]}. */
    public double surprise(float[] surprises, int row) {
        double sum = 0;
        for (int f = 0; f < alarming.length; f++) {
            if (alarming[f]) {
                sum += surprises[row * alarming.length + f];
            }
        }
        return sum;
    }

    /**
     * What a scorer sees of an event that was stepped in row {@code row} of the batch.
     *
     * @param event null for the end of the sequence
     */
    public Observation observe(Event event, StepBatch batch, int row) {
        int worst = 1;
        for (Ranked field : event == null ? List.<Ranked>of() : ranked) {
            int slot = (int) batch.features[row * batch.shape().features() + field.slotAt];
            int at = row * heads.parameters() + field.probabilitiesAt;
            worst = Math.max(worst, rank(batch.expected, at, field.slots, slot));
        }
        float[] values = values(event, batch.features, row * batch.shape().features());
        return new Observation(surprise(batch.surprise, row), worst, values);
    }

    /**
     * Scaled values that the spec's scorer counts, NaN where one is missing, from the feature row at {@code from}.
     *
     * @param event null for the end of the sequence, which has none
     */
    public float[] values(Event event, float[] features, int from) {
        float[] values = new float[counted.size()];
        for (int i = 0; i < values.length; i++) {
            int at = from + counted.get(i).offset();
            boolean present = event != null && features[at + 1] == 1;
            values[i] = present ? features[at] : Float.NaN;
        }
        return values;
    }

    /** Place of the i-th of {@code n} values in descending order, from 1; ties by index, as in {@link #top}. */
    static int rank(float[] values, int at, int n, int i) {
        int rank = 1;
        for (int j = 0; j < n; j++) {
            rank += values[at + j] > values[at + i] || values[at + j] == values[at + i] && j < i ? 1 : 0;
        }
        return rank;
    }

    /**
     * Every predicted field of an event that was stepped in row {@code row} of the batch.
     *
     * @param event null for the end of the sequence: then END is the only field
     * @param clock as the event found it
     */
    public List<FieldSurprise> explain(Event event, EntityClock clock, StepBatch batch, int row) {
        List<FieldSurprise> fields = new ArrayList<>(heads.surprises());
        for (HeadLayout.Target target : heads.targets()) {
            if (event == null && !target.end()) {
                continue;
            }
            fields.add(new FieldSurprise(
                    (double) batch.surprise[row * heads.surprises() + target.index()],
                    observed(target, event, clock),
                    expectation(target, batch.expected, row)));
        }
        return fields;
    }

    /** The fields that the spec predicts, from {@code parameters [rows, P]}. */
    public List<Expectation> predict(float[] parameters, int row) {
        List<Expectation> fields = new ArrayList<>(heads.surprises());
        for (HeadLayout.Target target : heads.targets()) {
            if (predicted[target.index()]) {
                fields.add(expectation(target, parameters, row));
            }
        }
        return fields;
    }

    private String observed(HeadLayout.Target target, Event event, EntityClock clock) {
        if (target.end()) {
            return Boolean.toString(event == null);
        }
        if (target.field() instanceof FieldSpec.SincePrevious) {
            return clock.steps() == 0 ? null : Long.toString(Math.max(0, event.timeMs() - clock.lastEventMs()));
        }
        Object value = event.values()[fieldIndex[target.index()]];
        if (value == null) {
            return null;
        }
        if (value instanceof boolean[] set) {
            List<String> names = ((FieldSpec.Flags) target.field()).flags();
            List<String> on = new ArrayList<>();
            for (int i = 0; i < set.length; i++) {
                if (set[i]) {
                    on.add(names.get(i));
                }
            }
            return quote(String.join(" ", on));
        }
        // Every event has some: the JDK's own takes several times as long before version 19.
        return value instanceof Double number ? NumberOutput.toString(number, true) : quote(value.toString());
    }

    private static String quote(String text) {
        if (text.length() <= QUOTE) {
            return text;
        }
        return text.substring(0, Character.isHighSurrogate(text.charAt(QUOTE - 1)) ? QUOTE - 1 : QUOTE) + "…";
    }

    private Expectation expectation(HeadLayout.Target target, float[] parameters, int row) {
        int at = row * heads.parameters() + target.parameters().offset();
        return new Expectation(target.name(), distribution(target, parameters, at));
    }

    private Object distribution(HeadLayout.Target target, float[] parameters, int at) {
        if (target.end()) {
            return new Binary((double) parameters[at]);
        }
        LearnedField known = learned.get(target.name());
        if (target.field() instanceof FieldSpec.Numeric) {
            LearnedField.Scale scale = (LearnedField.Scale) known;
            if (!target.plainNormal()) {
                return new Continuous(
                        scale.inverse(Normal.mixtureQuantile(parameters, at, target.normals(), 0.5)),
                        scale.inverse(Normal.mixtureQuantile(parameters, at, target.normals(), 0.05)),
                        scale.inverse(Normal.mixtureQuantile(parameters, at, target.normals(), 0.95)));
            }
            double mean = parameters[at];
            double reach = Z_90 * parameters[at + 1];
            return new Continuous(scale.inverse(mean), scale.inverse(mean - reach), scale.inverse(mean + reach));
        } else if (target.field() instanceof FieldSpec.SincePrevious) {
            LearnedField.Scale scale = (LearnedField.Scale) known;
            return new Continuous(
                    millis(scale, parameters, at, target.normals(), 0.5),
                    millis(scale, parameters, at, target.normals(), 0.05),
                    millis(scale, parameters, at, target.normals(), 0.95));
        } else if (target.field() instanceof FieldSpec.Flags flags) {
            double count = 0;
            for (int i = 0; i < flags.flags().size(); i++) {
                count += parameters[at + i];
            }
            int[] top = top(parameters, at, flags.flags().size(), spec.task().top());
            return new Flags(count, probabilities(top, parameters, at, flags.flags()::get));
        }
        LearnedField.Vocabulary vocabulary = (LearnedField.Vocabulary) known;
        int[] top = top(parameters, at, vocabulary.size(), spec.task().top());
        return new Categorical(probabilities(top, parameters, at, vocabulary::value));
    }

    private static double millis(LearnedField.Scale scale, float[] parameters, int at, int components, double p) {
        return Math.max(0, scale.inverse(Normal.mixtureQuantile(parameters, at, components, p)));
    }

    private static List<Probability> probabilities(
            int[] top, float[] parameters, int at, java.util.function.IntFunction<String> names) {
        List<Probability> list = new ArrayList<>(top.length);
        for (int i : top) {
            list.add(new Probability(names.apply(i), (double) parameters[at + i]));
        }
        return list;
    }

    /** Indices of the {@code k} largest of {@code n} values, largest first; ties by index. */
    public static int[] top(float[] values, int at, int n, int k) {
        int[] top = new int[Math.min(k, n)];
        int size = 0;
        for (int i = 0; i < n; i++) {
            if (size == top.length && values[at + i] <= values[at + top[size - 1]]) {
                continue;
            }
            int j = size < top.length ? size++ : size - 1;
            for (; j > 0 && values[at + top[j - 1]] < values[at + i]; j--) {
                top[j] = top[j - 1];
            }
            top[j] = i;
        }
        return top;
    }
}
