package dev.sequitur.topology.output;

/** Headers of a dead letter. The first six are Kafka Streams' own (KIP-1034), so that one reader reads both. */
public final class DeadLetterHeaders {
    public static final String EXCEPTION = "__streams.errors.exception";
    public static final String MESSAGE = "__streams.errors.message";
    public static final String STACKTRACE = "__streams.errors.stacktrace";
    public static final String TOPIC = "__streams.errors.topic";
    public static final String PARTITION = "__streams.errors.partition";
    public static final String OFFSET = "__streams.errors.offset";

    /** Why, as a code. */
    public static final String REASON = "sequitur.reason";
    /** Bytes that the value had before it was cut; absent where it wasn't. */
    public static final String TRUNCATED_FROM = "sequitur.truncated-from";
    /** Bytes that the key had before it was cut; absent where it wasn't. */
    public static final String KEY_TRUNCATED_FROM = "sequitur.key-truncated-from";
    /**
     * Number of the event's own headers, where they were too large to be kept; absent where they were kept. On scores and
     * predictions too.
     */
    public static final String HEADERS_DROPPED = "sequitur.headers-dropped";

    private DeadLetterHeaders() {}
}
