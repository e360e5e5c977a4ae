package dev.sequitur.topology.batch;

/**
 * What the consumer of a partition and the processor of its events tell each other: how far was polled and committed, how
 * long an event takes.
 *
 * <p>Threading: safe for one thread that polls and commits, one that processes (with Kafka Streams, the same), and many
 * that look.
 */
public final class Feed {
    /** Weight of the last batch in the mean time of an event: a slowdown shows within a few batches. */
    private static final double NEWEST = 0.3;

    private volatile long polledTo = -1;
    private volatile long committed = -1;
    private volatile double nanosPerEvent;

    /** @param nextOffset behind the last event that was polled */
    void polled(long nextOffset) {
        polledTo = nextOffset;
    }

    void committed(long nextOffset) {
        committed = nextOffset;
    }

    /** The next offset to be committed after all that was polled is processed; −1 before the first poll. */
    public long polledTo() {
        return polledTo;
    }

    /** The offset that was committed last while this consumer ran; −1 for none. Only at least once: a transaction's offsets
     * are committed by its producer. */
    public long committed() {
        return committed;
    }

    /** How long a batch took. */
    public void processed(int events, long nanos) {
        double now = (double) nanos / Math.max(1, events);
        nanosPerEvent = nanosPerEvent == 0 ? now : NEWEST * now + (1 - NEWEST) * nanosPerEvent;
    }

    /** Events that take at most so long, by what the last ones took; at least 1, at most {@code most}. */
    int within(long nanos, int most) {
        double each = nanosPerEvent;
        return each == 0 ? most : (int) Math.max(1, Math.min(most, nanos / each));
    }
}
