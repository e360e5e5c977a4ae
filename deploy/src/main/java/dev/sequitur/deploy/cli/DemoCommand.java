package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.deploy.demo.Demo;
import dev.sequitur.deploy.report.TrainingProgress;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = {
            "Trains a model on the history of a simulated fleet, then scores the fleet live through an embedded Kafka"
                    + " broker, while faults are injected. Ends with Ctrl-C, or after --for."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  sequitur demo", "  sequitur demo --for 60s --vehicles 100 --history 12h"})
final class DemoCommand implements Callable<Integer> {
    private static final Duration GRACE = Duration.ofSeconds(60);

    private final Terminal terminal;
    private final GlobalOptions options;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "Stream for so long: 60s, 5m, 1h. Default: until Ctrl-C.")
    private Duration length;

    @Option(
            names = "--history",
            paramLabel = "TIME",
            defaultValue = "24h",
            converter = DurationConverter.class,
            description = "Learn from so much of the fleet's past: less is sooner learned, but not as well."
                    + " Default: ${DEFAULT-VALUE}.")
    private Duration history;

    @Option(
            names = "--vehicles",
            defaultValue = "20",
            description = "Vehicles of the fleet. Default: ${DEFAULT-VALUE}.")
    private int vehicles;

    @Option(
            names = "--speed",
            defaultValue = "120",
            description = "How many times faster than real time the fleet moves. Default: ${DEFAULT-VALUE}.")
    private double speed;

    @Option(names = "--seed", defaultValue = "1", description = "Of the simulation. Default: ${DEFAULT-VALUE}.")
    private long seed;

    DemoCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (vehicles < 1 || !(speed > 0)) {
            throw new UserException("--vehicles must be >= 1 and --speed > 0, got " + vehicles + " and " + speed);
        }
        // Said before the training, not after it.
        EmbeddedBroker.requireInstalled();
        Demo.Settings settings =
                new Demo.Settings(Optional.ofNullable(length), history, vehicles, speed, seed, options.json());
        try (StopSignal stop = StopSignal.install(GRACE);
                Demo demo = new Demo(settings, terminal, stop)) {
            boolean trained;
            // The bar has to be off the screen before the fleet is on it.
            try (TrainingProgress progress = new TrainingProgress(terminal, stop)) {
                trained = demo.train(progress);
            }
            if (!trained) {
                terminal.err().line("stopped during training, before the fleet went live");
                return ExitCode.SOFTWARE;
            }
            return demo.stream() ? ExitCode.OK : ExitCode.SOFTWARE;
        }
    }
}
