package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.demo.Demo;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        description = {
            "Trains a model on the history of a simulated fleet, then scores the fleet live through an embedded Kafka"
                    + " broker, while faults are injected. Ends with Ctrl-C, or after --for."
        },
        footerHeading = "%nExamples:%n",
        footer = {"  sequitur demo", "  sequitur demo --for 60s --vehicles 100"})
final class DemoCommand implements Callable<Integer> {
    private static final Duration GRACE = Duration.ofSeconds(60);
    private static final Pattern DURATION = Pattern.compile("([0-9]+)(s|m|h)");

    private final Terminal terminal;
    private final GlobalOptions options;

    @Option(
            names = "--for",
            paramLabel = "TIME",
            description = "Stream for so long: 60s, 5m, 1h. Default: until Ctrl-C.")
    private String length;

    @Option(
            names = "--vehicles",
            defaultValue = "40",
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
        Demo.Settings settings = new Demo.Settings(
                Optional.ofNullable(length).map(DemoCommand::duration), vehicles, speed, seed, options.json());
        try (StopSignal stop = StopSignal.install(GRACE);
                TrainingProgress progress = new TrainingProgress(terminal)) {
            return new Demo(settings, terminal, stop).run(progress) ? 0 : 1;
        }
    }

    private static Duration duration(String text) {
        Matcher matcher = DURATION.matcher(text);
        if (!matcher.matches() || matcher.group(1).length() > 6) {
            throw new UserException("--for is a number with s, m or h, as in 60s; got '" + text + "'");
        }
        long count = Long.parseLong(matcher.group(1));
        return switch (matcher.group(2)) {
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            default -> Duration.ofHours(count);
        };
    }
}
