package dev.sequitur.deploy.bench;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sequitur.deploy.application.BoundedStores;
import dev.sequitur.deploy.terminal.Progress;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.bundle.ModelBundle;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;

/**
 * Many events through an application in a process of its own, which says again and again what it holds. Its heap is
 * touched as a whole at the start, so that whatever the process grows by is native memory; RocksDB is bounded by {@link
 * BoundedStores}. Topics keep what a run needs, so that the disk is bounded too.
 */
public final class SoakBench {
    /** The fewest events of a soak, so that there are enough samples to judge by. */
    public static final int LEAST_EVENTS = 20;

    /** Events that lie ready for the application, at most. */
    private static final int AHEAD = 200_000;
    /** Of a partition of the topics; beyond what {@link #AHEAD} takes. */
    private static final int RETENTION_BYTES = 64 << 20;

    private static final int SEGMENT_BYTES = 8 << 20;
    private static final String EVENTS = "events";
    private static final String SCORES = "scores";
    private static final String PREDICTIONS = "predictions";
    private static final String DEAD_LETTERS = "dead-letters";
    private static final List<String> TOPICS = List.of(EVENTS, SCORES, PREDICTIONS, DEAD_LETTERS);

    private static final int STOP_S = 120;
    private static final JsonMapper JSON = new JsonMapper();

    /**
     * What is run.
     *
     * @param events at least {@link #LEAST_EVENTS}
     * @param heap of the application, as -Xmx takes it
     * @param tolerance share of its median by which a figure may rise
     * @param settings of the application, over the soak's own
     */
    public record Plan(
            long events,
            int entities,
            KeyDistribution distribution,
            int partitions,
            String heap,
            double tolerance,
            Properties settings) {}

    private final String bootstrapServers;
    private final Path bundle;
    private final Terminal terminal;

    /**
     * @param bundle directory of {@link BenchModel}'s
     * @throws UserException where the system doesn't tell what a process holds
     */
    public SoakBench(String bootstrapServers, Path bundle, Terminal terminal) {
        if (!SoakSample.possible()) {
            throw new UserException("A soak reads what a process holds from /proc, and there is none; run it on Linux");
        }
        this.bootstrapServers = bootstrapServers;
        this.bundle = bundle;
        this.terminal = terminal;
    }

    /** Runs to the end. */
    public SoakReport run(Plan plan) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("sequitur-bench-");
        try (BenchCluster cluster = new BenchCluster(bootstrapServers, terminal)) {
            for (String topic : TOPICS) {
                cluster.create(
                        cluster.id(topic),
                        plan.partitions,
                        Map.of(
                                "retention.bytes", Integer.toString(RETENTION_BYTES),
                                "segment.bytes", Integer.toString(SEGMENT_BYTES),
                                "file.delete.delay.ms", "1000"));
            }
            Process application = start(config(plan, cluster, work), plan, work);
            try {
                return new SoakReport(plan, follow(application, cluster, plan));
            } finally {
                stop(application);
            }
        } finally {
            Utils.delete(work.toFile());
        }
    }

    private Properties config(Plan plan, BenchCluster cluster, Path work) {
        Properties config = new Properties();
        config.setProperty("sequitur.bundle", bundle.toString());
        config.setProperty("sequitur.input.topic", cluster.id(EVENTS));
        config.setProperty("sequitur.scores.topic", cluster.id(SCORES));
        config.setProperty("sequitur.predictions.topic", cluster.id(PREDICTIONS));
        config.setProperty(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, cluster.id(DEAD_LETTERS));
        config.setProperty(StreamsConfig.APPLICATION_ID_CONFIG, cluster.id("soak"));
        config.setProperty(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        config.setProperty(StreamsConfig.STATE_DIR_CONFIG, work.resolve("state").toString());
        config.setProperty(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedStores.class.getName());
        config.setProperty(StreamsConfig.topicPrefix("segment.bytes"), Integer.toString(SEGMENT_BYTES));
        config.setProperty(StreamsConfig.topicPrefix("file.delete.delay.ms"), "1000");
        config.putAll(plan.settings);
        return config;
    }

    private static Process start(Properties config, Plan plan, Path work) throws IOException {
        Path file = work.resolve("soak.properties");
        try (var writer = Files.newBufferedWriter(file)) {
            config.store(writer, null);
        }
        ProcessBuilder application = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xms" + plan.heap,
                        "-Xmx" + plan.heap,
                        "-XX:+AlwaysPreTouch",
                        // Where an installation keeps the natives that it doesn't unpack.
                        "-Djava.library.path=" + System.getProperty("java.library.path"),
                        "-cp",
                        System.getProperty("java.class.path"),
                        SoakApplication.class.getName(),
                        file.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT);
        // As docs/configuration.md advises: glibc's arenas, 8 for each core, fill up one by one like a leak.
        application.environment().putIfAbsent("MALLOC_ARENA_MAX", "2");
        return application.start();
    }

    private static void stop(Process application) throws IOException, InterruptedException {
        application.getOutputStream().close();
        if (!application.waitFor(STOP_S, TimeUnit.SECONDS)) {
            application.destroyForcibly().waitFor();
        }
    }

    /** Feeds the application and takes its samples, until it has scored all events. */
    private List<SoakSample> follow(Process application, BenchCluster cluster, Plan plan) throws IOException {
        List<SoakSample> samples = new ArrayList<>();
        // No more than this between two samples, so that a fast application gives enough of them too.
        long ahead = Math.min(AHEAD, plan.events / LEAST_EVENTS);
        long sent = 0;
        try (ModelBundle model = ModelBundle.load(bundle);
                Producer<byte[], byte[]> producer = cluster.producer();
                Progress progress = Progress.start(terminal, "soak", plan.events);
                BufferedReader out = new BufferedReader(
                        new InputStreamReader(application.getInputStream(), StandardCharsets.UTF_8))) {
            BenchEvents load = new BenchEvents(model.spec(), plan.entities);
            IntSupplier entity = load.drawn(plan.distribution, plan.entities);
            while (true) {
                String line = out.readLine();
                if (line == null) {
                    throw new UserException(
                            "The application ended after " + sent + " events; what it said stands above");
                }
                SoakSample sample = sample(line);
                samples.add(sample);
                progress.advanceTo(sample.events());
                progress.detail(
                        String.format(Locale.ROOT, "%,d MB, %d files", sample.resident() >> 20, sample.files()));
                if (sample.events() >= plan.events) {
                    return samples;
                }
                for (long until = Math.min(plan.events, sample.events() + ahead); sent < until; sent++) {
                    producer.send(load.next(cluster.id(EVENTS), entity.getAsInt()));
                }
            }
        }
    }

    private static SoakSample sample(String line) {
        try {
            return JSON.readValue(line, SoakSample.class);
        } catch (JsonProcessingException e) {
            throw new UserException("The application says '" + line + "', expected a sample; run again", e);
        }
    }
}
