package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Weights;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * The two-dimensional grid LSTM: one LSTM along time, one along depth, each with its own memory, both reading both hidden
 * vectors.
 *
 * <pre>
 * H = [h_1; h_2]                               1 is depth, 2 is time
 * (h'_1, m'_1) = LSTM(H, m_1, W_1)
 * (h'_2, m'_2) = LSTM(H, m_2, W_2)
 *
 * LSTM(H, m, W):  g^u = σ(W^u H), g^f = σ(W^f H), g^o = σ(W^o H), g^c = tanh(W^c H)
 *                 m' = g^f ∘ m + g^u ∘ g^c
 *                 h' = tanh(g^o ∘ m')
 * </pre>
 *
 * <p>h_2, m_2 come from the step before, h_1, m_1 from the layer beneath. At the lowest layer they are projections of the
 * input, h_1 = V_h x + b_h and m_1 = V_m x + b_m. The output is h'_1.
 *
 * <p>Kalchbrenner, Danihelka and Graves, "Grid long short-term memory", 2015, arXiv 1507.01526, equations 1 to 4 and section
 * 3.1; weights are not tied along either dimension but time. Departs from the paper in having biases; those of the forget
 * gates start at 1.
 *
 * <p>Shapes: input {@code [B,I]}, which above the lowest layer is h_1, so I = H there; {@code hidden [B,H]} (h'_1), {@code
 * depth-memory [B,H]} (m'_1), {@code time-hidden [B,H]}, {@code time-memory [B,H]}. The first two are in the state for the
 * layer above and for the output; the next step doesn't read them. Weights: {@code depth/kernel}, {@code time/kernel [2H,
 * 4H]} with rows h_1, h_2 and columns u, c, f, o, their {@code bias [4H]}; at the lowest layer {@code input/kernel [I,2H]}
 * with columns h, m, and {@code input/bias [2H]}. Checked by {@code CellReferenceTest}.
 */
public final class GridLstmCell implements Cell {
    private final int units;
    private final Lstm depth;
    private final Lstm time;
    /** V and b; null above the lowest layer. */
    private final Projection projection;

    private record Projection(Operand<TFloat32> kernel, Operand<TFloat32> bias) {}

    /** The transform of one dimension. */
    private record Lstm(Operand<TFloat32> kernel, Operand<TFloat32> bias) {
        static Lstm of(Weights weights, String name, int units) {
            return new Lstm(
                    weights.get(name + "/kernel", Initializer.recurrentKernel(units, units, 4), 2 * units, 4 * units),
                    weights.get(name + "/bias", Initializer.gateBias(units, 0, 0, 1, 0), 4 * units));
        }

        /** h', m'. */
        List<Operand<TFloat32>> of(Ops tf, Operand<TFloat32> hiddens, Operand<TFloat32> memory, Signals signals) {
            var gates = tf.split(tf.constant(1), tf.nn.biasAdd(tf.linalg.matMul(hiddens, kernel), bias), 4L)
                    .output();
            Operand<TFloat32> u = tf.math.sigmoid(gates.get(0));
            Operand<TFloat32> c = tf.math.tanh(gates.get(1));
            Operand<TFloat32> f = tf.math.sigmoid(gates.get(2));
            Operand<TFloat32> o = tf.math.sigmoid(gates.get(3));
            Operand<TFloat32> kept = tf.math.mul(f, memory);
            Operand<TFloat32> written = tf.math.mul(u, c);
            signals.say("forget", f);
            signals.say("input", u);
            signals.say("candidate", c);
            signals.say("output", o);
            signals.say("kept", kept);
            signals.say("written", written);
            Operand<TFloat32> next = tf.math.add(kept, written);
            return List.of(tf.math.tanh(tf.math.mul(o, next)), next);
        }
    }

    /**
     * @param inputs I; above the lowest layer the same as units
     * @param lowest whether there is no layer beneath
     */
    public GridLstmCell(Weights weights, String name, int inputs, int units, boolean lowest) {
        this.units = units;
        this.depth = Lstm.of(weights, name + "/depth", units);
        this.time = Lstm.of(weights, name + "/time", units);
        this.projection = lowest
                ? new Projection(
                        weights.get(name + "/input/kernel", Initializer.glorotUniform(), inputs, 2 * units),
                        weights.get(name + "/input/bias", Initializer.constant(0), 2 * units))
                : null;
    }

    @Override
    public List<StateSlice> state() {
        return List.of(
                new StateSlice("hidden", units),
                new StateSlice("depth-memory", units),
                new StateSlice("time-hidden", units),
                new StateSlice("time-memory", units));
    }

    @Override
    public List<Operand<TFloat32>> step(
            Ops tf,
            Operand<TFloat32> input,
            List<Operand<TFloat32>> state,
            List<Operand<TFloat32>> below,
            Signals signals) {
        Operand<TFloat32> hidden = input;
        Operand<TFloat32> memory;
        if (projection != null) {
            var projected = tf.split(
                            tf.constant(1),
                            tf.nn.biasAdd(tf.linalg.matMul(input, projection.kernel()), projection.bias()),
                            2L)
                    .output();
            hidden = projected.get(0);
            memory = projected.get(1);
        } else {
            memory = below.get(1);
        }
        signals.say("depth-hidden-before", hidden);
        signals.say("depth-memory-before", memory);
        signals.say("time-hidden-before", state.get(2));
        signals.say("time-memory-before", state.get(3));
        Operand<TFloat32> hiddens = tf.concat(List.of(hidden, state.get(2)), tf.constant(1));
        List<Operand<TFloat32>> upwards = depth.of(tf, hiddens, memory, signals.under("depth-"));
        List<Operand<TFloat32>> onwards = time.of(tf, hiddens, state.get(3), signals.under("time-"));
        return List.of(upwards.get(0), upwards.get(1), onwards.get(0), onwards.get(1));
    }
}
