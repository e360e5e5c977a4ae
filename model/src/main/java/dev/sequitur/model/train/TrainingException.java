package dev.sequitur.model.train;

/** Data or a checkpoint that can't be trained on. The message says what was expected, what came and what to do. */
public final class TrainingException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TrainingException(String message) {
        super(message);
    }

    TrainingException(String message, Throwable cause) {
        super(message, cause);
    }
}
