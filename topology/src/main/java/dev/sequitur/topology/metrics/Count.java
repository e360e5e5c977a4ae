package dev.sequitur.topology.metrics;

/**
 * What a stage counts. Every consumed event is accounted for: behind a keyed topic {@code consumed = scored +
 * dead-lettered + late-dropped + skipped}, and what is {@linkplain Level#HELD held} more than when the counting began; in
 * the stage that keys events {@code consumed = keyed + dead-lettered}.
 */
public enum Count {
    CONSUMED("consumed", "events taken from the topic"),
    KEYED("keyed", "events passed on under their entity's key"),
    SCORED("scored", "events scored, ENDs among them"),
    DEAD_LETTERED("dead-lettered", "events sent to the dead letter topic"),
    LATE_DROPPED("late-dropped", "events sent to the topic for late events"),
    DUPLICATES("duplicates", "events that were stepped before, delivered again; scored again or skipped"),
    SKIPPED("skipped", "duplicates that couldn't be stepped again, without a result"),
    ENDED("ended", "sequences that ended, their state dropped"),
    EVICTED("evicted", "entities dropped because they had no event for too long"),
    LATE("late", "scored events that came after a later one of their entity"),
    ALARMS("alarms", "scored events that raised an alarm"),
    RESETS("resets", "states dropped because another model wrote them"),
    SATURATED("saturated", "states stored with a number beyond the range of their precision"),
    BATCHES("batches", "natural batches"),
    WAVES("waves", "calls of the step function with one event an entity"),
    BLOCKS("blocks", "calls of the step function with more"),
    SLOTS("slots", "events that these calls had room for; what isn't scored of them is padding");

    private final String code;
    private final String description;

    Count(String code, String description) {
        this.code = code;
        this.description = description;
    }

    /** The metrics are {@code <code>-total} and {@code <code>-rate}. */
    public String code() {
        return code;
    }

    String description() {
        return description;
    }
}
