package dev.sequitur.deploy.bench;

import dev.sequitur.deploy.api.Site;
import dev.sequitur.deploy.application.ApplicationConfig;
import dev.sequitur.deploy.application.Lifecycle;
import dev.sequitur.deploy.application.ScoringApplication;
import dev.sequitur.deploy.terminal.Progress;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.bundle.ModelBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;

/**
 * What it costs the stream that its entities can be asked for, and that they are: events a second of the application of
 * {@code sequitur run}, when they lie ready, without history and HTTP, with both, and with look-ups. Each run is a fresh
 * application; the ways take turns, and each round begins with another one.
 *
 * <p>The topic begins with one event of every entity. What is timed, and asked, begins when these are committed, so that
 * every entity that is asked for has a state.
 */
public final class QueriesBench {
    /** How many look-ups more a warm-up has: its few seconds would not get the compiler through all of an answer. */
    private static final int WARM_UP_TIMES = 4;

    private static final Duration START_PATIENCE = Duration.ofSeconds(120);

    /**
     * What is measured.
     *
     * @param rate look-ups a second
     * @param warmUps rounds that don't count
     * @param settings of the application: {@code sequitur.*} and Kafka Streams'
     */
    public record Plan(
            int entities, int events, int partitions, int rate, int warmUps, int runs, Properties settings) {}

    /** How an application is asked. */
    enum Serving {
        NOTHING("nothing to ask", "no history is kept, no HTTP"),
        NOBODY("nobody asks", "history and HTTP as they come"),
        LOOK_UPS("look-ups", "the same, and asked for random entities");

        private final String title;
        private final String description;

        Serving(String title, String description) {
            this.title = title;
            this.description = description;
        }

        String title() {
            return title;
        }

        String description() {
            return description;
        }
    }

    /**
     * What the look-ups of a run were.
     *
     * @param serverMicros that one took of the server's threads' CPU; the stream thread's locks, and the compiler's and
     *     the garbage collector's threads come on top
     */
    record LookUps(AskerProcess.Asked asked, double serverMicros) {}

    /** @param lookUps empty where nobody asks */
    record Run(Pace.Rate pace, Optional<LookUps> lookUps) {}

    /** How one run's application is asked: by whom, and how many look-ups a second. */
    private record Load(Serving serving, AskerProcess asker, int rate) {}

    private final String bootstrapServers;
    private final Path bundle;
    private final Terminal terminal;

    /** @param bundle directory of {@link BenchModel}'s */
    public QueriesBench(String bootstrapServers, Path bundle, Terminal terminal) {
        this.bootstrapServers = bootstrapServers;
        this.bundle = bundle;
        this.terminal = terminal;
    }

    public BenchReport run(Plan plan) throws IOException, InterruptedException {
        Map<Serving, List<Run>> runs = new EnumMap<>(Serving.class);
        List<Serving> order = new ArrayList<>(List.of(Serving.values()));
        order.forEach(serving -> runs.put(serving, new ArrayList<>()));
        long turns = (long) (plan.warmUps + plan.runs) * order.size();
        try (BenchCluster cluster = new BenchCluster(bootstrapServers, terminal);
                AskerProcess asker = AskerProcess.start(plan.entities);
                Progress progress = Progress.start(terminal, "bench", turns)) {
            Events events = produce(cluster, plan);
            long done = 0;
            for (int round = 0; round < plan.warmUps + plan.runs; round++) {
                boolean counts = round >= plan.warmUps;
                for (Serving serving : order) {
                    int rate = counts ? plan.rate : WARM_UP_TIMES * plan.rate;
                    Run run = measure(cluster, plan, events, new Load(serving, asker, rate), cluster.id("run-" + done));
                    if (counts) {
                        runs.get(serving).add(requireTime(run, plan));
                    }
                    progress.detail(String.format(
                            Locale.ROOT,
                            "%s: %,.0f/s%s",
                            serving.title,
                            run.pace.eventsPerSecond(),
                            counts ? "" : " (warm-up)"));
                    progress.advanceTo(++done);
                }
                Collections.rotate(order, 1);
            }
        }
        return new QueriesReport(plan, runs);
    }

    /**
     * A topic of events.
     *
     * @param firsts where the entities' first events end, by partition
     * @param end offsets, summed over partitions
     */
    private record Events(String topic, Map<Integer, Long> firsts, long end) {
        boolean hasAll(Map<Integer, Long> committed) {
            return firsts.entrySet().stream()
                    .allMatch(first -> committed.getOrDefault(first.getKey(), 0L) >= first.getValue());
        }
    }

