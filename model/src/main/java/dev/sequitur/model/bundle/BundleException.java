package dev.sequitur.model.bundle;

/** A bundle that can't be used. The message names the bundle, what was expected, what was found and what to do. */
public final class BundleException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public BundleException(String message) {
        super(message);
    }

    public BundleException(String message, Throwable cause) {
        super(message, cause);
    }
}
