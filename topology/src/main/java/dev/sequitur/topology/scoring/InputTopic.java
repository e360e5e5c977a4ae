package dev.sequitur.topology.scoring;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.StreamsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks into the topic that a task reads, with a consumer of its own that belongs to no group.
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
        // As the restore consumer has no group and no interceptor that packs.
        Map<String, Object> config =
                new HashMap<>(new StreamsConfig(streams).getRestoreConsumerConfigs("sequitur-look-" + partition));
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "none");
        config.put(ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 1);
        try (Consumer<byte[], byte[]> consumer =
                new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
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
        } catch (OffsetOutOfRangeException e) {
            return false;
        } catch (KafkaException e) {
            LOG.warn("Can't see whether {} has events at offsets {} to {}", partition, from, to - 1, e);
            return true;
        }
    }

    private static long beginning(Consumer<byte[], byte[]> consumer, TopicPartition partition) {
        return consumer.beginningOffsets(List.of(partition), PATIENCE).get(partition);
    }
}
