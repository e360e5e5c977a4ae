package dev.sequitur.deploy.demo;

import dev.sequitur.model.data.FieldValues;
import java.util.List;
import java.util.NoSuchElementException;

/**
 * What one vehicle reports at one moment.
 *
 * @param timeMs milliseconds since the epoch
 * @param mode label of a {@link Mode}
 * @param speed km/h
 * @param temperature of the motor, °C
 * @param battery charge, percent
 * @param vibration of the axle, g
 * @param current drawn from the battery, A, mean since the reading before; negative while it is charged
 */
public record FleetReading(
        String vehicle,
        long timeMs,
        String mode,
        double speed,
        double temperature,
        double battery,
        double vibration,
        double current)
        implements FieldValues {

    /** The columns of a CSV file, in the order of {@link #row()}. */
    public static final List<String> COLUMNS =
            List.of("vehicle", "time", "mode", "speed", "temperature", "battery", "vibration", "current");

    /** @throws NoSuchElementException when there is no such column */
    @Override
    public Object value(String column) {
        return switch (column) {
            case "vehicle" -> vehicle;
            case "time" -> timeMs;
            case "mode" -> mode;
            case "speed" -> speed;
            case "temperature" -> temperature;
            case "battery" -> battery;
            case "vibration" -> vibration;
            case "current" -> current;
            default -> throw new NoSuchElementException("a fleet reading has " + COLUMNS + ", not '" + column + "'");
        };
    }

    /** The values as text, one for each of {@link #COLUMNS}. */
    public List<String> row() {
        return COLUMNS.stream().map(column -> value(column).toString()).toList();
    }
}
