package dev.sequitur.model.spec;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * When an entity alarms: on which fields, by which scorer, how often, and when an alarm is over.
 *
 * @param on names of the target fields (and END) whose surprise counts
 * @param warmUp events at the start of a session that never alarm: the network doesn't know the entity yet
 */
public record AlarmSpec(
        List<String> on, int warmUp, ScorerSpec scorer, Optional<BudgetSpec> budget, HysteresisSpec hysteresis) {
    public AlarmSpec {
        on = List.copyOf(on);
    }

    /** What makes an event abnormal. */
    public sealed interface ScorerSpec {}

    /**
     * A surprise that few normal events have.
     *
     * @param rate share of normal events that may alarm, in (0,1); without a meaning where there is a budget
     */
    public record Tail(double rate) implements ScorerSpec {}

    /**
     * Recent surprises that are unlikely for the entity itself.
     *
     * @param window W, surprises that the entity's normal is measured on
     * @param shortWindow W', surprises whose mean is judged
     * @param learning events of an entity before it is judged
     * @param limit deviations above the mean that a surprise counts for at most in the window
     * @param likelihood above which an event alarms, in (0,1); without a meaning where there is a budget
     */
    public record Adaptive(int window, int shortWindow, int learning, double limit, double likelihood)
            implements ScorerSpec {}

    /**
     * Smoothed surprises that stand out of the entity's last ones.
     *
     * @param window smoothed surprises that the threshold is chosen on
     * @param smoothing events that a surprise is smoothed over
     * @param learning events of an entity before it is judged
     * @param prune least relative drop from one anomaly to the next largest value, in [0,1)
     */
    public record Dynamic(int window, int smoothing, int learning, double prune) implements ScorerSpec {}

    /**
     * A value that isn't among the likeliest.
     *
     * @param g number of the likeliest values that are normal
     */
    public record TopG(int g) implements ScorerSpec {}

    /**
     * A value that is new to the entity, with a surprise that is unusual for it.
     *
     * @param fields numeric targets whose values count
     * @param bins of a field's histogram
     * @param from scaled value where the bins start
     * @param to scaled value where they end
     * @param weight nats that a standard deviation of the surprise counts for
     * @param limit deviations that count at most
     * @param likelihood above which an event alarms, in (0,1)
     */
    public record Novelty(
            List<String> fields, int bins, double from, double to, double weight, double limit, double likelihood)
            implements ScorerSpec {
        public Novelty {
            fields = List.copyOf(fields);
        }
    }

    /**
     * How many alarms normal events may raise; in place of the scorer's own threshold.
     *
     * @param alarms number of alarms in the time of {@code per}
     */
    public record BudgetSpec(double alarms, Per per) {
        /** What time the alarms of a budget are counted in. */
        public enum Per {
            /** A day of one entity. */
            ENTITY_DAY,
            /** A day of all entities together. */
            DAY
        }
    }

    /**
     * When an alarm is over and the next may start.
     *
     * @param clear score at or below which an event is calm; empty: the scorer's own
     * @param quiet event time without an event that isn't calm
     */
    public record HysteresisSpec(Optional<Double> clear, Duration quiet) {}
}
