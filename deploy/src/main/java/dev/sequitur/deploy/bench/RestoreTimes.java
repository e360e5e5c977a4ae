package dev.sequitur.deploy.bench;

import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/**
 * How long the restoring of an application's stores took, from the first store's start to the last one's end.
 *
 * <p>Threading: safe for use by many threads; Kafka Streams calls it on its restoring threads.
 */
final class RestoreTimes implements StateRestoreListener {
    private final AtomicLong firstNanos = new AtomicLong(Long.MAX_VALUE);
    private final AtomicLong lastNanos = new AtomicLong(Long.MIN_VALUE);
    private final AtomicLong records = new AtomicLong();

    @Override
    public void onRestoreStart(TopicPartition changelog, String store, long startingOffset, long endingOffset) {
        firstNanos.accumulateAndGet(System.nanoTime(), Math::min);
    }

    @Override
    public void onBatchRestored(TopicPartition changelog, String store, long batchEndOffset, long numRestored) {
        // All of them are counted at the end.
    }

    @Override
    public void onRestoreEnd(TopicPartition changelog, String store, long totalRestored) {
        records.addAndGet(totalRestored);
        lastNanos.accumulateAndGet(System.nanoTime(), Math::max);
    }

    long records() {
        return records.get();
    }

    /** 0 where nothing was restored. */
    double seconds() {
        return records() == 0 ? 0 : (lastNanos.get() - firstNanos.get()) / 1e9;
    }
}
