package dev.sequitur.model.score;

/**
 * The level above which alarms start, so that they keep to a budget; see {@link AlarmBudget}.
 *
 * @param level of the spec's scorer
 * @param alarmsPerEvent alarms that the budget allows, per event
 * @param events that the level was measured on
 */
public record AlarmThreshold(double level, double alarmsPerEvent, long events) {
    public AlarmThreshold {
        if (Double.isNaN(level) || !(alarmsPerEvent > 0)) {
            throw new IllegalArgumentException("an alarm threshold needs a level and alarms per event > 0, got " + level
                    + " and " + alarmsPerEvent);
        }
    }
}
