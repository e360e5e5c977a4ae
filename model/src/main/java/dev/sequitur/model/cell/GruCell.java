package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Weights;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * The gated recurrent unit.
 *
 * <pre>
 * r_t = σ(W_r [x_t, h_{t-1}] + b_r)
 * z_t = σ(W_z [x_t, h_{t-1}] + b_z)
 * h̃_t = tanh(W [x_t, r_t ∘ h_{t-1}] + b)
 * h_t = z_t ∘ h_{t-1} + (1 − z_t) ∘ h̃_t
 * </pre>
 *
 * <p>Cho et al., "Learning phrase representations using RNN encoder–decoder", 2014, arXiv 1406.1078, equations 5 to 8,
 * with biases. As in that paper z keeps the past (in the 2014 article of Chung et al. and in Olah's it is 1 − z), and r
 * works on the hidden state before the product with its kernel.
 *
 * <p>Shapes: input {@code [B,I]}, {@code hidden [B,H]}. Weights: {@code gates/kernel [I+H, 2H]} with columns r, z, {@code
 * gates/bias [2H]}, {@code candidate/kernel [I+H, H]}, {@code candidate/bias [H]}: the layout of TensorFlow's {@code
 * GRUBlockCell}. Checked by {@code CellReferenceTest} and {@code CellGradientTest}.
 */
public final class GruCell implements Cell {
    private final int units;
    private final Operand<TFloat32> gateKernel;
    private final Operand<TFloat32> gateBias;
    private final Operand<TFloat32> kernel;
    private final Operand<TFloat32> bias;

    public GruCell(Weights weights, String name, int inputs, int units) {
        this.units = units;
        this.gateKernel = weights.get(
                name + "/gates/kernel", Initializer.recurrentKernel(inputs, units, 2), inputs + units, 2 * units);
        // z starts at σ(1): the past is kept, as with the forget gate of an LSTM.
        this.gateBias = weights.get(name + "/gates/bias", Initializer.gateBias(units, 1, 1), 2 * units);
        this.kernel = weights.get(
                name + "/candidate/kernel", Initializer.recurrentKernel(inputs, units, 1), inputs + units, units);
        this.bias = weights.get(name + "/candidate/bias", Initializer.constant(0), units);
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
        Operand<TFloat32> hidden = state.get(0);
        Operand<TFloat32> both = tf.concat(List.of(input, hidden), tf.constant(1));
        var gates = tf.split(tf.constant(1), tf.nn.biasAdd(tf.linalg.matMul(both, gateKernel), gateBias), 2L)
                .output();
        Operand<TFloat32> r = tf.math.sigmoid(gates.get(0));
        Operand<TFloat32> z = tf.math.sigmoid(gates.get(1));
        Operand<TFloat32> remembered = tf.math.mul(r, hidden);
        Operand<TFloat32> reset = tf.concat(List.of(input, remembered), tf.constant(1));
        Operand<TFloat32> candidate = tf.math.tanh(tf.nn.biasAdd(tf.linalg.matMul(reset, kernel), bias));
        signals.say("hidden-before", hidden);
        signals.say("reset", r);
        signals.say("update", z);
        signals.say("remembered", remembered);
        signals.say("candidate", candidate);
        signals.say("kept", () -> tf.math.mul(z, hidden));
        signals.say("written", () -> tf.math.mul(tf.math.sub(tf.constant(1f), z), candidate));
        // z∘h + (1−z)∘h̃ = h̃ + z∘(h − h̃)
        return List.of(tf.math.add(candidate, tf.math.mul(z, tf.math.sub(hidden, candidate))));
    }

    @Override
    public Cell fused() {
        return new FusedGruCell(units, gateKernel, gateBias, kernel, bias);
    }
}
