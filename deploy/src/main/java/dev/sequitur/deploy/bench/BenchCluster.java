package dev.sequitur.deploy.bench;

import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.IntSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.ReplicaInfo;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The cluster that a benchmark runs on. Every topic and group of a benchmark begins with its {@link #id}, and {@link
 * #close} deletes those topics.
 *
 * <p>Threading: safe for use by many threads.
 */
final class BenchCluster implements AutoCloseable {
    private static final int BATCH_BYTES = 262_144;
    private static final int LINGER_MS = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int LOOK_MS = 10;

    private final String bootstrapServers;
    private final Terminal terminal;
    private final Admin admin;
    private final String id = "bench-" + Long.toString(System.nanoTime(), Character.MAX_RADIX);

    BenchCluster(String bootstrapServers, Terminal terminal) {
        this.bootstrapServers = bootstrapServers;
        this.terminal = terminal;
        this.admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    String bootstrapServers() {
        return bootstrapServers;
    }

    /** A name that no other run of a benchmark has. */
    String id(String suffix) {
        return id + "-" + suffix;
    }

    /** Creates a topic and waits until clients see it. */
    void create(String topic, int partitions) throws InterruptedException {
        create(topic, partitions, Map.of());
    }

    /** @param configs of the topic */
    void create(String topic, int partitions, Map<String, String> configs) throws InterruptedException {
        try {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(configs)))
                    .all()
                    .get();
            long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
            while (!admin.listTopics().names().get().contains(topic)) {
                if (System.nanoTime() > deadlineNanos) {
                    throw new UserException(
                            "The topic " + topic + " was created, but isn't seen after " + PATIENCE.toSeconds() + " s");
                }
                Thread.sleep(LOOK_MS);
            }
        } catch (ExecutionException e) {
            throw new UserException(
                    "The topic " + topic + " can't be created: " + e.getCause().getMessage(), e);
        }
    }

    /** Deletes the topics whose names begin so; says which are left over where that fails. */
    void deleteTopics(String prefix) throws InterruptedException {
        Collection<String> topics = List.of();
        try {
            topics = admin.listTopics().names().get().stream()
                    .filter(topic -> topic.startsWith(prefix))
                    .toList();
            admin.deleteTopics(topics).all().get();
        } catch (ExecutionException e) {
            terminal.err()
                    .line("topics are left over: " + (topics.isEmpty() ? prefix + "…" : topics) + " ("
                            + e.getCause().getMessage() + ")");
        }
    }

    /** Writes events, in large batches; returns when the brokers have them all. */
    void produce(String topic, BenchEvents load, IntSupplier entity, int events) {
        try (Producer<byte[], byte[]> producer = producer()) {
            for (int i = 0; i < events; i++) {
                producer.send(load.next(topic, entity.getAsInt()));
            }
        }
    }

    /** One that writes in large batches. */
    Producer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers,
                        ProducerConfig.BATCH_SIZE_CONFIG, BATCH_BYTES,
                        ProducerConfig.LINGER_MS_CONFIG, LINGER_MS),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** What the group has committed of the topic, by partition; nothing while there is no such group. */
    Map<Integer, Long> offsets(String group, String topic) throws InterruptedException {
        try {
            return admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().entrySet().stream()
                    .filter(e -> e.getKey().topic().equals(topic) && e.getValue() != null)
                    .collect(Collectors.toMap(
                            e -> e.getKey().partition(), e -> e.getValue().offset()));
        } catch (ExecutionException e) {
            if (e.getCause() instanceof GroupIdNotFoundException
                    || e.getCause() instanceof UnknownTopicOrPartitionException) {
                return Map.of();
            }
            throw failed("The offsets of " + group + " can't be read", e);
        }
    }

    /** Where the topic ends now, by partition. */
    Map<Integer, Long> ends(String topic, int partitions) throws InterruptedException {
        Map<TopicPartition, OffsetSpec> asked = IntStream.range(0, partitions)
                .boxed()
                .collect(Collectors.toMap(p -> new TopicPartition(topic, p), p -> OffsetSpec.latest()));
        try {
            return admin.listOffsets(asked).all().get().entrySet().stream()
                    .collect(Collectors.toMap(
                            e -> e.getKey().partition(), e -> e.getValue().offset()));
        } catch (ExecutionException e) {
            throw failed("The end of " + topic + " can't be read", e);
        }
    }

    /** Bytes that the topic's log takes on the brokers' disks, one replica of each partition. */
    long logBytes(String topic) throws InterruptedException {
        try {
            List<Integer> brokers =
                    admin.describeCluster().nodes().get().stream().map(Node::id).toList();
            return admin.describeLogDirs(brokers).allDescriptions().get().values().stream()
                    .flatMap(directories -> directories.values().stream())
                    .flatMap(directory -> directory.replicaInfos().entrySet().stream())
                    .filter(replica -> replica.getKey().topic().equals(topic))
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (one, other) -> one))
                    .values()
                    .stream()
                    .mapToLong(ReplicaInfo::size)
                    .sum();
        } catch (ExecutionException e) {
            throw failed("The size of " + topic + " can't be read", e);
        }
    }

    private static UserException failed(String what, ExecutionException e) {
        return new UserException(what + ": " + e.getCause().getMessage(), e);
    }

    /** Deletes every topic of the benchmark. */
    @Override
    public void close() throws IOException {
        try (admin) {
            deleteTopics(id);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while topics of " + id + " were being deleted");
        }
    }
}
