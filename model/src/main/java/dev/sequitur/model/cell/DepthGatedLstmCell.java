package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Weights;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Long short-term memory with peepholes whose memory also takes from that of the layer beneath, through a gate.
 *
 * <pre>
 * i_t = σ(W_xi x_t + W_hi h_{t-1} + w_ci ∘ c_{t-1} + b_i)
 * f_t = σ(W_xf x_t + W_hf h_{t-1} + w_cf ∘ c_{t-1} + b_f)
 * d_t = σ(W_xd x_t + w_cd ∘ c_{t-1} + w_ld ∘ c_t^L + b_d)
 * c_t = d_t ∘ c_t^L + f_t ∘ c_{t-1} + i_t ∘ tanh(W_xc x_t + W_hc h_{t-1} + b_c)
 * o_t = σ(W_xo x_t + W_ho h_{t-1} + w_co ∘ c_t + b_o)
 * h_t = o_t ∘ tanh(c_t)
 * </pre>
 *
 * where x_t is the output and c_t^L the memory of the layer beneath; what has no other index belongs to this layer, L+1
 * in the paper.
 *
 * <p>Yao, Cohn, Vylomova, Duh and Dyer, "Depth-gated LSTM", 2015, arXiv 1508.03790. The lowest layer has no memory beneath
 * it and is an LSTM with peepholes, without d. Departs from the paper in having biases on every gate and diagonal
 * peepholes throughout. b_f starts at 1, the peepholes and w_cd, w_ld at 0, b_d at −1: little flows upwards at first.
 *
 * <p>Shapes: input {@code [B,I]}, {@code hidden [B,H]}, {@code cell [B,H]}; all layers have the same H. Weights: those of
 * {@link PeepholeLstmCell}, and above the lowest layer {@code depth/kernel [I,H]}, {@code depth/bias [H]}, {@code
 * depth/cell [H]} (w_cd), {@code depth/below [H]} (w_ld). Checked by {@code CellReferenceTest}.
 */
public final class DepthGatedLstmCell implements Cell {
    private final int units;
    private final Operand<TFloat32> kernel;
    private final Operand<TFloat32> bias;
    private final Operand<TFloat32> inputPeephole;
    private final Operand<TFloat32> forgetPeephole;
    private final Operand<TFloat32> outputPeephole;
    private final DepthGate depthGate;

    /** Weights of d; null at the lowest layer. */
    private record DepthGate(
            Operand<TFloat32> kernel, Operand<TFloat32> bias, Operand<TFloat32> cell, Operand<TFloat32> below) {
        Operand<TFloat32> of(Ops tf, Operand<TFloat32> x, Operand<TFloat32> before, Operand<TFloat32> beneath) {
            Operand<TFloat32> memories = tf.math.add(tf.math.mul(before, cell), tf.math.mul(beneath, below));
            return tf.math.sigmoid(tf.math.add(tf.nn.biasAdd(tf.linalg.matMul(x, kernel), bias), memories));
        }
    }

    /** @param lowest whether there is no layer beneath */
    public DepthGatedLstmCell(Weights weights, String name, int inputs, int units, boolean lowest) {
        this.units = units;
        this.kernel =
                weights.get(name + "/kernel", Initializer.recurrentKernel(inputs, units, 4), inputs + units, 4 * units);
        this.bias = weights.get(name + "/bias", Initializer.gateBias(units, 0, 0, 1, 0), 4 * units);
        this.inputPeephole = weights.get(name + "/peephole/i", Initializer.constant(0), units);
        this.forgetPeephole = weights.get(name + "/peephole/f", Initializer.constant(0), units);
        this.outputPeephole = weights.get(name + "/peephole/o", Initializer.constant(0), units);
        this.depthGate = lowest
                ? null
                : new DepthGate(
                        weights.get(name + "/depth/kernel", Initializer.glorotUniform(), inputs, units),
                        weights.get(name + "/depth/bias", Initializer.constant(-1), units),
                        weights.get(name + "/depth/cell", Initializer.constant(0), units),
                        weights.get(name + "/depth/below", Initializer.constant(0), units));
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
        Operand<TFloat32> before = state.get(1);
        Operand<TFloat32> both = tf.concat(List.of(input, state.get(0)), tf.constant(1));
        var gates = tf.split(tf.constant(1), tf.nn.biasAdd(tf.linalg.matMul(both, kernel), bias), 4L)
                .output();
        Operand<TFloat32> i = tf.math.sigmoid(tf.math.add(gates.get(0), tf.math.mul(before, inputPeephole)));
        Operand<TFloat32> candidate = tf.math.tanh(gates.get(1));
        Operand<TFloat32> f = tf.math.sigmoid(tf.math.add(gates.get(2), tf.math.mul(before, forgetPeephole)));
        Operand<TFloat32> kept = tf.math.mul(f, before);
        Operand<TFloat32> written = tf.math.mul(i, candidate);
        Operand<TFloat32> cell = tf.math.add(kept, written);
        if (depthGate != null) {
            Operand<TFloat32> beneath = below.get(1);
            Operand<TFloat32> d = depthGate.of(tf, input, before, beneath);
            Operand<TFloat32> lifted = tf.math.mul(d, beneath);
            signals.say("depth", d);
            signals.say("cell-below", beneath);
            signals.say("lifted", lifted);
            cell = tf.math.add(cell, lifted);
        }
        Operand<TFloat32> o = tf.math.sigmoid(tf.math.add(gates.get(3), tf.math.mul(cell, outputPeephole)));
        signals.say("forget", f);
        signals.say("input", i);
        signals.say("candidate", candidate);
        signals.say("output", o);
        signals.say("kept", kept);
        signals.say("written", written);
        Operand<TFloat32> squashed = tf.math.tanh(cell);
        signals.say("squashed", squashed);
        return List.of(tf.math.mul(o, squashed), cell);
    }
}
