package dev.sequitur.model.step;

import java.util.Arrays;

/**
 * The arrays of one call of a {@link StepFunction}: {@code rows} entities side by side, {@code steps} slots for the events
 * of each, one after the other. The caller fills {@link #features} and {@link #state}, and {@link #lengths} where there is
 * more than one step; the call fills the rest and replaces {@link #state} by the new rows. Arrays are row-major, may be
 * longer than the call needs, and are reused from call to call.
 *
 * <p>Shapes: B rows, T steps; what has a value for each event is {@code [T,B,·]}, so {@code [B,·]} for one step. B is {@link
 * #width}: the rows rounded up to one of eight sizes an octave, so that a stream of batches of all sizes has some dozens of
 * shapes. TensorFlow's oneDNN makes and keeps a kernel for each shape: with a shape for each of 1000 sizes, calls took more
 * than twice as long and resident memory grew by 200 MB. What the rows behind the last one hold is ignored.
 *
 * <p>Threading: belongs to one thread.
 */
public final class StepBatch {
    private static final int MAX_SPARE = 1 << 16;
    private static final int SIZES_AN_OCTAVE = 8;

    private final StepShape shape;
    private int rows;
    private int width;
    private int steps = 1;

    /** {@code [T,B,I]}: encoded events. */
    public float[] features = {};
    /** {@code [B,S]}: state rows, before the call; after it, the new ones. */
    public float[] state = {};
    /** {@code [B]}: events of each row, 1 to T; what a later slot of the row holds is ignored. */
    public int[] lengths = {};
    /** {@code [T,B,F]}: surprise of each predicted field, nats. */
    public float[] surprise = {};
    /** {@code [T,B,P]}: parameters of the distribution that was expected of this event. */
    public float[] expected = {};
    /** {@code [T,B,P]}: parameters of the distribution of the next event. */
    public float[] prediction = {};

    public StepBatch(StepShape shape) {
        this.shape = shape;
    }

    public StepShape shape() {
        return shape;
    }

    /** Rows that the caller fills. */
    public int rows() {
        return rows;
    }

    /** B: rows that the arrays are laid out for, at least {@link #rows}. */
    public int width() {
        return width;
    }

    /** T. */
    public int steps() {
        return steps;
    }

    /** Where a row's t-th event lies in the arrays that have a value for each event. */
    public int slot(int t, int row) {
        return t * width + row;
    }

    /** Makes room for one event of each row. What an array held is lost when it has to grow. */
    public void resize(int newRows) {
        resize(1, newRows);
    }

    /** Makes room for {@code newSteps} events of each row, all of full length. What an array held is lost when it has to grow. */
    public void resize(int newSteps, int newRows) {
        width = width(newRows);
        int slots = Math.multiplyExact(newSteps, width);
        if (slots * shape.surprises() > surprise.length) {
            int capacity = Math.max(slots, Math.min(2 * surprise.length / shape.surprises(), MAX_SPARE));
            features = new float[capacity * shape.features()];
            surprise = new float[capacity * shape.surprises()];
            expected = new float[capacity * shape.parameters()];
            prediction = new float[capacity * shape.parameters()];
        }
        if (width > lengths.length) {
            int capacity = Math.max(width, Math.min(2 * lengths.length, MAX_SPARE));
            lengths = new int[capacity];
            state = new float[capacity * shape.state()];
        }
        Arrays.fill(lengths, 0, newRows, newSteps);
        Arrays.fill(lengths, newRows, width, 1);
        steps = newSteps;
        rows = newRows;
    }

    /** Up to 16 as they are, up to 32 by twos, up to 64 by fours, and so on. */
    private static int width(int rows) {
        int unit = Math.max(1, Integer.highestOneBit(Math.max(1, rows - 1)) / SIZES_AN_OCTAVE);
        return (rows + unit - 1) / unit * unit;
    }
}
