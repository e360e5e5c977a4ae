package dev.sequitur.topology.batch;

import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;

/** The events that reach a processor together: what one poll brought for a partition, or one record. */
public sealed interface NaturalBatch {
    /**
     * Events of one partition in the order of their offsets.
     *
     * @param feed of that partition
     */
    record Polled(List<ConsumerRecord<byte[], byte[]>> events, Feed feed) implements NaturalBatch {
        @Override
        public List<ConsumerRecord<byte[], byte[]>> events(Record<byte[], NaturalBatch> carrier, RecordMetadata place) {
            return events;
        }
    }

    /**
     * A record that no interceptor packed.
     *
     * @param value null for a tombstone
     */
    record Single(byte[] value) implements NaturalBatch {
        @Override
        public List<ConsumerRecord<byte[], byte[]>> events(Record<byte[], NaturalBatch> carrier, RecordMetadata place) {
            return List.of(new ConsumerRecord<>(
                    place.topic() == null ? "" : place.topic(),
                    place.partition(),
                    place.offset(),
                    carrier.timestamp(),
                    TimestampType.CREATE_TIME,
                    carrier.key() == null ? ConsumerRecord.NULL_SIZE : carrier.key().length,
                    value == null ? ConsumerRecord.NULL_SIZE : value.length,
                    carrier.key(),
                    value,
                    carrier.headers(),
                    Optional.empty()));
        }
    }

    /**
     * The events with the place, key, timestamp and headers that each has of its own. A record that was made in the
     * topology, by a punctuator, has no place: its topic is empty, its partition and offset are -1.
     *
     * @param carrier the record that this batch is the value of
     * @param place of that record
     */
    List<ConsumerRecord<byte[], byte[]>> events(Record<byte[], NaturalBatch> carrier, RecordMetadata place);
}
