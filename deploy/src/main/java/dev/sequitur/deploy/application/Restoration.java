package dev.sequitur.deploy.application;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateRestoreListener;

/**
 * How far the states of this instance are restored from their changelogs.
 *
 * <p>Threading: safe for use by many threads; Kafka Streams reports on threads of its own.
 */
final class Restoration implements StateRestoreListener {
    /** Records to go of the changelogs that are being restored. */
    private final Map<TopicPartition, Remaining> ongoing = new HashMap<>();

    private int begun;

    /** @param end offset behind the last record */
    private record Remaining(long next, long end) {
        long records() {
            return Math.max(0, end - next);
        }
    }

    @Override
    public synchronized void onRestoreStart(TopicPartition changelog, String store, long start, long end) {
        if (ongoing.put(changelog, new Remaining(start, end)) == null) {
            begun++;
        }
    }

    @Override
    public synchronized void onBatchRestored(TopicPartition changelog, String store, long last, long restored) {
        ongoing.computeIfPresent(changelog, (key, before) -> new Remaining(last + 1, before.end()));
    }

    @Override
    public synchronized void onRestoreEnd(TopicPartition changelog, String store, long restored) {
        end(changelog);
    }

    @Override
    public synchronized void onRestoreSuspended(TopicPartition changelog, String store, long restored) {
        end(changelog);
    }

    private void end(TopicPartition changelog) {
        ongoing.remove(changelog);
        if (ongoing.isEmpty()) {
            begun = 0;
        }
    }

    /** What is going on, in words; empty when nothing is. */
    synchronized Optional<String> inWords() {
        if (ongoing.isEmpty()) {
            return Optional.empty();
        }
        long records = ongoing.values().stream().mapToLong(Remaining::records).sum();
        return Optional.of(String.format(
                Locale.ROOT,
                "restoring %d of %d changelog partitions: %,d records to go",
                ongoing.size(),
                begun,
                records));
    }
}