    private Events produce(BenchCluster cluster, Plan plan) throws InterruptedException {
        String topic = cluster.id("events");
        cluster.create(topic, plan.partitions);
        try (ModelBundle model = ModelBundle.load(bundle)) {
            BenchEvents source = new BenchEvents(model.spec(), plan.entities);
            cluster.produce(topic, source, BenchEvents.eachOnce(plan.entities), plan.entities);
            Map<Integer, Long> firsts = cluster.ends(topic, plan.partitions);
            cluster.produce(topic, source, source.drawn(KeyDistribution.UNIFORM, plan.entities), plan.events);
            return new Events(topic, firsts, (long) plan.entities + plan.events);
        }
    }

    private Run measure(BenchCluster cluster, Plan plan, Events events, Load load, String id)
            throws IOException, InterruptedException {
        String scores = id + "-scores";
        String deadLetters = id + "-dead-letters";
        cluster.create(scores, plan.partitions);
        cluster.create(deadLetters, 1);
        Path state = Files.createTempDirectory("sequitur-bench-");
        try {
            Properties properties = new Properties();
            // Nothing but scores, as in the other benchmarks: what asking takes is then the most of what there is.
            properties.setProperty("sequitur.predictions.topic", "");
            properties.setProperty(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
            properties.putAll(plan.settings);
            properties.setProperty("sequitur.bundle", bundle.toString());
            properties.setProperty("sequitur.input.topic", events.topic);
            properties.setProperty("sequitur.scores.topic", scores);
            properties.setProperty(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, deadLetters);
            properties.setProperty(StreamsConfig.APPLICATION_ID_CONFIG, id);
            properties.setProperty(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
            properties.setProperty(StreamsConfig.STATE_DIR_CONFIG, state.toString());
            if (load.serving == Serving.NOTHING) {
                properties.setProperty("sequitur.history.entities", "0");
                properties.setProperty("sequitur.http.listen", "");
            } else {
                properties.setProperty("sequitur.http.listen", "127.0.0.1:0");
            }
            return measure(cluster, ApplicationConfig.of(properties, Map.of()), id, events, load);
        } finally {
            Utils.delete(state.toFile());
            cluster.deleteTopics(id + "-");
        }
    }

    /** Serves the application as {@code sequitur run} does. */
    private static Run measure(BenchCluster cluster, ApplicationConfig config, String id, Events events, Load load)
            throws InterruptedException {
        Lifecycle lifecycle = new Lifecycle();
        Optional<Site> site = config.http().map(settings -> Site.start(settings, lifecycle, Map.of()));
        try (ScoringApplication application =
                ScoringApplication.start(config, lifecycle, Optional.empty(), site.map(Site::advertised))) {
            try {
                site.ifPresent(it -> it.serve(application));
                if (!application.awaitRunning(START_PATIENCE)) {
                    throw stuck(application, id, "no task runs after " + START_PATIENCE.toSeconds() + " s");
                }
                Pace pace = new Pace(cluster, id, watched(application, id));
                if (load.serving == Serving.LOOK_UPS) {
                    return asked(
                            pace, events, load, site.orElseThrow().advertised().port());
                }
                return new Run(pace.measure(events.topic, events::hasAll, events.end, () -> {}), Optional.empty());
            } finally {
                site.ifPresent(Site::leave);
            }
        } finally {
            site.ifPresent(Site::close);
        }
    }

    private static Run asked(Pace pace, Events events, Load load, int port) throws InterruptedException {
        long[] serverNanos = new long[1];
        Pace.Rate rate = pace.measure(events.topic, events::hasAll, events.end, () -> {
            serverNanos[0] = serverNanos();
            load.asker.begin(port, load.rate);
        });
        AskerProcess.Asked asked = load.asker.end();
        long lookUps = asked.answered().answered() + asked.answered().refused();
        return new Run(
                rate, Optional.of(new LookUps(asked, (serverNanos() - serverNanos[0]) / 1e3 / Math.max(1, lookUps))));
    }

    private static long serverNanos() {
        return Pace.cpuNanos(name -> name.startsWith("http-"));
    }

    private static Pace.Watched watched(ScoringApplication application, String id) {
        return new Pace.Watched() {
            @Override
            public boolean dead() {
                return application.failure().isPresent();
            }

            @Override
            public RuntimeException failure(String what) {
                return stuck(application, id, what);
            }
        };
    }

    private static UserException stuck(ScoringApplication application, String id, String what) {
        Optional<Throwable> cause = application.failure();
        return new UserException(
                "The application " + id + " doesn't get on: " + what
                        + cause.map(it -> ", because of " + it).orElse("") + ". Run again with --verbose",
                cause.orElse(null));
    }

    private static Run requireTime(Run run, Plan plan) {
        if (Double.isNaN(run.pace.eventsPerSecond())) {
            throw new UserException("All " + plan.events + " events were processed in one commit interval; give more"
                    + " --events, or a shorter commit.interval.ms");
        }
        return run;
    }
}
