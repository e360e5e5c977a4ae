package dev.sequitur.topology.scoring;

/** An event that came too late to be stepped; it goes to the topic for late events. */
final class LateEventException extends Exception {
    private static final long serialVersionUID = 1L;

    static final String CODE = "late";

    LateEventException(String message) {
        // As common as late events: no stack trace is filled in.
        super(message, null, false, false);
    }
}
