package dev.sequitur.model.head;

import dev.sequitur.model.feature.FeatureLayout;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.Slice;
import dev.sequitur.model.graph.Columns;
import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Weights;
import dev.sequitur.model.spec.FieldSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * The distribution of the next event: a dense layer and the heads of the predicted fields. Given the past, the fields
 * are independent of each other, and of the end: {@code p(event) = (1 − p(END)) Π_f p(f)}, so surprise is a sum.
 */
public final class HeadLayer {
    private final FeatureLayout features;
    private final List<HeadLayout.Target> targets;
    private final List<Head> heads = new ArrayList<>();
    private final List<Slice> raw = new ArrayList<>();
    private final Operand<TFloat32> kernel;
    private final Operand<TFloat32> bias;

    /** @param inputs width of what {@link #raw} gets */
    public HeadLayer(
            FeatureLayout features, HeadLayout layout, Map<String, LearnedField> learned, Weights weights, int inputs) {
        this.features = features;
        this.targets = layout.targets();
        int width = 0;
        List<float[]> biases = new ArrayList<>();
        for (HeadLayout.Target target : targets) {
            Head head = head(target.field(), learned.get(target.name()));
            heads.add(head);
            biases.add(head.initialBias());
            raw.add(new Slice(target.name(), width, head.initialBias().length));
            width += head.initialBias().length;
        }
        this.kernel = weights.get("heads/kernel", Initializer.glorotUniform(), inputs, width);
        this.bias = weights.get("heads/bias", (shape, random) -> join(biases, shape[0]), width);
    }

    private static float[] join(List<float[]> parts, int size) {
        float[] all = new float[size];
        int at = 0;
        for (float[] part : parts) {
            System.arraycopy(part, 0, all, at, part.length);
            at += part.length;
        }
        return all;
    }

    private static Head head(FieldSpec field, LearnedField learned) {
        if (field == null) {
            return new BernoulliHead(1);
        } else if (field instanceof FieldSpec.Categorical) {
            return new SoftmaxHead(((LearnedField.Vocabulary) learned).size());
        } else if (field instanceof FieldSpec.Flags flags) {
            return new BernoulliHead(flags.flags().size());
        } else if (field instanceof FieldSpec.SincePrevious time) {
            return new NormalMixtureHead(time.components());
        }
        int components = ((FieldSpec.Numeric) field).components();
        return components == 1 ? new GaussianHead() : new NormalMixtureHead(components);
    }

    /** What the heads get, {@code [N,R]}, of what the network knows, {@code [N,inputs]}. */
    public Operand<TFloat32> raw(Ops tf, Operand<TFloat32> known) {
        return tf.nn.biasAdd(tf.linalg.matMul(known, kernel), bias);
    }

    /** Nats {@code [N,F]} of the events {@code rows [N,I]}. */
    public Operand<TFloat32> surprise(Ops tf, Operand<TFloat32> rawInputs, Operand<TFloat32> rows) {
        return join(
                tf, rows, (f, observed) -> heads.get(f).surprise(tf, Columns.of(tf, rawInputs, raw.get(f)), observed));
    }

    /**
     * As {@link #surprise}, with the softmax of some fields over a sample of their classes, which is all that is computed
     * of them. For training: an estimate, too low on average.
     *
     * @param known {@code [N,inputs]}, what {@link #raw} gets
     * @param sampled by field
     */
    public Operand<TFloat32> surprise(
            Ops tf, Operand<TFloat32> known, Operand<TFloat32> rows, Map<String, SampledClasses> sampled) {
        return join(tf, rows, (f, observed) -> {
            Slice slice = raw.get(f);
            Operand<TFloat32> columns = Columns.of(tf, kernel, slice);
            Operand<TFloat32> biases =
                    tf.slice(bias, tf.constant(new int[] {slice.offset()}), tf.constant(new int[] {slice.width()}));
            SampledClasses classes = sampled.get(targets.get(f).name());
            return classes == null
                    ? heads.get(f).surprise(tf, tf.nn.biasAdd(tf.linalg.matMul(known, columns), biases), observed)
                    : classes.surprise(tf, known, columns, biases, observed);
        });
    }

    @FunctionalInterface
    private interface FieldNats {
        /** @param observed {@code [N,·]} the field's slice of the rows */
        Operand<TFloat32> of(int target, Operand<TFloat32> observed);
    }

    private Operand<TFloat32> join(Ops tf, Operand<TFloat32> rows, FieldNats fields) {
        Operand<TFloat32> goesOn = features.end().isPresent()
                ? tf.math.sub(
                        tf.constant(1f), Columns.of(tf, rows, features.end().get()))
                : null;
        List<Operand<TFloat32>> nats = new ArrayList<>();
        for (int f = 0; f < heads.size(); f++) {
            HeadLayout.Target target = targets.get(f);
            Slice slice = target.end() ? features.end().orElseThrow() : features.of(target.field());
            Operand<TFloat32> field = fields.of(f, Columns.of(tf, rows, slice));
            // The row of the end has no other fields.
            nats.add(target.end() || goesOn == null ? field : tf.math.mul(field, goesOn));
        }
        return Columns.join(tf, nats);
    }

    /** Parameters {@code [N,P]} of the distribution. */
    public Operand<TFloat32> parameters(Ops tf, Operand<TFloat32> rawInputs) {
        List<Operand<TFloat32>> parameters = new ArrayList<>();
        for (int f = 0; f < heads.size(); f++) {
            parameters.add(heads.get(f).parameters(tf, Columns.of(tf, rawInputs, raw.get(f))));
        }
        return Columns.join(tf, parameters);
    }
}
