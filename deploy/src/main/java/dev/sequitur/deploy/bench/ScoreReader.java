package dev.sequitur.deploy.bench;

import dev.sequitur.deploy.terminal.UserException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Reads the scores of a topic as they come, at an isolation level, on a thread of its own, and records when each came.
 *
 * <p>Threading: {@link #expect} and {@link #close} belong to the thread that made it.
 */
final class ScoreReader implements AutoCloseable {
    private static final Duration POLL = Duration.ofMillis(100);
    private static final int POLL_RECORDS = 10_000;

    private final KafkaConsumer<byte[], byte[]> consumer;
    private final Thread thread;
    private volatile Latencies latencies;
    private volatile boolean closed;
    private volatile RuntimeException failure;

    /** Starts to read at the topic's present end. */
    ScoreReader(String bootstrapServers, String topic, int partitions, IsolationLevel isolation, Latencies first) {
        latencies = first;
        consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        isolation.toString(),
                        ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG,
                        false,
                        ConsumerConfig.MAX_POLL_RECORDS_CONFIG,
                        POLL_RECORDS),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> all = IntStream.range(0, partitions)
                .mapToObj(partition -> new TopicPartition(topic, partition))
                .toList();
        consumer.assign(all);
        consumer.seekToEnd(all);
        // The end is looked up when it is asked for.
        all.forEach(consumer::position);
        thread = new Thread(this::read, "bench-" + isolation);
        thread.start();
    }

    private void read() {
        try {
            while (!closed) {
                for (ConsumerRecord<byte[], byte[]> score : consumer.poll(POLL)) {
                    latencies.record(score.headers(), System.nanoTime());
                }
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    /** From now on what comes goes there. */
    void expect(Latencies next) {
        latencies = next;
    }

    void requireAlive() {
        if (failure != null) {
            throw new UserException("The scores can't be read: " + failure.getMessage(), failure);
        }
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        thread.join();
        consumer.close();
    }
}
