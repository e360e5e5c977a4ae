package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Weights;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * The minimal gated unit: a gated recurrent unit whose one gate both resets and updates.
 *
 * <pre>
 * f_t = σ(W_f [x_t, h_{t-1}] + b_f)
 * h̃_t = tanh(W_h [x_t, f_t ∘ h_{t-1}] + b_h)
 * h_t = (1 − f_t) ∘ h_{t-1} + f_t ∘ h̃_t
 * </pre>
 *
 * <p>Zhou et al., "Minimal gated unit for recurrent neural networks", 2016, arXiv 1603.09420, equations 6a to 6c. As
 * there, 1 − f keeps the past; b_f starts at −1, so that it does.
 *
 * <p>Shapes: input {@code [B,I]}, {@code hidden [B,H]}. Weights: {@code gate/kernel [I+H, H]}, {@code gate/bias [H]}, {@code
 * candidate/kernel [I+H, H]}, {@code candidate/bias [H]}. Checked by {@code CellReferenceTest}.
 */
public final class MinimalGatedUnitCell implements Cell {
    private final int units;
    private final Operand<TFloat32> gateKernel;
    private final Operand<TFloat32> gateBias;
    private final Operand<TFloat32> kernel;
    private final Operand<TFloat32> bias;

    public MinimalGatedUnitCell(Weights weights, String name, int inputs, int units) {
        this.units = units;
        this.gateKernel = weights.get(
                name + "/gate/kernel", Initializer.recurrentKernel(inputs, units, 1), inputs + units, units);
        this.gateBias = weights.get(name + "/gate/bias", Initializer.constant(-1), units);
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
        Operand<TFloat32> f = tf.math.sigmoid(tf.nn.biasAdd(tf.linalg.matMul(both, gateKernel), gateBias));
        Operand<TFloat32> remembered = tf.math.mul(f, hidden);
        Operand<TFloat32> gated = tf.concat(List.of(input, remembered), tf.constant(1));
        Operand<TFloat32> candidate = tf.math.tanh(tf.nn.biasAdd(tf.linalg.matMul(gated, kernel), bias));
        signals.say("hidden-before", hidden);
        signals.say("forget", f);
        signals.say("remembered", remembered);
        signals.say("candidate", candidate);
        signals.say("kept", () -> tf.math.mul(tf.math.sub(tf.constant(1f), f), hidden));
        signals.say("written", () -> tf.math.mul(f, candidate));
        // (1−f)∘h + f∘h̃ = h + f∘(h̃ − h)
        return List.of(tf.math.add(hidden, tf.math.mul(f, tf.math.sub(candidate, hidden))));
    }
}
