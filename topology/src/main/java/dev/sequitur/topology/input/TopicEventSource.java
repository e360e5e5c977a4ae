package dev.sequitur.topology.input;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventSource;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedRows;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.topology.registry.SchemaRegistryException;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * A topic from its beginning to where it ended when it was opened, committed records alone. Events of a partition come
 * in the order of their offsets; partitions are mixed as the broker serves them.
 *
 * <p>Where the spec's sequences end with a tombstone, tombstones pass without a word: what follows an entity's last
 * event is its END in any source.
 *
 * <p>Threading: belongs to one thread.
 */
public final class TopicEventSource implements EventSource {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Consumer<byte[], byte[]> consumer;
    private final String topic;
    private final boolean keyed;
    private final RecordReader reader;
    private final MalformedRows malformed;
    private final Duration patience;

    private final Map<TopicPartition, Long> ends;
    /** The offset that each partition is read up to. */
    private final Map<TopicPartition, Long> reached;

    private final long total;
    private Iterator<ConsumerRecord<byte[], byte[]>> polled = Collections.emptyIterator();

    /**
     * @param consumerConfig a Kafka consumer's properties: where the cluster is, and how to get in
     * @param keyed whether each record's key is its entity
     * @param malformed is told of every record that is skipped
     * @throws IOException when the topic doesn't exist or the cluster can't be read
     */
    public static TopicEventSource open(
            Map<String, ?> consumerConfig,
            String topic,
            boolean keyed,
            PipelineSpec spec,
            EventFormat format,
            MalformedRows malformed)
            throws IOException {
        Map<String, Object> config = new HashMap<>(consumerConfig);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        // Asking for a misspelt topic would create it on many clusters.
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        Consumer<byte[], byte[]> consumer;
        try {
            consumer = new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        } catch (KafkaException e) {
            throw new IOException("Can't read topic '" + topic + "': " + e.getMessage(), e);
        }
        return new TopicEventSource(consumer, topic, keyed, spec, format, malformed, PATIENCE);
    }

    /**
     * Takes the consumer over, and closes it when opening fails.
     *
     * @param patience how long the cluster may serve nothing
     */
    TopicEventSource(
            Consumer<byte[], byte[]> consumer,
            String topic,
            boolean keyed,
            PipelineSpec spec,
            EventFormat format,
            MalformedRows malformed,
            Duration patience)
            throws IOException {
        this.consumer = consumer;
        this.topic = topic;
        this.keyed = keyed;
        this.reader = new RecordReader(spec, format);
        this.malformed = malformed;
        this.patience = patience;
        try {
            List<TopicPartition> partitions = partitions();
            consumer.assign(partitions);
            // As the isolation level says: the end is that of the last transaction that is no longer open.
            this.ends = new HashMap<>(consumer.endOffsets(partitions));
            this.reached = new HashMap<>(consumer.beginningOffsets(partitions));
            consumer.seekToBeginning(partitions);
        } catch (KafkaException e) {
            consumer.close();
            throw new IOException("Can't read topic '" + topic + "': " + e.getMessage(), e);
        } catch (IOException e) {
            consumer.close();
            throw e;
        }
        this.total = remaining();
    }

    private List<TopicPartition> partitions() throws IOException {
        List<PartitionInfo> partitions = consumer.partitionsFor(topic);
        if (partitions == null || partitions.isEmpty()) {
            throw new IOException("No topic '" + topic + "' in the cluster. Create it, or mend its name.");
        }
        return partitions.stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
    }

    @Override
    public Event next() throws IOException {
        while (polled.hasNext() || poll()) {
            ConsumerRecord<byte[], byte[]> record = polled.next();
            TopicPartition partition = new TopicPartition(topic, record.partition());
            if (record.offset() >= ends.get(partition)) {
                reached.put(partition, ends.get(partition));
                consumer.pause(List.of(partition));
                continue;
            }
            reached.put(partition, record.offset() + 1);
            try {
                String entity = keyed ? RecordKey.entity(record.key()) : null;
                Optional<Event> event = reader.event(record.value(), entity);
                if (event.isPresent()) {
                    return event.get();
                }
            } catch (MalformedEventException e) {
                malformed.add(partition + "@" + record.offset(), e);
            } catch (SchemaRegistryException e) {
                throw new IOException("Can't read on in topic '" + topic + "': " + e.getMessage(), e);
            }
        }
        return null;
    }

    /** Polls until there are records, or every partition is read to its end: then false. */
    private boolean poll() throws IOException {
        long idleSince = System.nanoTime();
        long before = remaining();
        try {
            while (remaining() > 0) {
                polled = consumer.poll(POLL).iterator();
                if (polled.hasNext()) {
                    return true;
                }
                // Markers, aborted and compacted records move the position without a record.
                ends.keySet().forEach(partition -> reached.merge(partition, consumer.position(partition), Math::max));
                if (remaining() < before) {
                    before = remaining();
                    idleSince = System.nanoTime();
                } else if (System.nanoTime() - idleSince >= patience.toNanos()) {
                    throw new IOException("Topic '" + topic + "' served nothing for " + patience.toSeconds() + " s, "
                            + before + " offsets before its end. Check that its brokers can be reached.");
                }
            }
        } catch (KafkaException e) {
            throw new IOException("Can't read on in topic '" + topic + "': " + e.getMessage(), e);
        }
        return false;
    }

    /** Offsets to go. */
    private long remaining() {
        long offsets = 0;
        for (Map.Entry<TopicPartition, Long> end : ends.entrySet()) {
            offsets += Math.max(0, end.getValue() - reached.get(end.getKey()));
        }
        return offsets;
    }

    @Override
    public double progress() {
        return total == 0 ? 1 : 1 - (double) remaining() / total;
    }

    @Override
    public void close() {
        consumer.close();
    }
}
