package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Weights;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Long short-term memory with input, forget and output gates, without peepholes.
 *
 * <pre>
 * i_t = σ(W_i [x_t, h_{t-1}] + b_i)
 * f_t = σ(W_f [x_t, h_{t-1}] + b_f)
 * o_t = σ(W_o [x_t, h_{t-1}] + b_o)
 * c̃_t = tanh(W_c [x_t, h_{t-1}] + b_c)
 * c_t = f_t ∘ c_{t-1} + i_t ∘ c̃_t
 * h_t = o_t ∘ tanh(c_t)
 * </pre>
 *
 * <p>Hochreiter and Schmidhuber, "Long short-term memory", Neural Computation 9, 1997, with the forget gate of Gers,
 * Schmidhuber and Cummins, "Learning to forget", Neural Computation 12, 2000. The letters are those of Olah,
 * "Understanding LSTM networks", 2015. b_f starts at 1 (Jozefowicz et al. 2015).
 *
 * <p>Shapes: input {@code [B,I]}, {@code hidden [B,H]}, {@code cell [B,H]}. Weights: {@code kernel [I+H, 4H]}, {@code bias
 * [4H]}, columns in the order i, c̃, f, o, which is the order of TensorFlow's {@code LSTMBlockCell}. Checked by {@code
 * CellReferenceTest} and {@code CellGradientTest}.
 */
public final class LstmCell implements Cell {
    private final int inputs;
    private final int units;
    private final Operand<TFloat32> kernel;
    private final Operand<TFloat32> bias;

    public LstmCell(Weights weights, String name, int inputs, int units) {
        this.inputs = inputs;
        this.units = units;
        this.kernel =
                weights.get(name + "/kernel", Initializer.recurrentKernel(inputs, units, 4), inputs + units, 4 * units);
        this.bias = weights.get(name + "/bias", Initializer.gateBias(units, 0, 0, 1, 0), 4 * units);
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
        var gates = tf.split(tf.constant(1), tf.nn.biasAdd(tf.linalg.matMul(both, kernel), bias), 4L)
                .output();
        Operand<TFloat32> i = tf.math.sigmoid(gates.get(0));
        Operand<TFloat32> candidate = tf.math.tanh(gates.get(1));
        Operand<TFloat32> f = tf.math.sigmoid(gates.get(2));
        Operand<TFloat32> o = tf.math.sigmoid(gates.get(3));
        signals.say("forget", f);
        signals.say("input", i);
        signals.say("candidate", candidate);
        signals.say("output", o);
        Operand<TFloat32> kept = tf.math.mul(f, state.get(1));
        Operand<TFloat32> written = tf.math.mul(i, candidate);
        signals.say("kept", kept);
        signals.say("written", written);
        Operand<TFloat32> cell = tf.math.add(kept, written);
        Operand<TFloat32> squashed = tf.math.tanh(cell);
        signals.say("squashed", squashed);
        return List.of(tf.math.mul(o, squashed), cell);
    }

    @Override
    public Cell fused() {
        return new FusedLstmCell(inputs, units, kernel, bias, List.of());
    }
}
