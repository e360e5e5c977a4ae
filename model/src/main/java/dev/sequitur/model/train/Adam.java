package dev.sequitur.model.train;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.VariableWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.op.Op;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/**
 * Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1) with the gradient's global norm clipped (Pascanu et al. 2013,
 * arXiv 1211.5063, algorithm 1), and the weights averaged over the steps (Polyak and Juditsky 1992), exponentially. The
 * moments and powers are {@link VariableWeights} of their own, so that a checkpoint holds them.
 *
 * <p>Weight decay is decoupled from the gradient (Loshchilov and Hutter 2019, arXiv 1711.05101, algorithm 2): a step
 * takes {@code rate · decay · w} off a weight besides, w as it was before. So the decay follows the schedule of the rate,
 * and neither the clipping nor the moments see it. Matrices decay, kernels and embeddings; vectors don't: biases, gains,
 * peepholes.
 */
final class Adam {
    private static final float BETA_1 = 0.9f;
    private static final float BETA_2 = 0.999f;
    private static final float EPSILON = 1e-8f;

    private final List<Op> update = new ArrayList<>();
    private final Operand<TFloat32> norm;

    /**
     * @param weights what is trained
     * @param slots where the optimizer keeps its own state
     * @param learningRate a scalar
     * @param weightDecay 0: none
     * @param state what else is read of the weights in the same run
     * @param averages of the weights, each moved towards its weight after the update; empty for none
     * @param averaging share of the way that an average moves, a scalar
     */
    Adam(
            Graph graph,
            Ops tf,
            Operand<TFloat32> loss,
            Operand<TFloat32> state,
            List<Variable<TFloat32>> weights,
            VariableWeights slots,
            Operand<TFloat32> learningRate,
            double clipNorm,
            double weightDecay,
            List<Variable<TFloat32>> averages,
            Operand<TFloat32> averaging) {
        Output<?>[] variables = weights.stream().map(Variable::asOutput).toArray(Output<?>[]::new);
        List<Operand<TFloat32>> gradients = new ArrayList<>();
        List<Operand<TFloat32>> squares = new ArrayList<>();
        for (Output<?> output : graph.addGradients(loss.asOutput(), variables)) {
            Operand<TFloat32> gradient = output.expect(TFloat32.class);
            gradients.add(gradient);
            squares.add(tf.nn.l2Loss(gradient));
        }
        norm = tf.math.sqrt(tf.math.mul(tf.constant(2f), tf.math.addN(squares)));
        Operand<TFloat32> limit = tf.constant((float) clipNorm);
        Operand<TFloat32> shrink = tf.math.div(limit, tf.math.maximum(norm, limit));

        Variable<TFloat32> power1 = slots.get("adam/beta1-power", Initializer.constant(BETA_1));
        Variable<TFloat32> power2 = slots.get("adam/beta2-power", Initializer.constant(BETA_2));
        // The update writes in place: whatever reads the weights has to be done first, or it may read some new ones.
        List<Op> readers = new ArrayList<>(gradients);
        readers.add(loss);
        readers.add(state);
        List<Operand<TFloat32>> decays = new ArrayList<>();
        for (Variable<TFloat32> weight : weights) {
            boolean decaying = weightDecay > 0 && weight.shape().numDimensions() >= 2;
            Operand<TFloat32> share = tf.math.mul(learningRate, tf.constant((float) weightDecay));
            decays.add(decaying ? tf.math.mul(weight, share) : null);
        }
        decays.stream().filter(Objects::nonNull).forEach(readers::add);
        Ops read = tf.withControlDependencies(readers);
        List<Op> applied = new ArrayList<>();
        for (int i = 0; i < weights.size(); i++) {
            Variable<TFloat32> weight = weights.get(i);
            int[] shape = Arrays.stream(weight.shape().asArray())
                    .mapToInt(Math::toIntExact)
                    .toArray();
            String name = weight.op().name();
            Operand<TFloat32> moved = read.train.applyAdam(
                    weight,
                    slots.get("adam/" + name + "/m", Initializer.constant(0), shape),
                    slots.get("adam/" + name + "/v", Initializer.constant(0), shape),
                    power1,
                    power2,
                    learningRate,
                    read.constant(BETA_1),
                    read.constant(BETA_2),
                    read.constant(EPSILON),
                    read.math.mul(gradients.get(i), shrink));
            applied.add(
                    decays.get(i) == null
                            ? moved
                            : tf.withControlDependencies(moved).assignSub(weight, decays.get(i)));
        }
        Ops after = tf.withControlDependencies(applied);
        update.addAll(applied);
        for (int i = 0; i < averages.size(); i++) {
            Operand<TFloat32> step = after.math.mul(after.math.sub(weights.get(i), averages.get(i)), averaging);
            update.add(after.assignAdd(averages.get(i), step));
        }
        update.add(after.assign(power1, after.math.mul(power1, after.constant(BETA_1))));
        update.add(after.assign(power2, after.math.mul(power2, after.constant(BETA_2))));
    }

    /** What a training step runs. */
    List<Op> update() {
        return update;
    }

    /** Global norm of the gradient before it was clipped, a scalar. */
    Operand<TFloat32> norm() {
        return norm;
    }
}
