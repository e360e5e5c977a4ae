package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.api.Site;
import dev.sequitur.deploy.application.ApplicationConfig;
import dev.sequitur.deploy.application.Lifecycle;
import dev.sequitur.deploy.application.NewTopics;
import dev.sequitur.deploy.application.ScoringApplication;
import dev.sequitur.deploy.http.HttpSettings;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "run",
        description = "Scores a topic of a Kafka cluster until it is stopped (Ctrl-C, SIGTERM).",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur run --config sequitur.properties",
            "  KAFKA_BOOTSTRAP_SERVERS=broker:9092 sequitur run --config sequitur.properties",
            "  SEQUITUR_BUNDLE=/models/fleet SEQUITUR_INPUT_TOPIC=events KAFKA_BOOTSTRAP_SERVERS=broker:9092"
                    + " sequitur run",
            "",
            "sequitur.properties:",
            "  sequitur.bundle=/models/fleet",
            "  sequitur.input.topic=events",
            "  bootstrap.servers=broker:9092"
        })
final class RunCommand implements Callable<Integer> {
    /** For what comes after the streams have stopped, or have not. */
    private static final Duration FAREWELL = Duration.ofSeconds(10);

    private static final Duration LOOK = Duration.ofMillis(200);

    private final Terminal terminal;
    private final GlobalOptions options;

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Option(names = "--create-topics", description = "Create the topics that are missing.")
    private boolean createTopics;

    @Option(
            names = "--partitions",
            paramLabel = "N",
            description =
                    "Of a created topic. Default: as many as the input topic has, or the broker's default for it.")
    private Integer partitions;

    @Option(
            names = "--replication-factor",
            paramLabel = "N",
            description = "Of a created topic. Default: the broker's.")
    private Short replicationFactor;

    RunCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws InterruptedException {
        ApplicationConfig read = config.read(options.environment());
        Optional<NewTopics> create = newTopics();
        Lifecycle lifecycle = new Lifecycle();
        try (StopSignal stop = StopSignal.install(read.stopTimeout().plus(FAREWELL))) {
            // The server is up first, so that probes see the start, and goes last, so that they see the end.
            Optional<Site> site = read.http().map(settings -> serve(settings, lifecycle));
            try (ScoringApplication application =
                    ScoringApplication.start(read, lifecycle, create, site.map(Site::advertised))) {
                try {
                    site.ifPresent(it -> it.serve(application));
                    watch(application, read, stop);
                } finally {
                    // An answer takes the model, which goes with the application.
                    site.ifPresent(Site::leave);
                }
                // Said here: once the stop signal is closed the process may be gone.
                return say(application.stop(read.stopTimeout()), read.stopTimeout());
            } finally {
                site.ifPresent(Site::close);
            }
        }
    }

    private Optional<NewTopics> newTopics() {
        if (!createTopics && (partitions != null || replicationFactor != null)) {
            throw new UserException("--partitions and --replication-factor are of topics that --create-topics creates;"
                    + " add --create-topics, or leave them out");
        }
        return createTopics
                ? Optional.of(new NewTopics(Optional.ofNullable(partitions), Optional.ofNullable(replicationFactor)))
                : Optional.empty();
    }

    private Site serve(HttpSettings settings, Lifecycle lifecycle) {
        Site site = Site.start(settings, lifecycle, Map.of());
        terminal.err()
                .line(
                        settings.guarded()
                                ? "dashboard at " + site.url() + "/, with the API (/api/v1), /health/ready and /metrics"
                                : "health and metrics at " + site.url() + "/health/ready and /metrics");
        return site;
    }

    private int say(boolean clean, Duration patience) {
        terminal.err()
                .line(
                        clean
                                ? "stopped; everything that was scored is committed"
                                : "ended without a last commit: Kafka didn't answer within "
                                        + patience.toSeconds() + " s. What wasn't committed is scored again after"
                                        + " the next start; no result of it was visible");
        return clean ? 0 : 1;
    }

    private void watch(ScoringApplication application, ApplicationConfig read, StopSignal stop)
            throws InterruptedException {
        boolean announced = false;
        while (!stop.await(LOOK)) {
            if (application.awaitStopped(Duration.ZERO)) {
                throw failed(application);
            }
            if (!announced && application.awaitRunning(Duration.ZERO)) {
                announced = true;
                terminal.err()
                        .line("scoring " + read.inputTopic() + " with " + read.bundle() + " ("
                                + application.bundle().fingerprint() + ")");
            }
        }
    }

    private static UserException failed(ScoringApplication application) {
        Throwable cause = application.failure().orElse(null);
        String why = cause == null
                ? ""
                : ": " + Optional.ofNullable(cause.getMessage()).orElse(cause.toString());
        return new UserException(
                "Scoring stopped" + why.replaceFirst("\\.?\\s*$", "") + ". Nothing that was not committed counts as"
                        + " read; after the cause is mended, start again and it goes on from there",
                cause);
    }
}
