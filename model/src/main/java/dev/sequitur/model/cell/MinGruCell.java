package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Weights;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * minGRU: gate and candidate see the input alone, so that the state is a running weighted mean.
 *
 * <pre>
 * z_t = σ(Linear(x_t))
 * h̃_t = Linear(x_t)
 * h_t = (1 − z_t) ∘ h_{t-1} + z_t ∘ h̃_t
 * </pre>
 *
 * <p>Feng et al., "Were RNNs all we needed?", 2024, arXiv 2410.01201, section 3.1.3, not its form in logarithms. As there,
 * 1 − z keeps the past; the bias of z starts at −1, so that it does.
 *
 * <p>Shapes: input {@code [B,I]}, {@code hidden [B,H]}. Weights: {@code kernel [I, 2H]}, {@code bias [2H]}, columns in the
 * order z, h̃. Checked by {@code CellReferenceTest}.
 */
public final class MinGruCell implements Cell {
    private final int units;
    private final Operand<TFloat32> kernel;
    private final Operand<TFloat32> bias;

    public MinGruCell(Weights weights, String name, int inputs, int units) {
        this.units = units;
        this.kernel = weights.get(name + "/kernel", Initializer.glorotUniform(), inputs, 2 * units);
        this.bias = weights.get(name + "/bias", Initializer.gateBias(units, -1, 0), 2 * units);
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
        var both = tf.split(tf.constant(1), tf.nn.biasAdd(tf.linalg.matMul(input, kernel), bias), 2L)
                .output();
        Operand<TFloat32> z = tf.math.sigmoid(both.get(0));
        Operand<TFloat32> candidate = both.get(1);
        signals.say("hidden-before", hidden);
        signals.say("update", z);
        signals.say("candidate", candidate);
        signals.say("kept", () -> tf.math.mul(tf.math.sub(tf.constant(1f), z), hidden));
        signals.say("written", () -> tf.math.mul(z, candidate));
        // (1−z)∘h + z∘h̃ = h + z∘(h̃ − h)
        return List.of(tf.math.add(hidden, tf.math.mul(z, tf.math.sub(candidate, hidden))));
    }
}
