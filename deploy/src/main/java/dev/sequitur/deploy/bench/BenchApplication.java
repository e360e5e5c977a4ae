package dev.sequitur.deploy.bench;

import dev.sequitur.deploy.terminal.UserException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.StateRestoreListener;

/**
 * A topology under measurement, running. Its group and internal topics have the application's id.
 *
 * <p>Threading: belongs to one thread.
 */
final class BenchApplication implements AutoCloseable {
    private static final Duration CLOSE_PATIENCE = Duration.ofSeconds(60);

    private final BenchCluster cluster;
    private final String id;
    private final KafkaStreams streams;
    private final CountDownLatch running = new CountDownLatch(1);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final long startNanos;
    private volatile long runningNanos;

    private BenchApplication(BenchCluster cluster, String id, Contestant.Plan plan, StateRestoreListener restoring) {
        this.cluster = cluster;
        this.id = id;
        streams = new KafkaStreams(plan.topology(), plan.properties());
        streams.setGlobalStateRestoreListener(restoring);
        streams.setUncaughtExceptionHandler(e -> {
            failure.compareAndSet(null, e);
            running.countDown();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING && runningNanos == 0) {
                runningNanos = System.nanoTime();
                running.countDown();
            }
        });
        startNanos = System.nanoTime();
        streams.start();
    }

    static BenchApplication start(BenchCluster cluster, String id, Contestant.Plan plan) {
        return new BenchApplication(cluster, id, plan, new RestoreTimes());
    }

    static BenchApplication start(BenchCluster cluster, String id, Contestant.Plan plan, RestoreTimes restoring) {
        return new BenchApplication(cluster, id, plan, restoring);
    }

    /** What a benchmark's application needs of Kafka Streams, over the settings of its user. */
    static Properties settings(
            Properties user, BenchCluster cluster, String id, Path stateDirectory, String deadLetters) {
        Properties settings = new Properties();
        settings.putAll(user);
        settings.setProperty(StreamsConfig.APPLICATION_ID_CONFIG, id);
        settings.setProperty(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, cluster.bootstrapServers());
        settings.setProperty(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
        settings.setProperty(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, deadLetters);
        settings.setProperty(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        return settings;
    }

    KafkaStreams streams() {
        return streams;
    }

    /** Waits until every task runs; from the start to there, nanoseconds. */
    long awaitRunning(Duration atMost) throws InterruptedException {
        if (!running.await(atMost.toNanos(), TimeUnit.NANOSECONDS) || failure.get() != null) {
            throw stuck("no task runs after " + atMost.toSeconds() + " s");
        }
        return runningNanos - startNanos;
    }

    /**
     * Waits until the group has committed the topic up to its end, and measures from the first commit seen beyond {@code
     * from} on: start-up and rebalancing are left out.
     *
     * @param from offsets, summed over partitions, that were committed before
     * @param end offsets, summed over partitions, of the end
     */
    Pace.Rate rate(String topic, long from, long end) throws InterruptedException {
        return new Pace(cluster, id, new Pace.Watched() {
                    @Override
                    public boolean dead() {
                        return failure.get() != null;
                    }

                    @Override
                    public RuntimeException failure(String what) {
                        return stuck(what);
                    }
                })
                .measure(
                        topic,
                        offsets -> offsets.values().stream()
                                        .mapToLong(offset -> offset)
                                        .sum()
                                > from,
                        end,
                        () -> {});
    }

    /** Ends the wait of a benchmark whose application died. */
    void requireAlive() {
        if (failure.get() != null) {
            throw stuck("it stopped");
        }
    }

    private UserException stuck(String what) {
        Throwable cause = failure.get();
        return new UserException(
                "The application " + id + " doesn't get on: " + what + "; it is " + streams.state()
                        + (cause == null ? "" : ", because of " + root(cause)) + ". Run again with --verbose",
                cause);
    }

    private static Throwable root(Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /** Commits, stops, and leaves the group, so that a next start needn't wait for this one's session. */
    @Override
    public void close() {
        boolean closed = streams.close(CloseOptions.timeout(CLOSE_PATIENCE)
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
        if (!closed) {
            throw stuck("it didn't stop within " + CLOSE_PATIENCE.toSeconds() + " s");
        }
    }
}
