package dev.sequitur.deploy.export;

import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.output.SingleObjectSerde;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Writes what a topic of scores or predictions holds, committed and up to its present end, to a file; partition by
 * partition in the order of offsets where they come so.
 *
 * <p>Threading: belongs to one thread.
 */
public final class ResultExport {
    private static final Duration POLL = Duration.ofMillis(200);
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Map<String, Object> clients;
    private final String topic;

    /** @param clients properties of Kafka's clients, {@code bootstrap.servers} among them */
    public ResultExport(Map<String, Object> clients, String topic) {
        this.clients = clients;
        this.topic = topic;
    }

    /** Kinds of results, told by the schema that a record names. */
    private enum Kind {
        SCORE(new SingleObjectSerde<>(Score.class), Score.getClassSchema(), ResultTable.SCORES),
        PREDICTION(new SingleObjectSerde<>(Prediction.class), Prediction.getClassSchema(), ResultTable.PREDICTIONS);

        private final SingleObjectSerde<? extends SpecificRecord> serde;
        private final Schema schema;
        private final ResultTable table;

        Kind(SingleObjectSerde<? extends SpecificRecord> serde, Schema schema, ResultTable table) {
            this.serde = serde;
            this.schema = schema;
            this.table = table;
        }

        SpecificRecord read(String topic, byte[] value) {
            return serde.deserializer().deserialize(topic, value);
        }
    }

    /**
     * Writes the file, whole or not at all: what it replaces stays until it is complete.
     *
     * @return records written
     * @throws UserException when the topic isn't there, or holds something else
     */
    public long write(Path file, FileFormat format) throws IOException {
        Path directory = file.toAbsolutePath().getParent();
        Path part = Files.createTempFile(directory, file.getFileName().toString(), ".part");
        // Avro and Parquet create their files themselves.
        Files.delete(part);
        try (Consumer<byte[], byte[]> consumer = consumer()) {
            long written = read(consumer, part, format);
            Files.move(part, file, StandardCopyOption.REPLACE_EXISTING);
            return written;
        } catch (KafkaException e) {
            throw new UserException("Topic '" + topic + "' can't be read: " + e.getMessage(), e);
        } finally {
            Files.deleteIfExists(part);
        }
    }

    private Consumer<byte[], byte[]> consumer() {
        Map<String, Object> config = new HashMap<>(clients);
        config.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        config.put(ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG, false);
        config.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        return new KafkaConsumer<>(config, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private long read(Consumer<byte[], byte[]> consumer, Path file, FileFormat format) throws IOException {
        List<PartitionInfo> infos = consumer.partitionsFor(topic);
        if (infos == null || infos.isEmpty()) {
            throw new UserException("No topic '" + topic + "' in the cluster; mend its name");
        }
        List<TopicPartition> partitions = infos.stream()
                .map(info -> new TopicPartition(topic, info.partition()))
                .toList();
        consumer.assign(partitions);
        // As the isolation level says: the end of the last transaction that is no longer open.
        Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
        consumer.seekToBeginning(partitions);
        long written = 0;
        Kind kind = null;
        ResultSink sink = null;
        long progressNanos = System.nanoTime();
        try {
            while (remaining(consumer, ends) > 0) {
                long before = remaining(consumer, ends);
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    if (record.value() == null
                            || record.offset() >= ends.get(new TopicPartition(topic, record.partition()))) {
                        continue;
                    }
                    if (sink == null) {
                        kind = kind(record);
                        sink = format.open(file, kind.schema, kind.table);
                    }
                    sink.write(read(kind, record));
                    written++;
                }
                if (remaining(consumer, ends) < before) {
                    progressNanos = System.nanoTime();
                } else if (System.nanoTime() - progressNanos > PATIENCE.toNanos()) {
                    throw new UserException("Topic '" + topic + "' served nothing for " + PATIENCE.toSeconds()
                            + " s, before its end; check that its brokers can be reached");
                }
            }
        } finally {
            if (sink != null) {
                sink.close();
            }
        }
        if (written == 0) {
            throw new UserException("Topic '" + topic + "' holds no result, so there is nothing to export");
        }
        return written;
    }

    private static long remaining(Consumer<byte[], byte[]> consumer, Map<TopicPartition, Long> ends) {
        return ends.entrySet().stream()
                .mapToLong(end -> Math.max(0, end.getValue() - consumer.position(end.getKey())))
                .sum();
    }

    private Kind kind(ConsumerRecord<byte[], byte[]> record) {
        return Arrays.stream(Kind.values())
                .filter(kind -> reads(kind, record))
                .findFirst()
                .orElseThrow(() -> new UserException(place(record) + " is neither a score nor a prediction in Avro"
                        + " single-object encoding. Export a topic that sequitur writes with that output format; those"
                        + " in Confluent's wire format are read by the registry's own tools"));
    }

    private static boolean reads(Kind kind, ConsumerRecord<byte[], byte[]> record) {
        try {
            kind.read(record.topic(), record.value());
            return true;
        } catch (org.apache.kafka.common.errors.SerializationException e) {
            return false;
        }
    }

    private SpecificRecord read(Kind kind, ConsumerRecord<byte[], byte[]> record) {
        try {
            return kind.read(topic, record.value());
        } catch (org.apache.kafka.common.errors.SerializationException e) {
            throw new UserException(place(record) + " is not what the records before it are: " + e.getMessage(), e);
        }
    }

    private static String place(ConsumerRecord<byte[], byte[]> record) {
        return "The record " + record.topic() + "-" + record.partition() + "@" + record.offset();
    }
}
