package dev.sequitur.deploy.demo;

import java.util.Optional;
import java.util.SplittableRandom;

/**
 * One vehicle: its day, its physics, its sensors, and what is wrong with it.
 *
 * <p>Threading: belongs to one thread.
 */
final class Vehicle {
    private static final int MS = 1000;
    private static final int HOUR_MS = 3600 * MS;

    private final String name;
    private final SplittableRandom pauses;
    private final SplittableRandom noise;
    private final SplittableRandom sensors;
    private final DutyCycle duty;
    private final Drivetrain drivetrain;
    private Optional<ActiveFault> fault = Optional.empty();
    private long tickedMs;
    private long nextMs;

    Vehicle(String name, long startMs, SplittableRandom random) {
        this.name = name;
        // A stream of its own for each purpose: a fault changes what it concerns and nothing else.
        this.pauses = random.split();
        this.noise = random.split();
        this.sensors = random.split();
        this.duty = new DutyCycle(random.split());
        this.drivetrain = new Drivetrain(random.split(), hour(startMs));
        this.tickedMs = startMs;
        this.nextMs = startMs + pauses.nextInt(40 * MS);
    }

    String name() {
        return name;
    }

    /** Event time of the next reading. */
    long nextMs() {
        return nextMs;
    }

    /** Lives up to the time of the next reading; a fault that is over by then is gone. */
    void advance() {
        while (tickedMs + MS <= nextMs) {
            tickedMs += MS;
            double leak = faulty(tickedMs).map(ActiveFault::leak).orElse(0.0);
            duty.tick(hour(tickedMs), drivetrain.battery(), drivetrain.rolling());
            drivetrain.tick(duty.mode(), duty.ending(), hour(tickedMs), leak);
        }
        fault = faulty(nextMs);
    }

    boolean shows(FaultKind kind) {
        return fault.isEmpty() && kind.shows(duty.mode(), drivetrain.speed(), drivetrain.battery());
    }

    /** Breaks from the next reading on. */
    InjectedFault breakDown(FaultKind kind) {
        ActiveFault.Sensor[] all = ActiveFault.Sensor.values();
        ActiveFault active = new ActiveFault(kind, all[sensors.nextInt(all.length)], name, nextMs);
        fault = Optional.of(active);
        return active.truth();
    }

    /** The reading that {@link #advance} went to. The next one comes after an irregular pause. */
    FleetReading read() {
        long now = nextMs;
        double speed = drivetrain.speed() == 0 ? 0 : Math.max(0, drivetrain.speed() + 0.3 * noise.nextGaussian());
        double temperature = drivetrain.temperature() + 0.3 * noise.nextGaussian();
        double battery = Math.max(0, Math.min(100, drivetrain.battery() + 0.15 * noise.nextGaussian()));
        double vibration = drivetrain.vibration(duty.mode()) * Math.exp(0.08 * noise.nextGaussian());
        double current = drivetrain.meanCurrent() + 1.0 * noise.nextGaussian();
        String mode = duty.mode().label();
        if (fault.isPresent()) {
            ActiveFault active = fault.get();
            mode = active.mode(mode);
            temperature = active.temperature(temperature, now);
            speed = active.sensed(ActiveFault.Sensor.SPEED, speed);
            current = active.sensed(ActiveFault.Sensor.CURRENT, current);
            vibration = active.sensed(ActiveFault.Sensor.VIBRATION, active.vibration(vibration, now));
        }
        nextMs = now
                + (duty.mode() == Mode.DRIVING ? 4 * MS + pauses.nextInt(8 * MS) : 15 * MS + pauses.nextInt(25 * MS));
        return new FleetReading(
                name,
                now,
                mode,
                round(speed, 10),
                round(temperature, 10),
                round(battery, 10),
                round(vibration, 1000),
                round(current, 10));
    }

    private Optional<ActiveFault> faulty(long timeMs) {
        return fault.filter(active -> !active.over(timeMs));
    }

    private static int hour(long timeMs) {
        return (int) Math.floorMod(timeMs / HOUR_MS, 24L);
    }

    /** As a sensor reports it; adding 0 turns −0 into 0. */
    private static double round(double value, int parts) {
        return (double) Math.round(value * parts) / parts + 0.0;
    }
}
