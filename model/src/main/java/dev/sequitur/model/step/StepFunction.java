package dev.sequitur.model.step;

/**
 * One event further for many entities: the only door to TensorFlow when serving. A row's result doesn't depend on the
 * other rows (to 1e-5). The state is reset inside, where the feature row says that a session starts.
 *
 * <p>Threading: safe for use by many threads, each with its own {@link StepBatch}.
 */
public interface StepFunction extends AutoCloseable {
    StepShape shape();

    /** Steps every row of the batch. */
    void step(StepBatch batch);

    /** Frees what is native. No call may follow. */
    @Override
    void close();
}
