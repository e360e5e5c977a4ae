package dev.sequitur.deploy.integration;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads what an application commits, from the beginning of its topics.
 *
 * <p>Threading: belongs to one thread.
 */
final class CommittedReader implements AutoCloseable {
    private static final int ANSWER_S = 30;
    private static final Duration POLL = Duration.ofMillis(10);

    private final OutputTopics topics;
    private final Consumer<byte[], byte[]> consumer;
    private final Admin admin;
    private final Set<TopicPartition> assigned;
    private UnaryOperator<ConsumerRecord<byte[], byte[]>> translation = UnaryOperator.identity();
    private final Committed committed = new Committed();

    /** @param names the topics to read, among those of {@code topics} */
    CommittedReader(String bootstrapServers, OutputTopics topics, Collection<String> names) {
        this(bootstrapServers, topics, names, Map.of());
    }

    /** @param more settings of its clients */
    CommittedReader(String bootstrapServers, OutputTopics topics, Collection<String> names, Map<String, Object> more) {
        this.topics = topics;
        Map<String, Object> settings = new HashMap<>(more);
        settings.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        this.admin = Admin.create(settings);
        settings.put(ConsumerConfig.ISOLATION_LEVEL_CONFIG, "read_committed");
        settings.put(ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        this.consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
        this.assigned = names.stream()
                .flatMap(name -> consumer.partitionsFor(name).stream())
                .map(info -> new TopicPartition(info.topic(), info.partition()))
                .collect(Collectors.toUnmodifiableSet());
        consumer.assign(assigned);
        consumer.seekToBeginning(assigned);
    }

    /** Reads records in another format, which that function makes what {@link Committed} reads. */
    CommittedReader translating(UnaryOperator<ConsumerRecord<byte[], byte[]>> records) {
        translation = records;
        return this;
    }

    /** Everything that was read so far; grows with each poll. */
    Committed poll() {
        consumer.poll(POLL).forEach(record -> committed.add(topics, translation.apply(record)));
        return committed;
    }

    /**
     * Reads on until it holds.
     *
     * @param situation for the error, evaluated when the time is over
     */
    Committed await(Duration atMost, Predicate<Committed> condition, Supplier<String> situation) {
        long deadline = System.nanoTime() + atMost.toNanos();
        while (!condition.test(poll())) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("not reached within " + atMost.toSeconds() + " s, with "
                        + committed.scores().size() + " scores, "
                        + committed.predictions().size() + " predictions and "
                        + committed.deadLetters().size() + " dead letters committed: " + situation.get());
            }
        }
        return committed;
    }

    /** Reads all that is committed now. */
    Committed toEnd(Duration atMost) {
        Map<TopicPartition, Long> ends = consumer.endOffsets(assigned);
        return await(
                atMost,
                read -> ends.entrySet().stream().allMatch(end -> consumer.position(end.getKey()) >= end.getValue()),
                () -> "the topics' ends " + ends);
    }

    /** Whether a transaction has written to one of these topics and neither committed nor aborted. */
    boolean cutsTransaction(List<String> names) {
        Map<TopicPartition, Long> stable = ends(names, IsolationLevel.READ_COMMITTED);
        Map<TopicPartition, Long> written = ends(names, IsolationLevel.READ_UNCOMMITTED);
        return stable.entrySet().stream().anyMatch(end -> end.getValue() < written.get(end.getKey()));
    }

    private Map<TopicPartition, Long> ends(List<String> names, IsolationLevel isolation) {
        Map<TopicPartition, OffsetSpec> latest = assigned.stream()
                .filter(partition -> names.contains(partition.topic()))
                .collect(Collectors.toMap(partition -> partition, partition -> OffsetSpec.latest()));
        try {
            Map<TopicPartition, Long> ends = new HashMap<>();
            admin.listOffsets(latest, new ListOffsetsOptions(isolation))
                    .all()
                    .get(ANSWER_S, TimeUnit.SECONDS)
                    .forEach((partition, end) -> ends.put(partition, end.offset()));
            return ends;
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("the broker doesn't tell where " + names + " end", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        consumer.close();
        admin.close();
    }
}
