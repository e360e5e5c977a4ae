package dev.sequitur.model.train;

import dev.sequitur.model.feature.FeatureLayout;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.graph.Columns;
import dev.sequitur.model.graph.Dropout;
import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.model.graph.Noise;
import dev.sequitur.model.graph.VariableWeights;
import dev.sequitur.model.head.HeadLayout;
import dev.sequitur.model.head.SampledClasses;
import dev.sequitur.model.network.SequenceNetwork;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.step.Device;
import dev.sequitur.model.step.Devices;
import dev.sequitur.model.step.NativeMemory;
import dev.sequitur.model.step.StepShape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;
import org.tensorflow.types.TInt64;

/**
 * The network unrolled over a window, its loss and its optimizer: truncated backpropagation through time (Werbos 1990;
 * Williams and Peng 1990), with the state carried from window to window.
 *
 * <p>Threading: belongs to one thread.
 */
final class TrainingGraph implements AutoCloseable {
    private static final String AVERAGE = "average/";

    static {
        NativeMemory.leaveToTheSystem();
    }

    private final int lanes;
    private final int window;
    private final StepShape shape;
    private final float[] fieldWeights;
    private final double keep;
    private final double keepGiven;
    private final Graph graph = new Graph();
    private final Session session;
    private final VariableWeights weights;
    private final VariableWeights slots;
    private final Adam adam;
    private final Placeholder<TFloat32> rowsIn;
    private final Placeholder<TFloat32> weightsIn;
    private final Placeholder<TFloat32> stateIn;
    private final Placeholder<TFloat32> keepIn;
    private final Placeholder<TFloat32> keepGivenIn;
    private final Placeholder<TFloat32> noiseIn;
    private final Placeholder<TFloat32> rateIn;
    private final Placeholder<TFloat32> averagingIn;
    private final Placeholder<TInt64> seedIn;
    private final Operand<TFloat32> surpriseOut;
    private final Operand<TFloat32> stateOut;
    private final Operand<TFloat32> lossOut;
    private final List<Sampled> sampled = new ArrayList<>();

    /** A field whose softmax is over a sample of its classes, drawn anew for every training step. */
    private record Sampled(
            String field, ClassSampler sampler, Placeholder<TInt32> slotsIn, Placeholder<TFloat32> logSharesIn) {}

