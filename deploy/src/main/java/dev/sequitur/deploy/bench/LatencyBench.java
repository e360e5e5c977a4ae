package dev.sequitur.deploy.bench;

import dev.sequitur.deploy.terminal.Progress;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.SequiturTopology;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;

/**
 * How long an event takes to become a score, at shares of the throughput that is reached with the same producer and the
 * same consumers on the same machine. Events are sent by a schedule that waits for nothing (an open loop), and count from
 * when they were due.
 *
 * <p>Three places are looked at, each with a histogram of its own: the topology's end (<em>scored</em>), a
 * read_uncommitted consumer (<em>appended</em>) and a read_committed one (<em>committed</em>).
 */
public final class LatencyBench {
    private static final Duration PATIENCE = Duration.ofSeconds(120);
    private static final int LOOK_MS = 20;
    /**
     * Kafka's producers wait for 5 ms by default. Without any wait a request for every few events would take a good part of
     * the processors that the application under measurement needs. The wait is in what is measured.
     */
    private static final int LINGER_MS = 1;

    /**
     * What is measured.
     *
     * @param loads shares of the reached throughput, percent
     * @param rate events a second that count as reached; measured where there is none
     * @param events that are sent at once to measure what is reached
     * @param warmUp how long events of each load go unrecorded
     * @param duration how long each load is recorded
     * @param embedded whether the broker is in this process too
     * @param settings of Kafka Streams
     */
    public record Plan(
            int entities,
            KeyDistribution distribution,
            int partitions,
            List<Integer> loads,
            OptionalDouble rate,
            int events,
            Duration warmUp,
            Duration duration,
            boolean embedded,
            Properties settings) {}

    /**
     * What was measured at one load.
     *
     * @param percent of the reached throughput
     * @param rate events a second that were due
     * @param sentRate events a second that the producer got off
     */
    record Level(
            int percent, double rate, double sentRate, Latencies scored, Latencies appended, Latencies committed) {}

    private final String bootstrapServers;
    private final ModelBundle bundle;
    private final Terminal terminal;

    public LatencyBench(String bootstrapServers, ModelBundle bundle, Terminal terminal) {
        this.bootstrapServers = bootstrapServers;
        this.bundle = bundle;
        this.terminal = terminal;
    }

    public BenchReport run(Plan plan) throws IOException, InterruptedException {
        Path state = Files.createTempDirectory("sequitur-bench-");
        try (BenchCluster cluster = new BenchCluster(bootstrapServers, terminal);
                Progress progress = Progress.start(terminal, "bench", plan.loads.size() + 1)) {
            String id = cluster.id("latency");
            String input = id + "-events";
            String output = id + "-results";
            String deadLetters = id + "-dead-letters";
            cluster.create(input, plan.partitions);
            cluster.create(output, plan.partitions);
            cluster.create(deadLetters, 1);
            Latencies nothing = new Latencies(System.nanoTime(), System.nanoTime());
            AtomicReference<Latencies> scored = new AtomicReference<>(nothing);
            Contestant.Plan topology = Contestant.watched(
                    bundle,
                    input,
                    output,
                    BenchApplication.settings(plan.settings, cluster, id, state, deadLetters),
                    results -> watch(results, scored));
            long commitMs = new StreamsConfig(topology.properties()).getLong(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG);
            try (BenchApplication application = BenchApplication.start(cluster, id, topology);
                    Producer<byte[], byte[]> producer = producer();
                    ScoreReader appended = reader(plan, output, IsolationLevel.READ_UNCOMMITTED, nothing);
                    ScoreReader committed = reader(plan, output, IsolationLevel.READ_COMMITTED, nothing)) {
                application.awaitRunning(PATIENCE);
                Feed feed = new Feed(plan, input, producer, application, scored, appended, committed);
                // For the compiler.
                feed.flood(Math.max(1, plan.events / 4));
                double reached = plan.rate.isPresent() ? plan.rate.getAsDouble() : feed.flood(plan.events);
                progress.detail(String.format(Locale.ROOT, "%,.0f events/s reached", reached));
                progress.advanceTo(1);
                List<Level> levels = new ArrayList<>();
                for (int percent : plan.loads) {
                    Level level = feed.level(percent, reached * percent / 100);
                    levels.add(level);
                    progress.detail(String.format(
                            Locale.ROOT, "%d %%: p99 %.1f ms", percent, level.committed.percentileMs(99)));
                    progress.advanceTo(levels.size() + 1L);
                }
                return new LatencyReport(plan, commitMs, reached, levels);
            }
        } finally {
            Utils.delete(state.toFile());
        }
    }

