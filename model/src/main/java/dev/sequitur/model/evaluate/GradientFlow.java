package dev.sequitur.model.evaluate;

import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.graph.ConstantWeights;
import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.model.graph.VariableWeights;
import dev.sequitur.model.network.SequenceNetwork;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.step.Device;
import dev.sequitur.model.step.Devices;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * How far back learning reaches: the norm of the gradient of the last event's loss by the state some events before. It
 * vanishes or explodes exponentially with the distance where the state is multiplied by much the same matrix at each step
 * (Bengio, Simard and Frasconi 1994; Pascanu, Mikolov and Bengio 2013, arXiv 1211.5063), and not where a gate carries the
 * state on (Hochreiter and Schmidhuber 1997).
 *
 * <p>The state is all of a cell's: of an LSTM {@code hidden} and {@code cell} together. Checked by {@code
 * GradientFlowTest}.
 */
public final class GradientFlow {
    /** As many as TensorFlow likes. */
    private static final int ANY_THREADS = 0;

    private GradientFlow() {}

    /** The weights that a training starts from. */
    public static List<NamedWeight> initialWeights(PipelineSpec spec, Map<String, LearnedField> learned) {
        try (Graph graph = new Graph()) {
            VariableWeights weights =
                    new VariableWeights(Ops.create(graph), spec.training().seed());
            new SequenceNetwork(spec, learned, weights);
            return weights.initial();
        }
    }

    /**
     * Norms {@code |∂ loss_T / ∂ s_(T−k)|} for k = 0 … T−2, the mean over the sequences; s_(T−k) is the state that the
     * event k before the last finds. The loss is the last event's surprise, summed over its fields, nats.
     *
     * @param rows {@code [T][B][I]}: encoded events of B sequences of the same length T, of which at least two
     */
    public static double[] norms(
            PipelineSpec spec, Map<String, LearnedField> learned, List<NamedWeight> weights, float[][][] rows) {
        if (rows.length < 2) {
            throw new IllegalArgumentException("a gradient flows through at least 2 events, got " + rows.length);
        }
        int sequences = rows[0].length;
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            SequenceNetwork network = new SequenceNetwork(spec, learned, new ConstantWeights(tf, weights));
            int width = network.shape().state();
            List<Operand<TFloat32>> found = new ArrayList<>();
            Operand<TFloat32> state =
                    tf.constant(Shape.of(sequences, width), DataBuffers.of(new float[sequences * width]));
            Operand<TFloat32> surprise = null;
            for (float[][] event : rows) {
                found.add(state);
                SequenceNetwork.Outputs outputs = network.step(tf, constant(tf, event), state);
                surprise = outputs.surprise();
                state = outputs.state();
            }
            Operand<TFloat32> loss = tf.reduceSum(surprise, tf.constant(new int[] {0, 1}));
            // The state before the first event is reset, so nothing flows to it.
            Output<?>[] states = found.subList(1, found.size()).stream()
                    .map(Operand::asOutput)
                    .toArray(Output<?>[]::new);
            return norms(graph, tf, graph.addGradients(loss.asOutput(), states));
        }
    }

    private static double[] norms(Graph graph, Ops tf, Output<?>[] gradients) {
        double[] norms = new double[gradients.length];
        try (Session session = new Session(graph, Devices.session(Device.AUTO, ANY_THREADS))) {
            Session.Runner runner = session.runner();
            for (int k = 0; k < norms.length; k++) {
                // Scaled before it is squared: a gradient of 1e-20 has no square in float32.
                Operand<TFloat32> gradient = gradients[norms.length - 1 - k].expect(TFloat32.class);
                Operand<TFloat32> largest = tf.math.maximum(
                        tf.max(tf.math.abs(gradient), tf.constant(1), org.tensorflow.op.core.Max.keepDims(true)),
                        tf.constant(Float.MIN_NORMAL));
                Operand<TFloat32> scaled = tf.math.sqrt(tf.reduceSum(
                        tf.math.square(tf.math.div(gradient, largest)),
                        tf.constant(1),
                        org.tensorflow.op.core.ReduceSum.keepDims(true)));
                runner.fetch(tf.math.mean(tf.math.mul(scaled, largest), tf.constant(new int[] {0, 1})));
            }
            try (var result = runner.run()) {
                for (int k = 0; k < norms.length; k++) {
                    norms[k] = ((TFloat32) result.get(k)).getFloat();
                }
            }
        }
        return norms;
    }

    private static Operand<TFloat32> constant(Ops tf, float[][] rows) {
        float[] values = new float[rows.length * rows[0].length];
        for (int row = 0; row < rows.length; row++) {
            System.arraycopy(rows[row], 0, values, row * rows[0].length, rows[0].length);
        }
        return tf.constant(Shape.of(rows.length, rows[0].length), DataBuffers.of(values));
    }
}
