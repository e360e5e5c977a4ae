package dev.sequitur.model.step;

/**
 * The arrays of one call of a {@link StepFunction}: {@code rows} entities side by side, one event each. The caller fills
 * {@link #features} and {@link #state}; the call fills the rest and replaces {@link #state} by the new rows. Arrays are
 * row-major, may be longer than {@code rows} needs, and are reused from call to call.
 *
 * <p>Threading: belongs to one thread.
 */
public final class StepBatch {
    private final StepShape shape;
    private int capacity;
    private int rows;

    /** {@code [rows, I]}: encoded events. */
    public float[] features = {};
    /** {@code [rows, S]}: state rows, before the call; after it, the new ones. */
    public float[] state = {};
    /** {@code [rows, F]}: surprise of each predicted field, nats. */
    public float[] surprise = {};
    /** {@code [rows, P]}: parameters of the distribution that was expected of this event. */
    public float[] expected = {};
    /** {@code [rows, P]}: parameters of the distribution of the next event. */
    public float[] prediction = {};

    public StepBatch(StepShape shape) {
        this.shape = shape;
    }

    public StepShape shape() {
        return shape;
    }

    public int rows() {
        return rows;
    }

    /** Makes room for {@code rows} rows. What the arrays held is lost when they have to grow. */
    public void resize(int newRows) {
        if (newRows > capacity) {
            capacity = Math.max(newRows, Math.min(2 * capacity, 1 << 16));
            features = new float[capacity * shape.features()];
            state = new float[capacity * shape.state()];
            surprise = new float[capacity * shape.surprises()];
            expected = new float[capacity * shape.parameters()];
            prediction = new float[capacity * shape.parameters()];
        }
        rows = newRows;
    }
}
