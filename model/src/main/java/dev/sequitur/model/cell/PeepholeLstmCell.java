package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Weights;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * Long short-term memory whose gates look at the cell state: the input and the forget gate at the old one, the output
 * gate at the new.
 *
 * <pre>
 * i_t = σ(W_i [x_t, h_{t-1}] + w_ci ∘ c_{t-1} + b_i)
 * f_t = σ(W_f [x_t, h_{t-1}] + w_cf ∘ c_{t-1} + b_f)
 * c̃_t = tanh(W_c [x_t, h_{t-1}] + b_c)
 * c_t = f_t ∘ c_{t-1} + i_t ∘ c̃_t
 * o_t = σ(W_o [x_t, h_{t-1}] + w_co ∘ c_t + b_o)
 * h_t = o_t ∘ tanh(c_t)
 * </pre>
 *
 * <p>Gers and Schmidhuber, "Recurrent nets that time and count", IJCNN 2000. The letters of the peepholes are those of
 * Graves 2013, arXiv 1308.0850, equations 7 to 11. Departs from the first in letting errors flow back through the
 * peepholes. b_f starts at 1, the peepholes at 0.
 *
 * <p>Shapes: input {@code [B,I]}, {@code hidden [B,H]}, {@code cell [B,H]}. Weights: {@code kernel [I+H, 4H]} and {@code
 * bias [4H]} as {@link LstmCell} has them, {@code peephole/i}, {@code /f}, {@code /o [H]}. Checked by {@code
 * CellReferenceTest}.
 */
public final class PeepholeLstmCell implements Cell {
    private final int inputs;
    private final int units;
    private final Operand<TFloat32> kernel;
    private final Operand<TFloat32> bias;
    private final Operand<TFloat32> inputPeephole;
    private final Operand<TFloat32> forgetPeephole;
    private final Operand<TFloat32> outputPeephole;

    public PeepholeLstmCell(Weights weights, String name, int inputs, int units) {
        this.inputs = inputs;
        this.units = units;
        this.kernel =
                weights.get(name + "/kernel", Initializer.recurrentKernel(inputs, units, 4), inputs + units, 4 * units);
        this.bias = weights.get(name + "/bias", Initializer.gateBias(units, 0, 0, 1, 0), 4 * units);
        this.inputPeephole = weights.get(name + "/peephole/i", Initializer.constant(0), units);
        this.forgetPeephole = weights.get(name + "/peephole/f", Initializer.constant(0), units);
        this.outputPeephole = weights.get(name + "/peephole/o", Initializer.constant(0), units);
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

    @Override
    public Cell fused() {
        return new FusedLstmCell(inputs, units, kernel, bias, List.of(inputPeephole, forgetPeephole, outputPeephole));
    }
}
