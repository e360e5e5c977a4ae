package dev.sequitur.model.step;

import dev.sequitur.model.feature.FeatureLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Result;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.proto.SignatureDef;
import org.tensorflow.proto.TensorInfo;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/**
 * Steps entities with a SavedModel that has the signatures {@code step} and {@code block_T}. One graph, one session for
 * the whole process; a call runs on the thread that makes it.
 *
 * <p>Threading: safe for use by many threads. {@link #close} must not race a call.
 */
public final class TensorFlowStepFunction implements StepFunction {
    /** Name of the signature that steps one event. */
    public static final String STEP = "step";

    /** Name of the signature that says what a prediction looks at; only a model with attention has it. */
    public static final String ATTENTION = "attention";

    /** Name of the signature that says what a step computes inside; a model written by an older version lacks it. */
    public static final String GATES = "gates";

    private static final String STATE = "state";

    private final SavedModelBundle model;
    private final StepShape shape;
    private final Device device;
    private final Call step;
    private final Map<Integer, Call> blocks = new HashMap<>();
    private final Optional<AttentionCall> attention;
    private final Optional<GatesCall> gates;

    /** The ends of a signature in the graph. */
    private record Call(
            Operand<?> features,
            Operand<?> state,
            Operand<?> lengths,
            Operand<?> surprise,
            Operand<?> expected,
            Operand<?> prediction,
            Operand<?> newState) {}

    private record AttentionCall(Operand<?> state, Operand<?> weights) {}

    /** @param signals by name, in the names' order */
    private record GatesCall(
            Operand<?> features, Operand<?> state, SortedMap<String, Operand<?>> signals, Operand<?> newState) {}

    /**
     * What a step of one entity computed inside.
     *
     * @param signals by name ({@code 1.forget}), one value a unit
     * @param state {@code [S]}, the state row after the step
     */
    public record Inside(SortedMap<String, float[]> signals, float[] state) {}

    /**
     * @param directory of the SavedModel
     * @param blockSteps the T of its block signatures
     * @param attends whether the model has attention
     * @param device as {@link Devices#resolve} gave it
     * @throws IllegalArgumentException when a signature is missing or lacks an input or output
     */
    public TensorFlowStepFunction(
            String directory, StepShape shape, List<Integer> blockSteps, boolean attends, Device device) {
        this.shape = shape;
        this.device = device;
        // Stream threads are the parallelism, and TensorFlow's own pool would fight them.
        model = SavedModelBundle.loader(directory)
                .withTags(SavedModelBundle.DEFAULT_TAG)
                .withConfigProto(Devices.onCallersThread(device))
                .load();
        try {
            step = call(STEP, false);
            for (int t : blockSteps) {
                blocks.put(t, call(block(t), true));
            }
            attention = attends ? Optional.of(attentionCall()) : Optional.empty();
            gates = model.metaGraphDef().containsSignatureDef(GATES) ? Optional.of(gatesCall()) : Optional.empty();
        } catch (RuntimeException e) {
            model.close();
            throw e;
        }
    }

    /** Name of the signature that steps T events. */
    public static String block(int steps) {
        return "block_" + steps;
    }

    private SignatureDef signature(String name) {
        SignatureDef definition = model.metaGraphDef().getSignatureDefMap().get(name);
        if (definition == null) {
            throw new IllegalArgumentException("the SavedModel has no signature '" + name + "'; there are "
                    + model.signatures().stream().map(Signature::key).toList());
        }
        return definition;
    }

    private AttentionCall attentionCall() {
        SignatureDef definition = signature(ATTENTION);
        return new AttentionCall(
                operand(ATTENTION, definition.getInputsMap(), STATE),
                operand(ATTENTION, definition.getOutputsMap(), "weights"));
    }

    private GatesCall gatesCall() {
        SignatureDef definition = signature(GATES);
        SortedMap<String, Operand<?>> signals = new TreeMap<>();
        definition.getOutputsMap().keySet().stream()
                .filter(name -> !name.equals(STATE))
                .forEach(name -> signals.put(name, operand(GATES, definition.getOutputsMap(), name)));
        return new GatesCall(
                operand(GATES, definition.getInputsMap(), "features"),
                operand(GATES, definition.getInputsMap(), STATE),
                signals,
                operand(GATES, definition.getOutputsMap(), STATE));
    }

    private Call call(String name, boolean block) {
        SignatureDef definition = signature(name);
        Map<String, TensorInfo> in = definition.getInputsMap();
        Map<String, TensorInfo> out = definition.getOutputsMap();
        return new Call(
                operand(name, in, "features"),
                operand(name, in, STATE),
                block ? operand(name, in, "lengths") : null,
                operand(name, out, "surprise"),
                operand(name, out, "expected"),
                operand(name, out, "prediction"),
                operand(name, out, STATE));
    }

    private Operand<?> operand(String signature, Map<String, TensorInfo> ends, String end) {
        TensorInfo info = ends.get(end);
        if (info == null) {
            throw new IllegalArgumentException(
                    "signature '" + signature + "' has no '" + end + "'; there are " + ends.keySet());
        }
        Graph graph = model.graph();
        return graph.outputOrThrow(info.getName());
    }

    @Override
    public StepShape shape() {
        return shape;
    }

    @Override
    public Device device() {
        return device;
    }

    @Override
    public List<Integer> blocks() {
        return blocks.keySet().stream().sorted().toList();
    }