    /**
     * @param classCounts of the training data, by categorical target, by slot
     * @param seed of the initial weights
     */
    TrainingGraph(
            PipelineSpec spec,
            Map<String, LearnedField> learned,
            Map<String, long[]> classCounts,
            int lanes,
            long seed) {
        PipelineSpec.TrainingSpec training = spec.training();
        this.lanes = lanes;
        this.window = training.window();
        this.keep = 1 - training.dropout();
        this.keepGiven = 1 - training.givenDropout();
        Ops tf = Ops.create(graph);
        weights = new VariableWeights(tf, seed);
        slots = new VariableWeights(tf, seed);
        SequenceNetwork network = new SequenceNetwork(spec, learned, weights);
        shape = network.shape();

        rowsIn = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(window, lanes, shape.features())));
        weightsIn = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(window * (long) lanes)));
        stateIn = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(lanes, shape.state())));
        keepIn = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
        keepGivenIn = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
        noiseIn = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
        rateIn = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
        seedIn = tf.placeholder(TInt64.class, Placeholder.shape(Shape.scalar()));
        List<HeadLayout.Target> targets = new HeadLayout(spec, learned).targets();
        Map<String, SampledClasses> samples = new HashMap<>();
        for (HeadLayout.Target target : targets) {
            long[] counts = classCounts.get(target.name());
            if (counts != null && training.sampled() > 0 && counts.length > training.sampled()) {
                Sampled field = new Sampled(
                        target.name(),
                        new ClassSampler(counts, training.sampled()),
                        tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1))),
                        tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1))));
                sampled.add(field);
                samples.put(field.field(), new SampledClasses(field.slotsIn(), field.logSharesIn()));
            }
        }
        var regularization = new SequenceNetwork.Regularization(
                new Dropout(keepIn, seedIn), new Dropout(keepGivenIn, seedIn), new Noise(noiseIn, seedIn), samples);
        SequenceNetwork.Outputs outputs = network.unroll(tf, window, rowsIn, null, stateIn, regularization);
        surpriseOut = outputs.surprise();
        stateOut = outputs.state();

        fieldWeights = new float[shape.surprises()];
        for (HeadLayout.Target target : targets) {
            fieldWeights[target.index()] =
                    training.weights().getOrDefault(target.name(), 1.0).floatValue();
        }
        Operand<TFloat32> trained = tf.math.mul(outputs.trained(), tf.constant(fieldWeights));
        if (!training.classWeights().isEmpty()) {
            Operand<TFloat32> flat = tf.reshape(rowsIn, tf.constant(new int[] {-1, shape.features()}));
            List<Operand<TFloat32>> ofClass = new ArrayList<>();
            for (HeadLayout.Target target : targets) {
                ofClass.add(classWeight(tf, spec, learned, classCounts, target, flat));
            }
            trained = tf.math.mul(trained, Columns.join(tf, ofClass));
        }
        Operand<TFloat32> surprises = tf.reduceSum(trained, tf.constant(1));
        Operand<TFloat32> perEvent = outputs.penalty()
                .<Operand<TFloat32>>map(penalty -> tf.math.add(surprises, penalty))
                .orElse(surprises);
        Operand<TFloat32> count = tf.math.maximum(tf.reduceSum(weightsIn, tf.constant(0)), tf.constant(1f));
        lossOut = tf.math.div(tf.reduceSum(tf.math.mul(perEvent, weightsIn), tf.constant(0)), count);
        averagingIn = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.scalar()));
        List<Variable<TFloat32>> averaged = new ArrayList<>();
        if (training.averaging() > 0) {
            // An average starts where its weight starts.
            for (NamedWeight weight : weights.initial()) {
                averaged.add(slots.get(AVERAGE + weight.name(), (shape, random) -> weight.values(), weight.shape()));
            }
        }
        adam = new Adam(
                graph,
                tf,
                lossOut,
                stateOut,
                weights.variables(),
                slots,
                rateIn,
                training.clipNorm(),
                training.weightDecay(),
                averaged,
                averagingIn);

        int threads = training.threads();
        session = new Session(graph, Devices.session(Device.AUTO, threads));
        weights.write(session, weights.initial());
        slots.write(session, slots.initial());
    }

    /** What the loss of a target weighs in each row, {@code [N,1]}. */
    private static Operand<TFloat32> classWeight(
            Ops tf,
            PipelineSpec spec,
            Map<String, LearnedField> learned,
            Map<String, long[]> classCounts,
            HeadLayout.Target target,
            Operand<TFloat32> rows) {
        PipelineSpec.ClassWeightSpec weights = spec.training().classWeights().get(target.name());
        if (weights == null) {
            return tf.onesLike(Columns.of(tf, rows, 0, 1));
        }
        float[] ofSlot = ClassWeights.of(
                weights, (LearnedField.Vocabulary) learned.get(target.name()), classCounts.get(target.name()));
        Operand<TFloat32> slots = Columns.of(tf, rows, new FeatureLayout(spec).of(target.field()));
        return tf.gather(tf.constant(ofSlot), tf.dtypes.cast(slots, TInt32.class), tf.constant(0));
    }

    StepShape shape() {
        return shape;
    }

    /** Weight of each surprise [F] in the loss. */
    float[] fieldWeights() {
        return fieldWeights;
    }

    int lanes() {
        return lanes;
    }

    List<NamedWeight> weights() {
        return weights.read(session);
    }

    /** The weights averaged over the steps; as they stand where the spec wants no averaging. */
    List<NamedWeight> averages() {
        List<NamedWeight> averages = slots.read(session).stream()
                .filter(slot -> slot.name().startsWith(AVERAGE))
                .map(slot -> new NamedWeight(slot.name().substring(AVERAGE.length()), slot.shape(), slot.values()))
                .toList();
        return averages.isEmpty() ? weights() : averages;
    }

    void setWeights(List<NamedWeight> values) {
        weights.write(session, values);
    }

    List<NamedWeight> slots() {
        return slots.read(session);
    }

    void setSlots(List<NamedWeight> values) {
        slots.write(session, values);
    }

    /** Trainable floats. */
    long size() {
        return weights.initial().stream().mapToLong(w -> w.values().length).sum();
    }

    /** @param norm global norm of the gradient, before it was clipped */
    record StepResult(double loss, double norm) {}

    /**
     * One training step on a window.
     *
     * @param state {@code [lanes, S]}, replaced by the state after the window
     * @param averaging share of the way that the averages move towards the weights
     * @param step names the step; dropout masks and samples of classes follow from it alone
     */
    StepResult train(
            float[] rows, float[] eventWeights, float[] state, double learningRate, double averaging, long step) {
        try (Feeds feeds = new Feeds(rows, eventWeights, state, keep, keepGiven, 1, step)) {
            for (Sampled field : sampled) {
                int[] drawn = field.sampler()
                        .draw(new Random(step * 31 + field.field().hashCode()));
                feeds.also(field.slotsIn(), TInt32.vectorOf(drawn));
                feeds.also(
                        field.logSharesIn(), TFloat32.vectorOf(field.sampler().logShares(drawn)));
            }
            try (TFloat32 rate = TFloat32.scalarOf((float) learningRate);
                    TFloat32 share = TFloat32.scalarOf((float) averaging)) {
                Session.Runner runner = feeds.feed(session.runner())
                        .feed(rateIn, rate)
                        .feed(averagingIn, share)
                        .fetch(lossOut)
                        .fetch(adam.norm())
                        .fetch(stateOut);
                adam.update().forEach(runner::addTarget);
                try (var result = runner.run()) {
                    ((TFloat32) result.get(2)).copyTo(DataBuffers.of(state));
                    return new StepResult(((TFloat32) result.get(0)).getFloat(), ((TFloat32) result.get(1)).getFloat());
                }
            }
        }
    }

    /**
     * The surprises {@code [T·lanes, F]} of a window, without dropout and noise: what the bundle will serve.
     *
     * @param state {@code [lanes, S]}, replaced by the state after the window
     */
    void evaluate(float[] rows, float[] eventWeights, float[] state, float[] surprise) {
        try (Feeds feeds = new Feeds(rows, eventWeights, state, 1, 1, 0, 0);
                var result = feeds.feed(session.runner())
                        .fetch(surpriseOut)
                        .fetch(stateOut)
                        .run()) {
            ((TFloat32) result.get(0)).copyTo(DataBuffers.of(surprise));
            ((TFloat32) result.get(1)).copyTo(DataBuffers.of(state));
        }
    }

    /** The tensors that every run is fed. */
    private final class Feeds implements AutoCloseable {
        private final List<Tensor> tensors = new ArrayList<>();
        private final Map<Operand<?>, Tensor> more = new LinkedHashMap<>();

        Feeds(
                float[] rows,
                float[] eventWeights,
                float[] state,
                double keepShare,
                double keepGivenShare,
                double noise,
                long step) {
            tensors.add(TFloat32.tensorOf(Shape.of(window, lanes, shape.features()), DataBuffers.of(rows)));
            tensors.add(TFloat32.tensorOf(Shape.of(window * (long) lanes), DataBuffers.of(eventWeights)));
            tensors.add(TFloat32.tensorOf(Shape.of(lanes, shape.state()), DataBuffers.of(state)));
            tensors.add(TFloat32.scalarOf((float) keepShare));
            tensors.add(TFloat32.scalarOf((float) keepGivenShare));
            tensors.add(TFloat32.scalarOf((float) noise));
            tensors.add(TInt64.scalarOf(step));
        }

        void also(Operand<?> placeholder, Tensor value) {
            more.put(placeholder, value);
        }

        Session.Runner feed(Session.Runner runner) {
            more.forEach(runner::feed);
            return runner.feed(rowsIn, tensors.get(0))
                    .feed(weightsIn, tensors.get(1))
                    .feed(stateIn, tensors.get(2))
                    .feed(keepIn, tensors.get(3))
                    .feed(keepGivenIn, tensors.get(4))
                    .feed(noiseIn, tensors.get(5))
                    .feed(seedIn, tensors.get(6));
        }

        @Override
        public void close() {
            tensors.forEach(Tensor::close);
            more.values().forEach(Tensor::close);
        }
    }

    @Override
    public void close() {
        session.close();
        graph.close();
    }
}
