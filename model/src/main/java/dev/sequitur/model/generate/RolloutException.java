package dev.sequitur.model.generate;

/** A sequence that can't be continued. The message says why and what to do. */
public final class RolloutException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    RolloutException(String message) {
        super(message);
    }
}
