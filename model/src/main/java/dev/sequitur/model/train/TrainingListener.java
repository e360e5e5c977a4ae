package dev.sequitur.model.train;

/** Hears how a training goes. Called on the thread that trains. */
public interface TrainingListener {
    /** Something a user should know: a constant column, a small validation part. */
    default void warning(String message) {}

    /**
     * A network of an ensemble is trained next; not called where there is only one.
     *
     * @param member from 1
     */
    default void member(int member, int members, long seed) {}

    /**
     * @param done events of this epoch trained so far, of {@code total}
     * @param loss mean over the epoch so far, nats per event
     */
    default void progress(int epoch, int epochs, long done, long total, double loss) {}

    /** An epoch ended. */
    default void epoch(EpochReport report) {}

    /** Asked after every epoch: true ends the training with the best weights so far, as if there were no more epochs. */
    default boolean enough(EpochReport report) {
        return false;
    }

    /** Asked after every training step: true ends the training with {@link TrainingStoppedException}. */
    default boolean stopRequested() {
        return false;
    }

    /** Asked after every epoch: true ends the training as if its patience had run out, with the best epoch so far. */
    default boolean enough() {
        return false;
    }

    /** Hears nothing. */
    TrainingListener SILENT = new TrainingListener() {};
}
