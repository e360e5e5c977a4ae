package dev.sequitur.topology.batch;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The record that carries the events of one poll of one partition from the consumer to the source node. */
final class Carrier {
    /** Tells a carrier that lost its events from an event. Random, so that no event can pass for a carrier. */
    private static final byte[] MARK = new byte[16];

    static {
        new SecureRandom().nextBytes(MARK);
    }

    private Carrier() {}

    /**
     * @param events of one partition, in the order of their offsets; at least one
     */
    static ConsumerRecord<byte[], byte[]> of(List<ConsumerRecord<byte[], byte[]>> events, Feed feed) {
        ConsumerRecord<byte[], byte[]> first = events.get(0);
        int keyBytes = 0;
        int valueBytes = 0;
        for (ConsumerRecord<byte[], byte[]> event : events) {
            keyBytes += Math.max(0, event.serializedKeySize());
            valueBytes += Math.max(0, event.serializedValueSize());
        }
        // The first event's offset: Streams commits the offset of the next carrier that it hasn't processed.
        return new ConsumerRecord<>(
                first.topic(),
                first.partition(),
                first.offset(),
                first.timestamp(),
                first.timestampType(),
                keyBytes,
                valueBytes,
                null,
                MARK,
                new BatchHeaders(events, feed),
                first.leaderEpoch());
    }

    static boolean isMark(byte[] value) {
        return Arrays.equals(MARK, value);
    }
}
