package dev.sequitur.model.data;

/** An event that can't be used. Says which field, what was expected and what came. */
public final class MalformedEventException extends Exception {
    private static final long serialVersionUID = 1L;

    /** Why; the code is what counters and dead letters carry. */
    public enum Reason {
        UNDECODABLE("undecodable"),
        UNKNOWN_SCHEMA("unknown-schema"),
        MISSING_FIELD("missing-field"),
        WRONG_TYPE("wrong-type"),
        NOT_FINITE("not-finite"),
        TIME_OUT_OF_RANGE("time-out-of-range"),
        NULL_KEY("null-key"),
        KEY_MISMATCH("key-mismatch"),
        NULL_VALUE("null-value"),
        TOO_LARGE("too-large");

        private final String code;

        Reason(String code) {
            this.code = code;
        }

        public String code() {
            return code;
        }
    }

    private final Reason reason;

    public MalformedEventException(Reason reason, String message) {
        // Bad input may come by the million: no stack trace is filled in.
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
