package dev.sequitur.model.train;

/** A listener wanted the training to end early. The epochs before this one are in the checkpoint, where there is one. */
public final class TrainingStoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int epochs;

    TrainingStoppedException(int epochs) {
        super("Training was stopped after " + epochs + " whole epochs");
        this.epochs = epochs;
    }

    /** Whole epochs before the end, of all members. */
    public int epochs() {
        return epochs;
    }
}
