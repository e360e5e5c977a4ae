package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.deploy.demo.Demo;
import dev.sequitur.deploy.report.TrainingProgress;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.deploy.terminal.Terminal;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
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

    @Mixin
    private final FleetOptions fleet = new FleetOptions();

    DemoCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        fleet.check();
        // Said before the training, not after it.
        EmbeddedBroker.requireInstalled();
        Demo.Settings settings = new Demo.Settings(
                Optional.ofNullable(length), fleet.history, fleet.vehicles, fleet.speed, fleet.seed, options.json());
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
