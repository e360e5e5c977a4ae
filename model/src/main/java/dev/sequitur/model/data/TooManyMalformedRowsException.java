package dev.sequitur.model.data;

/** More rows of a source are malformed than the spec allows. The message names the first of them with their places. */
public final class TooManyMalformedRowsException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public TooManyMalformedRowsException(String message) {
        super(message);
    }
}
