package dev.sequitur.deploy.demo;

import dev.sequitur.deploy.application.Formats;
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
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.KafkaException;

/**
 * The fleet of the {@link Demo} for an application that runs elsewhere: the model that it needs, then the readings on a
 * cluster's topic, and what becomes of them.
 *
 * <p>Threading: belongs to one thread.
 */
public final class Simulation {
    private static final Duration TOPICS_PATIENCE = Duration.ofMinutes(3);
    private static final Duration LOOK = Duration.ofMillis(500);

    private final Settings settings;
    private final Terminal terminal;
    private final StopSignal stop;

    /**
     * @param history event time that is learned from, and after which the live part starts
     * @param length of the live part; empty: until stopped
     * @param speed how many times faster than real time the fleet moves
     */
    public record Settings(
            String events,
            String scores,
            Duration history,
            Optional<Duration> length,
            int vehicles,
            double speed,
            long seed,
            boolean json) {}

    public Simulation(Settings settings, Terminal terminal, StopSignal stop) {
        this.settings = settings;
        this.terminal = terminal;
        this.stop = stop;
    }

    /** Learns from the fleet's past, where no bundle is there; false when it was stopped meanwhile. */
    public boolean train(Path bundle, TrainingListener listener) throws IOException {
        if (Files.exists(bundle)) {
            say("there is a bundle at %s; it is taken as it is", bundle);
            return true;
        }
        if (bundle.toAbsolutePath().getParent() != null) {
            Files.createDirectories(bundle.toAbsolutePath().getParent());
        }
        List<Event> history = FleetModel.events(fleet().history(settings.history()));
        say("training on %d events of %d vehicles", history.size(), settings.vehicles());
        try {
            FleetModel.train(history, bundle, listener);
            return !stop.requested();
        } catch (TrainingStoppedException e) {
            return false;
        }
    }

    /**
     * Waits for the topics, streams the fleet to the end or until it is stopped; whether every event was scored once.
     *
     * @param clients properties of Kafka's clients, {@code bootstrap.servers} among them
     * @param formats of the application's events and scores
     * @throws UserException when no broker answers, the topics don't come, or events can't be sent
     */
    public boolean stream(Map<String, Object> clients, Formats formats) throws InterruptedException {
        FleetSimulator fleet = fleet();
        fleet.history(settings.history());
        awaitTopics(clients);
        LiveFleet.Settings live = new LiveFleet.Settings(
                settings.events(),
                settings.scores(),
                settings.length(),
                settings.speed(),
                settings.seed(),
                settings.json());
        return stop.requested() || new LiveFleet(fleet, live, clients, formats, terminal, stop).stream(() -> {});
    }

    private FleetSimulator fleet() {
        return new FleetSimulator(settings.seed(), settings.vehicles());
    }

    private void awaitTopics(Map<String, Object> clients) throws InterruptedException {
        Set<String> missing = new TreeSet<>(List.of(settings.events(), settings.scores()));
        long startNanos = System.nanoTime();
        boolean said = false;
        try (Admin admin = Admin.create(clients)) {
            do {
                missing.removeAll(admin.listTopics().names().get());
                if (missing.isEmpty()) {
                    return;
                }
                if (!said) {
                    said = true;
                    say("waiting for the topics %s, which sequitur run --create-topics makes", missing);
                }
            } while (!stop.await(LOOK) && System.nanoTime() - startNanos < TOPICS_PATIENCE.toNanos());
        } catch (ExecutionException | KafkaException e) {
            Throwable cause = e instanceof ExecutionException ? e.getCause() : e;
            throw new UserException(
                    "No broker answers at " + clients.get(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG) + ": "
                            + cause.getMessage() + ". Give --bootstrap-servers, and --client-config where the cluster"
                            + " wants credentials",
                    e);
        }
        if (!stop.requested()) {
            throw new UserException("The cluster lacks the topics " + missing + " after "
                    + TOPICS_PATIENCE.toMinutes() + " minutes. Start the application with sequitur run"
                    + " --create-topics, or create them");
        }
    }

    private void say(String format, Object... values) {
        terminal.err().line(String.format(Locale.ROOT, format, values));
    }
}