    @Override
    public void step(StepBatch batch) {
        if (batch.rows() == 0) {
            return;
        }
        if (batch.steps() > 1) {
            block(
                    batch.steps(),
                    batch.features,
                    Arrays.copyOf(batch.lengths, batch.width()),
                    batch.state,
                    batch.surprise,
                    batch.expected,
                    batch.prediction);
            return;
        }
        long rows = batch.width();
        run(
                step,
                Shape.of(rows, shape.features()),
                batch.features,
                null,
                Shape.of(rows, shape.state()),
                batch.state,
                batch.surprise,
                batch.expected,
                batch.prediction);
    }

    /**
     * Steps T events of each of B entities, with T one of the block sizes.
     *
     * <p>A session starts with an entity's first event in the block or with none: an event that starts one ends the
     * entity's block before it. TensorFlow's kernel for many steps can't reset a state on its way.
     *
     * @param features {@code [T,B,I]}
     * @param lengths {@code [B]}: events of each entity, at most T; later slots are ignored
     * @param state {@code [B,S]}, replaced by each entity's state after its own length
     * @param surprise {@code [T,B,F]}, filled
     * @param expected {@code [T,B,P]}, filled
     * @param prediction {@code [T,B,P]}, filled
     * @throws IllegalArgumentException when there is no block of T steps, or a session starts inside
     */
    public void block(
            int steps,
            float[] features,
            int[] lengths,
            float[] state,
            float[] surprise,
            float[] expected,
            float[] prediction) {
        Call call = blocks.get(steps);
        if (call == null) {
            throw new IllegalArgumentException("no block of " + steps + " steps; there are " + blocks.keySet());
        }
        requireNoStartInside(features, lengths);
        long rows = lengths.length;
        run(
                call,
                Shape.of(steps, rows, shape.features()),
                features,
                lengths,
                Shape.of(rows, shape.state()),
                state,
                surprise,
                expected,
                prediction);
    }

    /**
     * What the prediction of one state looks at.
     *
     * @param state {@code [S]}
     * @return weights {@code [W]} of the last W events, newest first, with sum 1; 0 for events that there weren't
     * @throws IllegalStateException when the model has no attention
     */
    public float[] attention(float[] state) {
        AttentionCall call = attention.orElseThrow(() -> new IllegalStateException(
                "The model has no attention. Train one with cell: {attention: W}, W the events to look back on."));
        try (TFloat32 row = tensor(Shape.of(1, shape.state()), state);
                Result result = model.session()
                        .runner()
                        .feed(call.state(), row)
                        .fetch(call.weights())
                        .run()) {
            return values(result, 0);
        }
    }

    /** Whether the model has attention. */
    public boolean attends() {
        return attention.isPresent();
    }

    /**
     * Steps one entity by one event and says what the network computed on the way.
     *
     * @param features {@code [I]}, the encoded event
     * @param state {@code [S]}, before it; not changed
     * @throws IllegalStateException when the model says nothing of its gates
     */
    public Inside look(float[] features, float[] state) {
        GatesCall call = gates.orElseThrow(() -> new IllegalStateException(
                "The model was written by a version that knew no signature '" + GATES + "': expected it, got "
                        + model.signatures().stream()
                                .map(Signature::key)
                                .sorted()
                                .toList()
                        + ". Train it again to see what its gates do"));
        try (TFloat32 row = tensor(Shape.of(1, shape.features()), features);
                TFloat32 before = tensor(Shape.of(1, shape.state()), state)) {
            Session.Runner runner =
                    model.session().runner().feed(call.features(), row).feed(call.state(), before);
            call.signals().values().forEach(runner::fetch);
            try (Result result = runner.fetch(call.newState()).run()) {
                SortedMap<String, float[]> signals = new TreeMap<>();
                for (String name : call.signals().keySet()) {
                    signals.put(name, values(result, signals.size()));
                }
                return new Inside(signals, values(result, signals.size()));
            }
        }
    }

    private static float[] values(Result result, int index) {
        float[] values = new float[Math.toIntExact(result.get(index).size())];
        copy(result, index, values);
        return values;
    }

    private void requireNoStartInside(float[] features, int[] lengths) {
        for (int row = 0; row < lengths.length; row++) {
            for (int t = 1; t < lengths[row]; t++) {
                if (features[(t * lengths.length + row) * shape.features() + FeatureLayout.START] != 0) {
                    throw new IllegalArgumentException("row " + row + " of a block starts a session at its event " + t
                            + "; expected a start at event 0 or none. Step the events from there in another block");
                }
            }
        }
    }

    private void run(
            Call call,
            Shape featureShape,
            float[] features,
            int[] lengths,
            Shape stateShape,
            float[] state,
            float[] surprise,
            float[] expected,
            float[] prediction) {
        List<Tensor> inputs = new ArrayList<>(3);
        try {
            Session.Runner runner = model.session().runner();
            inputs.add(tensor(featureShape, features));
            runner.feed(call.features(), inputs.get(0));
            inputs.add(tensor(stateShape, state));
            runner.feed(call.state(), inputs.get(1));
            if (lengths != null) {
                inputs.add(TInt32.vectorOf(lengths));
                runner.feed(call.lengths(), inputs.get(2));
            }
            runner.fetch(call.surprise())
                    .fetch(call.expected())
                    .fetch(call.prediction())
                    .fetch(call.newState());
            try (Result result = runner.run()) {
                copy(result, 0, surprise);
                copy(result, 1, expected);
                copy(result, 2, prediction);
                copy(result, 3, state);
            }
        } finally {
            inputs.forEach(Tensor::close);
        }
    }

    private static TFloat32 tensor(Shape tensorShape, float[] values) {
        return TFloat32.tensorOf(tensorShape, DataBuffers.of(values).narrow(tensorShape.size()));
    }

    private static void copy(Result result, int index, float[] to) {
        ((TFloat32) result.get(index)).copyTo(DataBuffers.of(to));
    }

    @Override
    public void close() {
        model.close();
    }
}
