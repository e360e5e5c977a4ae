package dev.sequitur.topology.scoring;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Events that wait for their batch to be full, or for the commit.
 *
 * <p>Threading: belongs to the stream thread of its task.
 */
final class Collected {
    private final int maxEvents;
    private final Consumer<List<ConsumerRecord<byte[], byte[]>>> batches;
    private List<ConsumerRecord<byte[], byte[]>> events = new ArrayList<>();
    private boolean failed;

    /** @param batches takes each batch; what it throws comes out of the call that handed the batch over */
    Collected(int maxEvents, Consumer<List<ConsumerRecord<byte[], byte[]>>> batches) {
        this.maxEvents = maxEvents;
        this.batches = batches;
    }

    void add(List<ConsumerRecord<byte[], byte[]>> more) {
        for (ConsumerRecord<byte[], byte[]> event : more) {
            events.add(event);
            if (events.size() >= maxEvents) {
                flush();
            }
        }
    }

    /** Hands over what there is. After a failure nothing more: a task that closes because of it flushes once more. */
    void flush() {
        if (failed || events.isEmpty()) {
            return;
        }
        List<ConsumerRecord<byte[], byte[]>> batch = events;
        events = new ArrayList<>();
        failed = true;
        batches.accept(batch);
        failed = false;
    }
}
