package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Weights;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Long short-term memory with coupled forget and input gates: what is written takes the place of what is forgotten.
 *
 * <pre>
 * f_t = σ(W_f [x_t, h_{t-1}] + b_f)
 * o_t = σ(W_o [x_t, h_{t-1}] + b_o)
 * c̃_t = tanh(W_c [x_t, h_{t-1}] + b_c)
 * c_t = f_t ∘ c_{t-1} + (1 − f_t) ∘ c̃_t
 * h_t = o_t ∘ tanh(c_t)
 * </pre>
 *
 * <p>The variant CIFG of Greff et al., "LSTM: a search space odyssey", 2015, arXiv 1503.04069, without its peepholes;
 * the letters are those of Olah, "Understanding LSTM networks", 2015. b_f starts at 1.
 *
 * <p>Shapes: input {@code [B,I]}, {@code hidden [B,H]}, {@code cell [B,H]}. Weights: {@code kernel [I+H, 3H]}, {@code bias
 * [3H]}, columns in the order c̃, f, o. Checked by {@code CellReferenceTest}.
 */
public final class CoupledLstmCell implements Cell {
    private final int units;
    private final Operand<TFloat32> kernel;
    private final Operand<TFloat32> bias;

    public CoupledLstmCell(Weights weights, String name, int inputs, int units) {
        this.units = units;
        this.kernel =
                weights.get(name + "/kernel", Initializer.recurrentKernel(inputs, units, 3), inputs + units, 3 * units);
        this.bias = weights.get(name + "/bias", Initializer.gateBias(units, 0, 1, 0), 3 * units);
    }

    @Override
    public List<StateSlice> state() {
        return List.of(new StateSlice("hidden", units), new StateSlice("cell", units));
    }

    @Override
    public List<Operand<TFloat32>> step(
            Ops tf,
            Operand<TFloat32> input,
            List<Operand<TFloat32>> state,
            List<Operand<TFloat32>> below,
            Signals signals) {
        signals.say("hidden-before", state.get(0));
        signals.say("cell-before", state.get(1));
        Operand<TFloat32> both = tf.concat(List.of(input, state.get(0)), tf.constant(1));
        var gates = tf.split(tf.constant(1), tf.nn.biasAdd(tf.linalg.matMul(both, kernel), bias), 3L)
                .output();
        Operand<TFloat32> candidate = tf.math.tanh(gates.get(0));
        Operand<TFloat32> f = tf.math.sigmoid(gates.get(1));
        Operand<TFloat32> o = tf.math.sigmoid(gates.get(2));
        // f∘c + (1−f)∘c̃ = c̃ + f∘(c − c̃)
        Operand<TFloat32> cell = tf.math.add(candidate, tf.math.mul(f, tf.math.sub(state.get(1), candidate)));
        signals.say("forget", f);
        signals.say("candidate", candidate);
        signals.say("output", o);
        signals.say("input", () -> tf.math.sub(tf.constant(1f), f));
        signals.say("kept", () -> tf.math.mul(f, state.get(1)));
        signals.say("written", () -> tf.math.mul(tf.math.sub(tf.constant(1f), f), candidate));
        Operand<TFloat32> squashed = tf.math.tanh(cell);
        signals.say("squashed", squashed);
        return List.of(tf.math.mul(o, squashed), cell);
    }
}
