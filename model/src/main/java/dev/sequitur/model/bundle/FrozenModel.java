package dev.sequitur.model.bundle;

import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.Slice;
import dev.sequitur.model.graph.ConstantWeights;
import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.model.graph.Weights;
import dev.sequitur.model.network.EnsembleNetwork;
import dev.sequitur.model.network.SequenceNetwork;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.step.Device;
import dev.sequitur.model.step.Devices;
import dev.sequitur.model.step.StepShape;
import dev.sequitur.model.step.TensorFlowStepFunction;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.tensorflow.Graph;
import org.tensorflow.SavedModelBundle;
import org.tensorflow.Session;
import org.tensorflow.Signature;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** Writes a network with its weights frozen into the graph as a SavedModel. */
final class FrozenModel {
    private static final List<Integer> BLOCKS = List.of(4, 16);
    /** Where the graph doesn't grow with the steps. */
    private static final List<Integer> SWEPT_BLOCKS = List.of(4, 16, 64);

    private final StepShape shape;
    private final List<Slice> stateSlices;
    private final List<Integer> blocks;

    private FrozenModel(StepShape shape, List<Slice> stateSlices, List<Integer> blocks) {
        this.shape = shape;
        this.stateSlices = stateSlices;
        this.blocks = blocks;
    }

    /** The T for which a block signature was written. */
    List<Integer> blocks() {
        return blocks;
    }

    StepShape shape() {
        return shape;
    }

    List<Slice> stateSlices() {
        return stateSlices;
    }

    /**
     * Writes the SavedModel to a directory that is not there yet.
     *
     * @param members weights of each network of the model
     */
    static FrozenModel write(
            Path directory, PipelineSpec spec, Map<String, LearnedField> learned, List<List<NamedWeight>> members)
            throws IOException {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            EnsembleNetwork network = new EnsembleNetwork(spec, learned, weights(tf, members));
            StepShape shape = network.shape();
            List<Integer> blocks = network.sweeps() ? SWEPT_BLOCKS : BLOCKS;
            try (Session session = new Session(graph, Devices.session(Device.CPU, 1))) {
                SavedModelBundle.Exporter exporter = SavedModelBundle.exporter(directory.toString())
                        .withTags(SavedModelBundle.DEFAULT_TAG)
                        .withSession(session)
                        .withSignature(step(tf, network, shape))
                        .withSignature(gates(tf, network, shape));
                for (int t : blocks) {
                    exporter = exporter.withSignature(block(tf, network, shape, t));
                }
                Optional<Signature> attention = attention(tf, network, shape);
                if (attention.isPresent()) {
                    exporter = exporter.withSignature(attention.get());
                }
                exporter.export();
            }
            return new FrozenModel(shape, network.stateSlices(), blocks);
        }
    }

    /** Of several members, each member's constants stand in a name scope of its own: {@code member0/layer0.kernel}. */
    private static List<Weights> weights(Ops tf, List<List<NamedWeight>> members) {
        List<Weights> weights = new ArrayList<>();
        for (List<NamedWeight> values : members) {
            Ops scope = members.size() == 1 ? tf : tf.withSubScope("member" + weights.size());
            weights.add(new ConstantWeights(scope, values));
        }
        return weights;
    }

    private static Signature step(Ops tf, EnsembleNetwork network, StepShape shape) {
        var features = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, shape.features())));
        var state = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, shape.state())));
        SequenceNetwork.Outputs outputs = network.step(tf, features, state);
        return outputs(
                        Signature.builder(TensorFlowStepFunction.STEP)
                                .input("features", features)
                                .input("state", state),
                        outputs)
                .build();
    }

    private static Signature block(Ops tf, EnsembleNetwork network, StepShape shape, int steps) {
        var features = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(steps, -1, shape.features())));
        var state = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, shape.state())));
        var lengths = tf.placeholder(TInt32.class, Placeholder.shape(Shape.of(-1)));
        SequenceNetwork.Outputs flat = network.unroll(tf, steps, features, lengths, state);
        SequenceNetwork.Outputs outputs = new SequenceNetwork.Outputs(
                tf.reshape(flat.surprise(), tf.constant(new int[] {steps, -1, shape.surprises()})),
                tf.reshape(flat.expected(), tf.constant(new int[] {steps, -1, shape.parameters()})),
                tf.reshape(flat.prediction(), tf.constant(new int[] {steps, -1, shape.parameters()})),
                flat.state());
        return outputs(
                        Signature.builder(TensorFlowStepFunction.block(steps))
                                .input("features", features)
                                .input("state", state)
                                .input("lengths", lengths),
                        outputs)
                .build();
    }

    private static Signature gates(Ops tf, EnsembleNetwork network, StepShape shape) {
        var features = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, shape.features())));
        var state = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, shape.state())));
        Signature.Builder signature = Signature.builder(TensorFlowStepFunction.GATES)
                .input("features", features)
                .input("state", state);
        // An end of a signature is the output of an operation of its own: an input of the graph can't be one.
        var after =
                network.look(tf, features, state, (name, value) -> signature.output(name, tf.identity(value.get())));
        return signature.output("state", after).build();
    }

    private static Optional<Signature> attention(Ops tf, EnsembleNetwork network, StepShape shape) {
        var state = tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, shape.state())));
        return network.attention(tf, state).map(weights -> Signature.builder(TensorFlowStepFunction.ATTENTION)
                .input("state", state)
                .output("weights", weights)
                .build());
    }

    private static Signature.Builder outputs(Signature.Builder signature, SequenceNetwork.Outputs outputs) {
        return signature
                .output("surprise", outputs.surprise())
                .output("expected", outputs.expected())
                .output("prediction", outputs.prediction())
                .output("state", outputs.state());
    }
}
