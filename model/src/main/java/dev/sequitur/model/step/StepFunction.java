package dev.sequitur.model.step;

import java.util.List;

/**
 * One event further for many entities, or a few: the only door to TensorFlow when serving. A row's result doesn't depend on the
 * other rows (to 1e-5). The state is reset inside, where the feature row says that a session starts.
 *
 * <p>Threading: safe for use by many threads, each with its own {@link StepBatch}.
 */
public interface StepFunction extends AutoCloseable {
    StepShape shape();

    /** Where it computes: the CPU or a GPU. */
    default Device device() {
        return Device.CPU;
    }

    /** The numbers of steps that a batch may have, beside 1; ascending. */
    default List<Integer> blocks() {
        return List.of();
    }

    /**
     * Steps every row of the batch by its events.
     *
     * <p>A session starts with a row's first event in the batch or with none: an event that starts one ends the row
     * before it. TensorFlow's kernel for many steps can't reset a state on its way.
     *
     * @throws IllegalArgumentException when the batch has steps that are not among {@link #blocks}, or a session starts
     *     inside a row
     */
    void step(StepBatch batch);

    /** Frees what is native. No call may follow. */
    @Override
    void close();
}
