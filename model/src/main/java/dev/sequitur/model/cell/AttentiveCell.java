package dev.sequitur.model.cell;

import dev.sequitur.model.graph.Columns;
import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Noise;
import dev.sequitur.model.graph.Weights;
import java.util.ArrayList;
import java.util.List;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/**
 * A cell whose output attends to its own outputs after the last W events, h_t, h_{t-1}, …, h_{t-W+1}.
 *
 * <pre>
 * a = softmax(h_t W_q K^T / √H)   over the rows of K = [h_t; h_{t-1}; …] that there are
 * c = a K
 * h̃_t = tanh(W_c [c; h_t])
 * </pre>
 *
 * <p>Scaled dot-product attention of Vaswani et al., "Attention is all you need", 2017, arXiv 1706.03762, equation 1, with
 * the query h_t W_q, and K for keys and values: a projection of the keys would be one with W_q. The combination h̃ is
 * equation 5 of Luong, Pham and Manning, "Effective approaches to attention-based neural machine translation", 2015, arXiv
 * 1508.04025, with the entity's own past for a source sentence.
 *
 * <p>The window is part of the state, so the output and the weights a remain functions of the state: before a session's
 * first event no row is there, and a and c are zeros.
 *
 * <p>Shapes: those of the cell inside; then {@code attention/window [B,(W−1)H]}, the outputs before h_t, newest first, and
 * {@code attention/filled [B,1]}: how many rows of K there are, h_t among them. Weights: {@code attention/query [H,H]} (W_q),
 * {@code attention/combine [2H,H]} (W_c, for c above h_t). Checked by {@code CellReferenceTest} and {@code
 * SequenceNetworkTest}.
 */
public final class AttentiveCell implements Cell {
    /** Added to the score of a row that isn't there: its weight is 0 in float32. */
    private static final float NEVER = -1e9f;

    private final Cell inside;
    private final int rows;
    private final int width;
    private final Operand<TFloat32> query;
    private final Operand<TFloat32> combine;

    /** @param rows W, at least 2 */
    public AttentiveCell(Weights weights, Cell inside, int rows) {
        this(
                inside,
                rows,
                weights.get("attention/query", Initializer.glorotUniform(), inside.outputWidth(), inside.outputWidth()),
                weights.get(
                        "attention/combine",
                        Initializer.glorotUniform(),
                        2 * inside.outputWidth(),
                        inside.outputWidth()));
    }

    private AttentiveCell(Cell inside, int rows, Operand<TFloat32> query, Operand<TFloat32> combine) {
        this.inside = inside;
        this.rows = rows;
        this.width = inside.outputWidth();
        this.query = query;
        this.combine = combine;
    }

    /** The same attention over another form of the cell inside. */
    public AttentiveCell over(Cell other) {
        return new AttentiveCell(other, rows, query, combine);
    }

    @Override
    public List<StateSlice> state() {
        List<StateSlice> slices = new ArrayList<>(inside.state());
        slices.add(new StateSlice("attention/window", (rows - 1) * width));
        slices.add(new StateSlice("attention/filled", 1));
        return slices;
    }

    @Override
    public int outputWidth() {
        return width;
    }

    @Override
    public Operand<TFloat32> output(Ops tf, List<Operand<TFloat32>> state) {
        return attend(tf, inside.output(tf, inner(state)), state);
    }

    /** a, {@code [B,W]}, newest first: what the output of a state looks at. Zero for rows that aren't there. */
    public Operand<TFloat32> attention(Ops tf, List<Operand<TFloat32>> state) {
        Operand<TFloat32> hidden = inside.output(tf, inner(state));
        return attention(tf, hidden, keys(tf, hidden, state), filled(state));
    }

    private Operand<TFloat32> attend(Ops tf, Operand<TFloat32> hidden, List<Operand<TFloat32>> state) {
        Operand<TFloat32> keys = keys(tf, hidden, state);
        Operand<TFloat32> weights = attention(tf, hidden, keys, filled(state));
        Operand<TFloat32> context =
                tf.reduceSum(tf.math.mul(keys, tf.expandDims(weights, tf.constant(2))), tf.constant(1));
        Operand<TFloat32> both = tf.concat(List.of(context, hidden), tf.constant(1));
        return tf.math.tanh(tf.linalg.matMul(both, combine));
    }

    private Operand<TFloat32> attention(
            Ops tf, Operand<TFloat32> hidden, Operand<TFloat32> keys, Operand<TFloat32> filled) {
        Operand<TFloat32> asked = tf.expandDims(tf.linalg.matMul(hidden, query), tf.constant(1));
        Operand<TFloat32> scores = tf.math.mul(
                tf.reduceSum(tf.math.mul(keys, asked), tf.constant(2)), tf.constant((float) (1 / Math.sqrt(width))));
        float[] indices = new float[rows];
        for (int i = 0; i < rows; i++) {
            indices[i] = i;
        }
        Operand<TFloat32> there = tf.dtypes.cast(tf.math.less(tf.constant(indices), filled), TFloat32.class);
        Operand<TFloat32> absent = tf.math.mul(tf.math.sub(tf.constant(1f), there), tf.constant(NEVER));
        return tf.math.mul(tf.nn.softmax(tf.math.add(scores, absent)), there);
    }

    /** K, {@code [B,W,H]}. */
    private Operand<TFloat32> keys(Ops tf, Operand<TFloat32> hidden, List<Operand<TFloat32>> state) {
        return tf.reshape(
                tf.concat(List.of(hidden, window(state)), tf.constant(1)), tf.constant(new int[] {-1, rows, width}));
    }

    @Override
    public List<Operand<TFloat32>> step(
            Ops tf,
            Operand<TFloat32> input,
            List<Operand<TFloat32>> state,
            List<Operand<TFloat32>> below,
            Signals signals) {
        return remember(tf, state, inside.step(tf, input, inner(state), below, signals));
    }

    @Override
    public Observation observe(
            Ops tf,
            Operand<TFloat32> input,
            List<Operand<TFloat32>> state,
            List<Operand<TFloat32>> below,
            Noise noise) {
        Observation seen = inside.observe(tf, input, inner(state), below, noise);
        return new Observation(attend(tf, seen.output(), state), remember(tf, state, seen.state()), seen.penalty());
    }

    /** The state after an event: what was h_t is now the newest of the outputs before it. */
    private List<Operand<TFloat32>> remember(
            Ops tf, List<Operand<TFloat32>> before, List<Operand<TFloat32>> insideAfter) {
        Operand<TFloat32> past = inside.output(tf, inner(before));
        Operand<TFloat32> window = rows == 2
                ? past
                : tf.concat(List.of(past, Columns.of(tf, window(before), 0, (rows - 2) * width)), tf.constant(1));
        List<Operand<TFloat32>> after = new ArrayList<>(insideAfter);
        after.add(window);
        after.add(tf.math.minimum(tf.math.add(filled(before), tf.constant(1f)), tf.constant((float) rows)));
        return after;
    }

    private List<Operand<TFloat32>> inner(List<Operand<TFloat32>> state) {
        return state.subList(0, state.size() - 2);
    }

    private static Operand<TFloat32> window(List<Operand<TFloat32>> state) {
        return state.get(state.size() - 2);
    }

    private static Operand<TFloat32> filled(List<Operand<TFloat32>> state) {
        return state.get(state.size() - 1);
    }
}
