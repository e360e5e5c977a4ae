package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Weights;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * The simple recurrent network.
 *
 * <pre>h_t = tanh(W_x x_t + W_h h_{t-1} + b)</pre>
 *
 * <p>Elman, "Finding structure in time", Cognitive Science 14, 1990; with tanh where Elman has the logistic function.
 *
 * <p>Shapes: input {@code [B,I]}, {@code hidden [B,H]}. Weights: {@code kernel [I+H, H]} (W_x above W_h), {@code bias
 * [H]}. Checked by {@code CellReferenceTest} and {@code CellGradientTest}.
 */
public final class RnnCell implements Cell {
    private final int units;
    private final Operand<TFloat32> kernel;
    private final Operand<TFloat32> bias;

    public RnnCell(Weights weights, String name, int inputs, int units) {
        this.units = units;
        this.kernel =
                weights.get(name + "/kernel", Initializer.recurrentKernel(inputs, units, 1), inputs + units, units);
        this.bias = weights.get(name + "/bias", Initializer.constant(0), units);
    }

    @Override
    public List<StateSlice> state() {
        return List.of(new StateSlice("hidden", units));
    }

    @Override
    public List<Operand<TFloat32>> step(
            Ops tf,
            Operand<TFloat32> input,
            List<Operand<TFloat32>> state,
            List<Operand<TFloat32>> below,
            Signals signals) {
        signals.say("hidden-before", state.get(0));
        Operand<TFloat32> both = tf.concat(List.of(input, state.get(0)), tf.constant(1));
        return List.of(tf.math.tanh(tf.nn.biasAdd(tf.linalg.matMul(both, kernel), bias)));
    }
}
