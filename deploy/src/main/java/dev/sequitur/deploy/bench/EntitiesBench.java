package dev.sequitur.deploy.bench;

import dev.sequitur.deploy.terminal.Progress;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.bundle.ModelBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.KafkaStreams;

/**
 * What entities cost Sequitur, by their number: space in memory, on disk and in the changelog, the time to restore them,
 * and the rate at which events of any of them are processed.
 *
 * <p>For each number: one event of every entity, and a clean stop; then disk and changelog are measured. The local state
 * is wiped, and the application starts on an idle topic until it runs: that is the restore. Then events of random entities
 * are processed, for the rate and the memory.
 */
public final class EntitiesBench {
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final String STORE_METRICS = "stream-state-metrics";
    /** Native memory of RocksDB by its own account (KIP-607). */
    private static final List<String> ROCKSDB_BYTES =
            List.of("size-all-mem-tables", "block-cache-usage", "estimate-table-readers-mem");

    /**
     * What is measured.
     *
     * @param entities numbers of entities, each for itself
     * @param events of a run that measures the rate
     * @param runs of the rate
     * @param settings of Kafka Streams
     */
    public record Plan(List<Integer> entities, int events, int partitions, int runs, Properties settings) {}

    /**
     * What was measured with one number of entities.
     *
     * @param rates events a second, of each run
     * @param memoryBytes native memory of RocksDB after the last run: memtables, block cache, indexes and filters
     * @param diskBytes of the state directory, after one event an entity and a clean stop
     * @param changelogBytes of the changelog's log then, one replica
     * @param restored records that the restore read
     * @param restoreSeconds from the first store's start to the last one's end
     * @param runningSeconds from the application's start with no local state until it runs
     */
    record Figures(
            int entities,
            List<Double> rates,
            long memoryBytes,
            long diskBytes,
            long changelogBytes,
            long restored,
            double restoreSeconds,
            double runningSeconds) {
        double rate() {
            return Quantile.median(rates);
        }
    }

    private final String bootstrapServers;
    private final ModelBundle bundle;
    private final Terminal terminal;

    public EntitiesBench(String bootstrapServers, ModelBundle bundle, Terminal terminal) {
        this.bootstrapServers = bootstrapServers;
        this.bundle = bundle;
        this.terminal = terminal;
    }

    public BenchReport run(Plan plan) throws IOException, InterruptedException {
        List<Figures> all = new ArrayList<>();
        try (BenchCluster cluster = new BenchCluster(bootstrapServers, terminal);
                Progress progress = Progress.start(terminal, "bench", plan.entities.size() + 1L)) {
            // For the compiler: the first number would else be measured with colder code than the others.
            int fewest = plan.entities.stream().mapToInt(n -> n).min().orElseThrow();
            progress.detail("warm-up");
            measure(cluster, plan, fewest, 1, cluster.id("warm-up"));
            progress.advanceTo(1);
            for (int entities : plan.entities) {
                Figures figures = measure(cluster, plan, entities, plan.runs, cluster.id("entities-" + entities));
                all.add(figures);
                progress.detail(String.format(Locale.ROOT, "%,d: %,.0f events/s", entities, figures.rate()));
                progress.advanceTo(all.size() + 1L);
            }
        }
        return new EntitiesReport(plan, all);
    }

    private Figures measure(BenchCluster cluster, Plan plan, int entities, int runs, String id)
            throws IOException, InterruptedException {
        String input = id + "-events";
        String output = id + "-results";
        String deadLetters = id + "-dead-letters";
        cluster.create(input, plan.partitions);
        cluster.create(output, plan.partitions);
        cluster.create(deadLetters, 1);
        Path state = Files.createTempDirectory("sequitur-bench-");
        try {
            Contestant.Plan topology = Contestant.SEQUITUR.plan(
                    bundle, input, output, BenchApplication.settings(plan.settings, cluster, id, state, deadLetters));
            BenchEvents events = new BenchEvents(bundle.spec(), entities);
            cluster.produce(input, events, BenchEvents.eachOnce(entities), entities);
            try (BenchApplication application = BenchApplication.start(cluster, id, topology)) {
                application.rate(input, 0, entities);
            }
            long diskBytes = bytes(state);
            long changelogBytes = cluster.logBytes(id + "-" + topology.store() + "-changelog");

            Utils.delete(state.toFile());
            Files.createDirectory(state);
            RestoreTimes restoring = new RestoreTimes();
            double runningSeconds;
            try (BenchApplication application = BenchApplication.start(cluster, id, topology, restoring)) {
                runningSeconds = application.awaitRunning(PATIENCE) / 1e9;
            }

            List<Double> rates = new ArrayList<>();
            long memoryBytes = 0;
            long before = entities;
            for (int run = 0; run < runs; run++) {
                cluster.produce(input, events, events.drawn(KeyDistribution.UNIFORM, entities), plan.events);
                try (BenchApplication application = BenchApplication.start(cluster, id, topology)) {
                    rates.add(requireTime(
                            application
                                    .rate(input, before, before + plan.events)
                                    .eventsPerSecond(),
                            plan));
                    memoryBytes = rocksDbBytes(application.streams());
                }
                before += plan.events;
            }
            return new Figures(
                    entities,
                    rates,
                    memoryBytes,
                    diskBytes,
                    changelogBytes,
                    restoring.records(),
                    restoring.seconds(),
                    runningSeconds);
        } finally {
            Utils.delete(state.toFile());
            cluster.deleteTopics(id + "-");
        }
    }

    private static double requireTime(double rate, Plan plan) {
        if (Double.isNaN(rate)) {
            throw new UserException("All " + plan.events + " events were processed in one commit interval; give more"
                    + " --events, or a shorter commit.interval.ms");
        }
        return rate;
    }

    private static long bytes(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    private static long rocksDbBytes(KafkaStreams streams) {
        long bytes = 0;
        for (Map.Entry<MetricName, ? extends Metric> metric : streams.metrics().entrySet()) {
            if (metric.getKey().group().equals(STORE_METRICS)
                    && ROCKSDB_BYTES.contains(metric.getKey().name())) {
                bytes += ((Number) metric.getValue().metricValue()).longValue();
            }
        }
        return bytes;
    }
}
