package dev.sequitur.topology.scoring;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.StreamsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks into the topic that a task reads, and up to where it was read, with consumers of its own.
 *
 * <p>Threading: belongs to one thread.
 */
final class InputTopic implements RestoredStates.Input {
    private static final Logger LOG = LoggerFactory.getLogger(InputTopic.class);
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration POLL = Duration.ofMillis(100);

    private final Map<String, Object> streams;

    /** @param streams properties of Kafka Streams */
    InputTopic(Map<String, Object> streams) {
        this.streams = streams;
    }

    @Override
    public boolean hasEvents(TopicPartition partition, long from, long to) {
        try (Consumer<byte[], byte[]> consumer = consumer(Map.of(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1))) {
            consumer.assign(List.of(partition));
            // What the broker has deleted can't be lacking.
            consumer.seek(partition, Math.max(from, beginning(consumer, partition)));
            long deadline = System.nanoTime() + PATIENCE.toNanos();
            while (consumer.position(partition, PATIENCE) < to) {
                var records = consumer.poll(POLL).records(partition);
                if (!records.isEmpty()) {
                    return records.get(0).offset() < to;
                }
                if (System.nanoTime() - deadline > 0) {
                    return true;
                }
            }
            return false;
        } catch (KafkaException e) {
            // A leader that lacks the offsets is one that is cut off.
            LOG.warn("Can't see whether {} has events at offsets {} to {}", partition, from, to - 1, e);
            return true;
        }
    }

    @Override
    public boolean wasProcessed(TopicPartition partition) {
        Object group = streams.get(StreamsConfig.APPLICATION_ID_CONFIG);
        try (Consumer<byte[], byte[]> consumer = consumer(Map.of(ConsumerConfig.GROUP_ID_CONFIG, group))) {
            OffsetAndMetadata committed =
                    consumer.committed(Set.of(partition), PATIENCE).get(partition);
            // With the offset Kafka Streams commits its event time; who sets one by hand has none.
            return committed == null ? !resetsToLater() : !committed.metadata().isEmpty();
        } catch (KafkaException e) {
            LOG.warn("Can't see how far {} was processed by {}", partition, group, e);
            return true;
        }
    }

    /** Whether a consumer that knows no offset may leave events out. */
    private boolean resetsToLater() {
        Object policy = new StreamsConfig(streams)
                .getMainConsumerConfigs("any", "any", 0)
                .get(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG);
        return policy != null && !policy.toString().equals("earliest");
    }

    /** As the restore consumer: without an interceptor that packs, and of no group unless one is given. */
    private Consumer<byte[], byte[]> consumer(Map<String, Object> more) {
        Map<String, Object> config =
                new HashMap<>(new StreamsConfig(streams).getRestoreConsumerConfigs("sequitur-look"));
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        config.putAll(more);
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static long beginning(Consumer<byte[], byte[]> consumer, TopicPartition partition) {
        return consumer.beginningOffsets(List.of(partition), PATIENCE).get(partition);
    }
}
