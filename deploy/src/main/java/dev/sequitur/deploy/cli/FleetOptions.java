package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.terminal.UserException;
import java.time.Duration;
import picocli.CommandLine.Option;

/** Which fleet is simulated. The same values give the same fleet. */
final class FleetOptions {
    @Option(
            names = "--history",
            paramLabel = "TIME",
            defaultValue = "24h",
            converter = DurationConverter.class,
            description = "Learn from so much of the fleet's past: less is sooner learned, but not as well."
                    + " Default: ${DEFAULT-VALUE}.")
    Duration history;

    @Option(
            names = "--vehicles",
            defaultValue = "20",
            description = "Vehicles of the fleet. Default: ${DEFAULT-VALUE}.")
    int vehicles;

    @Option(
            names = "--speed",
            defaultValue = "120",
            description = "How many times faster than real time the fleet moves. Default: ${DEFAULT-VALUE}.")
    double speed;

    @Option(names = "--seed", defaultValue = "1", description = "Of the simulation. Default: ${DEFAULT-VALUE}.")
    long seed;

    void check() {
        if (vehicles < 1 || !(speed > 0)) {
            throw new UserException("--vehicles must be >= 1 and --speed > 0, got " + vehicles + " and " + speed);
        }
    }
}
