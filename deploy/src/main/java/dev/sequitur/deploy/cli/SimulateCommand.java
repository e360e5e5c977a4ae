package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.application.ApplicationConfig;
import dev.sequitur.deploy.application.Formats;
import dev.sequitur.deploy.demo.Simulation;
import dev.sequitur.deploy.report.TrainingProgress;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.kafka.clients.CommonClientConfigs;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "simulate",
        description = {
            "The demo's fleet for an application that runs elsewhere. With --bundle, the model that the application needs"
                    + " is trained, unless it is there. With --bootstrap-servers, the fleet's readings are sent to a"
                    + " cluster's topic, with faults, and the application's alarms are shown beside them. Ends with"
                    + " Ctrl-C, or after --for."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur simulate --bundle models/fleet",
            "  SEQUITUR_BUNDLE=models/fleet SEQUITUR_INPUT_TOPIC=fleet KAFKA_BOOTSTRAP_SERVERS=broker:9092 \\",
            "    sequitur run --create-topics",
            "  sequitur simulate --bootstrap-servers broker:9092"
        })
final class SimulateCommand implements Callable<Integer> {
    private static final Duration GRACE = Duration.ofSeconds(60);

    private final Terminal terminal;
    private final GlobalOptions options;

    @Option(names = "--bundle", paramLabel = "DIRECTORY", description = "Where the trained bundle goes.")
    private Path bundle;

    @Option(names = "--bootstrap-servers", paramLabel = "HOST:PORT", description = "Brokers of the cluster.")
    private String bootstrapServers;

    @Option(
            names = "--client-config",
            paramLabel = "FILE",
            description = "Properties of the clients of the cluster: security, timeouts.")
    private Path clientConfig;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration of sequitur run; how events and scores are encoded is taken from it:"
                    + " sequitur.input.format, sequitur.output.format, sequitur.registry.*. Their environment variables"
                    + " override it.")
    private Path application;

    @Option(
            names = "--topic",
            paramLabel = "NAME",
            defaultValue = "fleet",
            description = "Topic of the readings. Default: ${DEFAULT-VALUE}.")
    private String events;

    @Option(
            names = "--scores",
            paramLabel = "NAME",
            defaultValue = "scores",
            description = "Topic of the application's scores. Default: ${DEFAULT-VALUE}.")
    private String scores;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "Stream for so long: 60s, 5m, 1h. Default: until Ctrl-C.")
    private Duration length;

    @Mixin
    private final FleetOptions fleet = new FleetOptions();

    @Spec
    private CommandSpec command;

    SimulateCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (bundle == null && bootstrapServers == null) {
            throw new ParameterException(
                    command.commandLine(),
                    "Nothing to do: give --bundle DIRECTORY to train a model, --bootstrap-servers HOST:PORT to stream, or"
                            + " both");
        }
        fleet.check();
        Simulation.Settings settings = new Simulation.Settings(
                events,
                scores,
                fleet.history,
                Optional.ofNullable(length),
                fleet.vehicles,
                fleet.speed,
                fleet.seed,
                options.json());
        try (StopSignal stop = StopSignal.install(GRACE)) {
            Simulation simulation = new Simulation(settings, terminal, stop);
            if (bundle != null && !trained(simulation, stop)) {
                terminal.err().line("stopped during training; there is no bundle");
                return ExitCode.SOFTWARE;
            }
            return bootstrapServers == null || simulation.stream(clients(), formats())
                    ? ExitCode.OK
                    : ExitCode.SOFTWARE;
        }
    }

    private boolean trained(Simulation simulation, StopSignal stop) throws IOException {
        try (TrainingProgress progress = new TrainingProgress(terminal, stop)) {
            return simulation.train(bundle, progress);
        }
    }

    private Formats formats() {
        return ApplicationConfig.formats(Optional.ofNullable(application), System.getenv());
    }

    private Map<String, Object> clients() {
        Properties properties = new Properties();
        if (clientConfig != null) {
            try (Reader reader = Files.newBufferedReader(clientConfig)) {
                properties.load(reader);
            } catch (IOException | IllegalArgumentException e) {
                throw new UserException("--client-config " + clientConfig + " can't be read: " + e.getMessage(), e);
            }
        }
        Map<String, Object> clients = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> clients.put(name, properties.getProperty(name)));
        clients.put(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        return clients;
    }
}
