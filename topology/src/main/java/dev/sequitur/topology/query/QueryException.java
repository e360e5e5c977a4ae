package dev.sequitur.topology.query;

/** A question that can't be answered, in words for the one who asked. */
public final class QueryException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final Reason reason;
    private final String expected;
    private final String got;
    private final String remedy;

    /** Whose fault it is. */
    public enum Reason {
        /** There is no such entity. */
        UNKNOWN,
        /** The question is wrong. */
        WRONG,
        /** The question is right, but not for this model or not now. */
        NOT_POSSIBLE
    }

    public QueryException(Reason reason, String what, String expected, String got, String remedy) {
        super(what);
        this.reason = reason;
        this.expected = expected;
        this.got = got;
        this.remedy = remedy;
    }

    public Reason reason() {
        return reason;
    }

    public String expected() {
        return expected;
    }

    public String got() {
        return got;
    }

    /** What to do. */
    public String remedy() {
        return remedy;
    }
}
