package dev.sequitur.deploy.demo;

import dev.sequitur.deploy.application.ApplicationConfig;
import dev.sequitur.deploy.application.ScoringApplication;
import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventReader;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.model.train.TrainingListener;
import dev.sequitur.model.train.TrainingProgram;
import dev.sequitur.model.train.TrainingStoppedException;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.output.SingleObjectSerde;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;

/**
 * The whole way in one process: a simulated fleet's history is learned, then the fleet streams live through a real
 * broker and the topology, with faults injected, and what was caught is counted.
 *
 * <p>Threading: belongs to one thread; the feed and Kafka Streams run on their own.
 */
public final class Demo implements AutoCloseable {
    private static final String EVENTS = "fleet";
    private static final String SCORES = "scores";
    private static final int PARTITIONS = 2;
    private static final Duration FAULT_GAP = Duration.ofMinutes(6);
    private static final Duration GRACE = Duration.ofMinutes(3);
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);
    private static final Duration DRAIN_PATIENCE = Duration.ofSeconds(30);
    private static final Duration POLL = Duration.ofMillis(50);

    private final Settings settings;
    private final Terminal terminal;
    private final StopSignal stop;
    private final String yaml = spec();
    private final PipelineSpec spec = PipelineSpecReader.parse(yaml, "fleet.yaml");
    private final FleetSimulator fleet;
    private final Path directory;
    private final Path bundle;
    private final SingleObjectSerde<Score> scoreSerde = new SingleObjectSerde<>(Score.class);

    /**
     * @param length of the live part; empty: until stopped
     * @param history event time that is learned from
     * @param speed how many times faster than real time the fleet moves
     */
    public record Settings(
            Optional<Duration> length, Duration history, int vehicles, double speed, long seed, boolean json) {}

    /** Makes a temporary directory. */
    public Demo(Settings settings, Terminal terminal, StopSignal stop) throws IOException {
        this.settings = settings;
        this.terminal = terminal;
        this.stop = stop;
        this.fleet = new FleetSimulator(settings.seed(), settings.vehicles());
        this.directory = Files.createTempDirectory("sequitur-demo-");
        this.bundle = directory.resolve("fleet");
    }

    private static String spec() {
        try (InputStream in = Demo.class.getResourceAsStream("/demo/fleet.yaml")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("the fleet's spec is packed with this class", e);
        }
    }

    /** Learns from the fleet's past; false when it was stopped meanwhile. */
    public boolean train(TrainingListener listener) throws IOException {
        List<Event> history = history(fleet);
        say(
                "training on %d events of %d vehicles, %.1f hours of a simulated fleet's history",
                history.size(), settings.vehicles(), settings.history().toMinutes() / 60.0);
        try {
            TrainingProgram.run(
                    yaml, history, new TrainingProgram.Origin(List.of("simulated fleet"), 0), bundle, false, listener);
            return !stop.requested();
        } catch (TrainingStoppedException e) {
            return false;
        }
    }

    /** Deletes what it wrote. */
    @Override
    public void close() throws IOException {
        Utils.delete(directory.toFile());
    }

    private void say(String format, Object... values) {
        terminal.err().line(String.format(Locale.ROOT, format, values));
    }

    private List<Event> history(FleetSimulator fleet) {
        EventReader reader = new EventReader(spec);
        List<Event> events = new ArrayList<>();
        try {
            for (FleetReading reading : fleet.history(settings.history())) {
                events.add(reader.read(reading));
            }
        } catch (MalformedEventException e) {
            throw new IllegalStateException("the simulation makes events of its own spec", e);
        }
        return events;
    }

    /** Streams the fleet to the end, or until it is stopped; whether every event was scored exactly once. */
    public boolean stream() throws InterruptedException {
        say("starting an embedded Kafka broker and the topology");
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            List.of(EVENTS, SCORES, "predictions", "dead-letters").forEach(t -> broker.createTopic(t, PARTITIONS));
            try (ScoringApplication application =
                            ScoringApplication.start(config(broker, bundle, directory.resolve("state")));
                    Consumer<byte[], byte[]> consumer = consumer(broker)) {
                if (!application.awaitRunning(START_PATIENCE)) {
                    throw stopped(application);
                }
                FaultLedger ledger = new FaultLedger(GRACE);
                FaultPlan plan = FaultPlan.every(FAULT_GAP, fleet.nowMs(), settings.seed());
                LiveFeed feed = new LiveFeed(
                        fleet.live(plan, ledger::injected), spec, broker.bootstrapServers(), EVENTS, settings.speed());
                LiveView view = new LiveView(terminal.out(), settings.json(), ledger);
                say(
                        "streaming %s, %.0f times faster than real time; Ctrl-C ends it",
                        settings.length()
                                .map(l -> "for " + l.toSeconds() + " s")
                                .orElse("until it is stopped"),
                        settings.speed());
                feed.start();
                try {
                    watch(application, consumer, feed, view);
                } finally {
                    feed.stop();
                }
                drain(application, consumer, feed, view);
                view.close(feed.acknowledged());
                return view.exactlyOnce(feed.acknowledged());
            }
        }
    }

    /** Shows scores until the time is over or someone wants to stop. */
    private void watch(ScoringApplication application, Consumer<byte[], byte[]> consumer, LiveFeed feed, LiveView view)
            throws InterruptedException {
        long startNanos = System.nanoTime();
        while (!stop.requested()
                && settings.length()
                        .map(l -> System.nanoTime() - startNanos < l.toNanos())
                        .orElse(true)) {
            poll(application, consumer, feed, view);
        }
    }

    /** Shows the scores of what was sent before the feed stopped. */
    private void drain(ScoringApplication application, Consumer<byte[], byte[]> consumer, LiveFeed feed, LiveView view)
            throws InterruptedException {
        long startNanos = System.nanoTime();
        while (view.distinct() < feed.acknowledged() && System.nanoTime() - startNanos < DRAIN_PATIENCE.toNanos()) {
            poll(application, consumer, feed, view);
        }
    }

    private void poll(ScoringApplication application, Consumer<byte[], byte[]> consumer, LiveFeed feed, LiveView view)
            throws InterruptedException {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
            view.show(scoreSerde.deserializer().deserialize(record.topic(), record.value()));
        }
        if (application.awaitStopped(Duration.ZERO)) {
            throw stopped(application);
        }
        feed.failure().ifPresent(e -> {
            throw new UserException("The fleet's events can't be sent: " + e.getMessage(), e);
        });
    }

    private static UserException stopped(ScoringApplication application) {
        Throwable cause = application.failure().orElse(null);
        return new UserException("Scoring stopped" + (cause == null ? "" : ": " + cause.getMessage()), cause);
    }

    private static ApplicationConfig config(EmbeddedBroker broker, Path bundle, Path state) {
        Properties properties = new Properties();
        properties.setProperty("sequitur.bundle", bundle.toString());
        properties.setProperty("sequitur.input.topic", EVENTS);
        properties.setProperty("sequitur.scores.topic", SCORES);
        properties.setProperty(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers());
        properties.setProperty(StreamsConfig.STATE_DIR_CONFIG, state.toString());
        properties.setProperty(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        return ApplicationConfig.of(properties, Map.of());
    }

    private static Consumer<byte[], byte[]> consumer(EmbeddedBroker broker) {
        Consumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.bootstrapServers(),
                        ConsumerConfig.ISOLATION_LEVEL_CONFIG,
                        "read_committed"),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        List<TopicPartition> partitions = IntStream.range(0, PARTITIONS)
                .mapToObj(p -> new TopicPartition(SCORES, p))
                .toList();
        consumer.assign(partitions);
        consumer.seekToBeginning(partitions);
        return consumer;
    }
}
