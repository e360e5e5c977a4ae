package dev.sequitur.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.SynchronizedHistogram;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;

/**
 * How long after its due time each event came to one place: an HdrHistogram of microseconds, three digits. The due time is
 * that of a schedule which waits for nothing, so that an event that could only be sent late counts as late (no coordinated
 * omission). It travels as a header, nanoseconds of this process's clock, which Sequitur passes on to the event's score.
 *
 * <p>Threading: one thread records, any may read.
 */
final class Latencies {
    private static final String DUE = "bench-due";
    private static final double MICROS_PER_MS = 1e3;

    private final long fromNanos;
    private final long countFromNanos;
    private final Histogram micros = new SynchronizedHistogram(3);
    private volatile long seen;

    /**
     * @param fromNanos events due earlier belong to something before, and are passed over
     * @param countFromNanos events due earlier are seen, but not recorded: they warm up
     */
    Latencies(long fromNanos, long countFromNanos) {
        this.fromNanos = fromNanos;
        this.countFromNanos = countFromNanos;
    }

    static void mark(Headers headers, long dueNanos) {
        headers.add(DUE, ByteBuffer.allocate(Long.BYTES).putLong(dueNanos).array());
    }

    void record(Headers headers, long nowNanos) {
        Header due = headers.lastHeader(DUE);
        if (due == null) {
            throw new IllegalStateException("a score came without its event's header " + DUE);
        }
        record(ByteBuffer.wrap(due.value()).getLong(), nowNanos);
    }

    // One thread writes the count.
    @SuppressWarnings("NonAtomicOperationOnVolatileField")
    void record(long dueNanos, long nowNanos) {
        if (dueNanos - fromNanos < 0) {
            return;
        }
        if (dueNanos - countFromNanos >= 0) {
            micros.recordValue(Math.max(0, nowNanos - dueNanos) / 1000);
        }
        seen++;
    }

    /** Events that came, those that warm up among them. */
    long seen() {
        return seen;
    }

    /** Events that were recorded. */
    long count() {
        return micros.getTotalCount();
    }

    /** Milliseconds that {@code percent} of the events didn't exceed. */
    double percentileMs(double percent) {
        return micros.getValueAtPercentile(percent) / MICROS_PER_MS;
    }

    double maxMs() {
        return micros.getMaxValue() / MICROS_PER_MS;
    }

    String columns() {
        return String.format(
                Locale.ROOT,
                "%,9.2f %,9.2f %,9.2f %,9.2f",
                percentileMs(50),
                percentileMs(99),
                percentileMs(99.9),
                maxMs());
    }

    ObjectNode json() {
        return JsonNodeFactory.instance
                .objectNode()
                .put("p50", percentileMs(50))
                .put("p99", percentileMs(99))
                .put("p99.9", percentileMs(99.9))
                .put("max", maxMs());
    }
}
