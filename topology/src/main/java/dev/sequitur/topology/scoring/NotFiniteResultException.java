package dev.sequitur.topology.scoring;

/** The step function gave NaN or infinity for an event; its results are neither stored nor emitted. */
final class NotFiniteResultException extends Exception {
    private static final long serialVersionUID = 1L;

    static final String CODE = "not-finite-result";

    NotFiniteResultException(String message) {
        // As common as the events that cause it: no stack trace is filled in.
        super(message, null, false, false);
    }
}
