package dev.sequitur.deploy.demo;

import dev.sequitur.deploy.api.Site;
import dev.sequitur.deploy.application.ApplicationConfig;
import dev.sequitur.deploy.application.Lifecycle;
import dev.sequitur.deploy.application.ScoringApplication;
import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.deploy.http.HttpSettings;
import dev.sequitur.deploy.http.ListenAddress;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.train.TrainingListener;
import dev.sequitur.model.train.TrainingStoppedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.StreamsConfig;
import org.eclipse.jetty.server.Handler;

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
    private static final String LOOPBACK = "127.0.0.1";
    private static final int USUAL_PORT = 8080;
    private static final Duration START_PATIENCE = Duration.ofSeconds(60);

    private final Settings settings;
    private final Terminal terminal;
    private final StopSignal stop;
    private final FleetSimulator fleet;
    private final Path directory;
    private final Path bundle;

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

    /** Learns from the fleet's past; false when it was stopped meanwhile. */
    public boolean train(TrainingListener listener) throws IOException {
        List<Event> history = FleetModel.events(fleet.history(settings.history()));
        say(
                "training on %d events of %d vehicles, %.1f hours of a simulated fleet's history",
                history.size(), settings.vehicles(), settings.history().toMinutes() / 60.0);
        try {
            FleetModel.train(history, bundle, listener);
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

    /** Streams the fleet to the end, or until it is stopped; whether every event was scored exactly once. */
    public boolean stream() throws InterruptedException {
        say("starting an embedded Kafka broker and the topology");
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            List.of(EVENTS, SCORES, "predictions", "dead-letters").forEach(t -> broker.createTopic(t, PARTITIONS));
            LiveFleet.Settings live = new LiveFleet.Settings(
                    EVENTS, SCORES, settings.length(), settings.speed(), settings.seed(), settings.json());
            ApplicationConfig config = config(broker, bundle, directory.resolve("state"));
            LiveFleet stream = new LiveFleet(
                    fleet,
                    live,
                    Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers()),
                    config.formats(),
                    terminal,
                    stop);
            Lifecycle lifecycle = new Lifecycle();
            try (ScoringApplication application =
                            ScoringApplication.start(config, lifecycle, Optional.empty(), Optional.empty());
                    Site site = site(lifecycle, stream.ledger())) {
                if (!application.awaitRunning(START_PATIENCE)) {
                    throw stopped(application);
                }
                site.serve(application);
                say("dashboard at %s/", site.url());
                return stream.stream(() -> requireRunning(application));
            }
        }
    }

    /** On the usual port, or where another program has it, on any free one. */
    private static Site site(Lifecycle lifecycle, FaultLedger ledger) {
        Map<String, Handler> faults = Map.of(FaultsPage.PATH, new FaultsPage(ledger));
        try {
            return Site.start(HttpSettings.local(new ListenAddress(LOOPBACK, USUAL_PORT)), lifecycle, faults);
        } catch (UserException e) {
            return Site.start(HttpSettings.local(new ListenAddress(LOOPBACK, 0)), lifecycle, faults);
        }
    }

    private static void requireRunning(ScoringApplication application) {
        try {
            if (application.awaitStopped(Duration.ZERO)) {
                throw stopped(application);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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
}
