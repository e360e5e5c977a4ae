package dev.sequitur.deploy.demo;

import java.util.Locale;

/** What may go wrong with a vehicle of the simulated fleet. */
public enum FaultKind {
    /** The motor grows warmer than its load explains, and cools down again when the fault is mended. */
    OVERHEATING(360),
    /** One sensor keeps its value while the vehicle goes on. */
    STUCK_SENSOR(360),
    /** The battery empties many times faster than its current explains. */
    BATTERY_DRAIN(180),
    /** Every second reading says that the vehicle charges, in the middle of whatever it does. */
    WRONG_ORDER(120),
    /** A bearing wears: the axle vibrates more and more for the same speed and road. */
    VIBRATION(480);

    private static final double LEAST_SPEED = 20;
    private static final double ENOUGH_TO_DRAIN = 50;

    final int seconds;

    FaultKind(int seconds) {
        this.seconds = seconds;
    }

    /** Whether the fault would show on a vehicle in this condition. */
    boolean shows(Mode mode, double speed, double battery) {
        return switch (this) {
            case STUCK_SENSOR, VIBRATION -> mode == Mode.DRIVING && speed >= LEAST_SPEED;
            case OVERHEATING, WRONG_ORDER -> mode == Mode.DRIVING;
            case BATTERY_DRAIN -> mode != Mode.CHARGING && battery >= ENOUGH_TO_DRAIN;
        };
    }

    /** As people read it: {@code battery-drain}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
