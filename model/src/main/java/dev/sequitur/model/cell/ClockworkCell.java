package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Weights;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TBool;
import org.tensorflow.types.TFloat32;

/**
 * The clockwork RNN: modules of hidden units, each with a period. At step t those modules compute whose period divides t;
 * the others keep their state, to the bit. A module hears itself and the slower ones.
 *
 * <pre>
 * y_H^(t)[g] = tanh(Σ_{j: T_j >= T_g} W_H[g,j] y_H^(t-1)[j] + W_I[g] x^(t) + b[g])  where t mod T_g = 0
 * y_H^(t)[g] = y_H^(t-1)[g]                                                      elsewhere
 * </pre>
 *
 * <p>Koutník, Greff, Gomez and Schmidhuber, "A clockwork RNN", 2014, arXiv 1402.3511, equations 1 to 5, with tanh for f_H
 * and with a bias. A session's first event is step 0, at which every module computes.
 *
 * <p>Shapes: input {@code [B,I]}, {@code hidden [B,H]}, modules of equal width in the order of their periods, fastest
 * first; {@code clock [B,1]}: t of the next event modulo the least common multiple of the periods, so that it stays a whole
 * number that a float holds exactly. Weights: {@code kernel [I+H, H]} (W_I above W_H; what would lead from a faster module
 * to a slower one is not used), {@code bias [H]}. Checked by {@code CellReferenceTest} and {@code ClockworkCellTest}.
 */
public final class ClockworkCell implements Cell {
    private final int inputs;
    private final int units;
    private final List<Integer> periods;
    private final int cycle;
    private final Operand<TFloat32> kernel;
    private final Operand<TFloat32> bias;

    /**
     * @param periods T_g, ascending; their number divides units
     * @param cycle least common multiple of the periods
     */
    public ClockworkCell(Weights weights, String name, int inputs, int units, List<Integer> periods, int cycle) {
        this.inputs = inputs;
        this.units = units;
        this.periods = periods;
        this.cycle = cycle;
        this.kernel =
                weights.get(name + "/kernel", Initializer.recurrentKernel(inputs, units, 1), inputs + units, units);
        this.bias = weights.get(name + "/bias", Initializer.constant(0), units);
    }

    @Override
    public List<StateSlice> state() {
        return List.of(new StateSlice("hidden", units), new StateSlice("clock", 1));
    }

    @Override
    public List<Operand<TFloat32>> step(
            Ops tf,
            Operand<TFloat32> input,
            List<Operand<TFloat32>> state,
            List<Operand<TFloat32>> below,
            Signals signals) {
        Operand<TFloat32> hidden = state.get(0);
        Operand<TFloat32> clock = state.get(1);
        Operand<TFloat32> both = tf.concat(List.of(input, hidden), tf.constant(1));
        Operand<TFloat32> used = tf.math.mul(kernel, connections(tf));
        Operand<TFloat32> computed = tf.math.tanh(tf.nn.biasAdd(tf.linalg.matMul(both, used), bias));
        Operand<TBool> ticks = tf.math.equal(tf.math.floorMod(clock, periodOfUnit(tf)), tf.constant(0f));
        signals.say("hidden-before", hidden);
        signals.say("clock-before", clock);
        signals.say("candidate", computed);
        signals.say("ticks", () -> tf.dtypes.cast(ticks, TFloat32.class));
        // A count has no gradient, and TensorFlow knows none of a remainder.
        Operand<TFloat32> next =
                tf.stopGradient(tf.math.floorMod(tf.math.add(clock, tf.constant(1f)), tf.constant((float) cycle)));
        return List.of(tf.select(ticks, computed, hidden), next);
    }

    private int module(int unit) {
        return unit / (units / periods.size());
    }

    private Operand<TFloat32> periodOfUnit(Ops tf) {
        float[] values = new float[units];
        for (int i = 0; i < units; i++) {
            values[i] = periods.get(module(i));
        }
        return tf.constant(values);
    }

    /** {@code [I+H, H]}: 1 where the kernel is used. */
    private Operand<TFloat32> connections(Ops tf) {
        float[] values = new float[(inputs + units) * units];
        for (int i = 0; i < inputs + units; i++) {
            for (int j = 0; j < units; j++) {
                values[i * units + j] = i < inputs || module(i - inputs) >= module(j) ? 1 : 0;
            }
        }
        return tf.constant(Shape.of(inputs + units, units), DataBuffers.of(values));
    }
}
