package dev.sequitur.model.spec;

/** A pipeline spec that can't be used. The message names the line, what was expected, what was found and what to do. */
public final class SpecException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public SpecException(String message) {
        super(message);
    }
}
