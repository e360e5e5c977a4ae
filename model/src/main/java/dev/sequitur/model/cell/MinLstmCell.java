package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Weights;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * minLSTM: gates and candidate see the input alone, and the gates share out what is kept and what is written.
 *
 * <pre>
 * f_t = σ(Linear(x_t))
 * i_t = σ(Linear(x_t))
 * h̃_t = Linear(x_t)
 * f'_t = f_t / (f_t + i_t)
 * i'_t = i_t / (f_t + i_t)
 * h_t = f'_t ∘ h_{t-1} + i'_t ∘ h̃_t
 * </pre>
 *
 * <p>Feng et al., "Were RNNs all we needed?", 2024, arXiv 2410.01201, section 3.2, not its form in logarithms. The bias of
 * f starts at 1.
 *
 * <p>Shapes: input {@code [B,I]}, {@code hidden [B,H]}. Weights: {@code kernel [I, 3H]}, {@code bias [3H]}, columns in the
 * order f, i, h̃. Checked by {@code CellReferenceTest}.
 */
public final class MinLstmCell implements Cell {
    private final int units;
    private final Operand<TFloat32> kernel;
    private final Operand<TFloat32> bias;

    public MinLstmCell(Weights weights, String name, int inputs, int units) {
        this.units = units;
        this.kernel = weights.get(name + "/kernel", Initializer.glorotUniform(), inputs, 3 * units);
        this.bias = weights.get(name + "/bias", Initializer.gateBias(units, 1, 0, 0), 3 * units);
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
        var linear = tf.split(tf.constant(1), tf.nn.biasAdd(tf.linalg.matMul(input, kernel), bias), 3L)
                .output();
        // f' = σ(a) / (σ(a) + σ(b)) = 1 / (1 + exp(softplus(−a) − softplus(−b))): finite where both gates are shut.
        Operand<TFloat32> odds =
                tf.math.sub(tf.math.softplus(tf.math.neg(linear.get(1))), tf.math.softplus(tf.math.neg(linear.get(0))));
        Operand<TFloat32> keep = tf.math.sigmoid(odds);
        Operand<TFloat32> candidate = linear.get(2);
        signals.say("hidden-before", hidden);
        signals.say("forget", () -> tf.math.sigmoid(linear.get(0)));
        signals.say("input", () -> tf.math.sigmoid(linear.get(1)));
        signals.say("candidate", candidate);
        signals.say("forget-share", keep);
        // 1 − σ(a) = σ(−a), without what the difference loses where the share is small.
        signals.say("input-share", () -> tf.math.sigmoid(tf.math.neg(odds)));
        signals.say("kept", () -> tf.math.mul(keep, hidden));
        signals.say("written", () -> tf.math.mul(tf.math.sigmoid(tf.math.neg(odds)), candidate));
        // f'∘h + (1−f')∘h̃ = h̃ + f'∘(h − h̃)
        return List.of(tf.math.add(candidate, tf.math.mul(keep, tf.math.sub(hidden, candidate))));
    }
}