    /** Each score of the topology is one event that is done, but for the commit. */
    private static void watch(SequiturTopology.Results results, AtomicReference<Latencies> scored) {
        results.scores()
                .process(
                        () -> new Processor<String, Score, Void, Void>() {
                            @Override
                            public void process(Record<String, Score> score) {
                                scored.get().record(score.headers(), System.nanoTime());
                            }
                        },
                        Named.as("bench-scored"));
    }

    private ScoreReader reader(Plan plan, String topic, IsolationLevel isolation, Latencies first) {
        return new ScoreReader(bootstrapServers, topic, plan.partitions, isolation, first);
    }

    private Producer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        bootstrapServers,
                        ProducerConfig.LINGER_MS_CONFIG,
                        LINGER_MS),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    /** Sends events and waits until they are scores. Belongs to one thread. */
    private final class Feed {
        private final String input;
        private final Plan plan;
        private final Producer<byte[], byte[]> producer;
        private final BenchApplication application;
        private final AtomicReference<Latencies> scored;
        private final ScoreReader appended;
        private final ScoreReader committed;
        private final BenchEvents events;
        private final IntSupplier entity;

        Feed(
                Plan plan,
                String input,
                Producer<byte[], byte[]> producer,
                BenchApplication application,
                AtomicReference<Latencies> scored,
                ScoreReader appended,
                ScoreReader committed) {
            this.plan = plan;
            this.input = input;
            this.producer = producer;
            this.application = application;
            this.scored = scored;
            this.appended = appended;
            this.committed = committed;
            this.events = new BenchEvents(bundle.spec(), plan.entities);
            this.entity = events.drawn(plan.distribution, plan.entities);
        }

        /** Sends events as fast as it can; events a second from the first one's sending to the last one's commit. */
        double flood(int count) throws InterruptedException {
            Level level = expect(0, 0, System.nanoTime(), 0);
            long startNanos = System.nanoTime();
            for (int i = 0; i < count; i++) {
                send(System.nanoTime());
            }
            await(level, count);
            return count / ((System.nanoTime() - startNanos) / 1e9);
        }

        Level level(int percent, double rate) throws InterruptedException {
            double nanosPerEvent = TimeUnit.SECONDS.toNanos(1) / rate;
            long warmUp = Math.round(plan.warmUp.toNanos() / nanosPerEvent);
            long count = warmUp + Math.max(1, Math.round(plan.duration.toNanos() / nanosPerEvent));
            long startNanos = System.nanoTime();
            Level level = expect(percent, rate, startNanos, Math.round(warmUp * nanosPerEvent));
            for (long i = 0; i < count; i++) {
                long dueNanos = startNanos + Math.round(i * nanosPerEvent);
                for (long left = dueNanos - System.nanoTime(); left > 0; left = dueNanos - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                send(dueNanos);
            }
            double sentRate = count / ((System.nanoTime() - startNanos) / 1e9);
            await(level, count);
            return new Level(percent, rate, sentRate, level.scored, level.appended, level.committed);
        }

        private Level expect(int percent, double rate, long startNanos, long warmUpNanos) {
            Level level = new Level(
                    percent,
                    rate,
                    0,
                    new Latencies(startNanos, startNanos + warmUpNanos),
                    new Latencies(startNanos, startNanos + warmUpNanos),
                    new Latencies(startNanos, startNanos + warmUpNanos));
            scored.set(level.scored);
            appended.expect(level.appended);
            committed.expect(level.committed);
            return level;
        }

        private void send(long dueNanos) {
            ProducerRecord<byte[], byte[]> event = events.next(input, entity.getAsInt());
            Latencies.mark(event.headers(), dueNanos);
            producer.send(event);
        }

        /** Until every event's score was seen in all places: none is left for what comes next. */
        private void await(Level level, long count) throws InterruptedException {
            producer.flush();
            long last = -1;
            long lastNanos = System.nanoTime();
            while (true) {
                long seen = Math.min(level.appended.seen(), level.committed.seen());
                if (seen >= count) {
                    return;
                }
                application.requireAlive();
                appended.requireAlive();
                committed.requireAlive();
                if (seen > last) {
                    last = seen;
                    lastNanos = System.nanoTime();
                } else if (System.nanoTime() - lastNanos > PATIENCE.toNanos()) {
                    throw new UserException("Of " + count + " events " + seen + " came as scores, and none since "
                            + PATIENCE.toSeconds() + " s. Run again with --verbose");
                }
                Thread.sleep(LOOK_MS);
            }
        }
    }
}
