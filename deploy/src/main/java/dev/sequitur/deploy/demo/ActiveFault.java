package dev.sequitur.deploy.demo;

/**
 * What a fault does to one vehicle while it lasts.
 *
 * <p>Threading: belongs to one thread.
 */
final class ActiveFault {
    private static final double HEAT_RISE_S = 0.2;
    private static final double HEAT_MEMORY_S = 150;
    private static final double HEAT_GONE = 1.0;
    private static final double LEAK_S = 0.14;
    private static final double WEAR = 5;

    /** A sensor that may stick. */
    enum Sensor {
        SPEED,
        CURRENT,
        VIBRATION
    }

    private final FaultKind kind;
    private final Sensor sensor;
    private final InjectedFault truth;
    private double frozen = Double.NaN;
    private boolean odd;

    ActiveFault(FaultKind kind, Sensor sensor, String vehicle, long startMs) {
        this.kind = kind;
        this.sensor = sensor;
        double lasts = kind.seconds;
        if (kind == FaultKind.OVERHEATING) {
            // Mended after kind.seconds; then the excess must still decay to what nobody would notice.
            lasts += HEAT_MEMORY_S * Math.log(excessHeat(kind.seconds) / HEAT_GONE);
        }
        this.truth = new InjectedFault(vehicle, kind, startMs, startMs + Math.round(lasts * 1000));
    }

    InjectedFault truth() {
        return truth;
    }

    boolean over(long timeMs) {
        return timeMs >= truth.endMs();
    }

    /** Percent of the battery a second. */
    double leak() {
        return kind == FaultKind.BATTERY_DRAIN ? LEAK_S : 0;
    }

    String mode(String real) {
        odd = !odd;
        return kind == FaultKind.WRONG_ORDER && odd ? Mode.CHARGING.label() : real;
    }

    double temperature(double real, long timeMs) {
        return kind == FaultKind.OVERHEATING ? real + excessHeat(seconds(timeMs)) : real;
    }

    double vibration(double real, long timeMs) {
        return kind == FaultKind.VIBRATION ? real * (1 + WEAR * Math.min(1, 2 * seconds(timeMs) / kind.seconds)) : real;
    }

    /** What the sensor says: the first value that it had under the fault, where it is stuck. */
    double sensed(Sensor which, double value) {
        if (kind != FaultKind.STUCK_SENSOR || which != sensor) {
            return value;
        }
        if (Double.isNaN(frozen)) {
            frozen = value;
        }
        return frozen;
    }

    /** Solution of excess' = rise − excess/memory while the fault lasts, without the rise after it was mended. */
    private double excessHeat(double seconds) {
        double warm = HEAT_RISE_S * HEAT_MEMORY_S * (1 - Math.exp(-Math.min(seconds, kind.seconds) / HEAT_MEMORY_S));
        return seconds <= kind.seconds ? warm : warm * Math.exp(-(seconds - kind.seconds) / HEAT_MEMORY_S);
    }

    private double seconds(long timeMs) {
        return (timeMs - truth.startMs()) / 1000.0;
    }
}
