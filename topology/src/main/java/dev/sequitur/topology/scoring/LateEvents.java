package dev.sequitur.topology.scoring;

import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * What becomes of events that don't come in the order of their event time. An event is late when its entity has been
 * stepped with a later one; a tombstone that ends a sequence has no event time, and is never late.
 *
 * @param topic where events go that are late by more than the grace; empty where they are stepped like any other, in the
 *     order of arrival
 * @param grace how late an event may be and still be stepped; with {@code reordered}, how long events wait for others,
 *     by event time
 * @param reordered whether events wait for the grace, and are stepped in the order of event time then
 */
public record LateEvents(Optional<String> topic, Duration grace, boolean reordered) {
    private static final Duration MOST = Duration.ofDays(365);

    public LateEvents {
        Objects.requireNonNull(topic, "topic");
        if (grace.isNegative() || grace.compareTo(MOST) > 0) {
            throw new IllegalArgumentException("the grace of late events must be between 0 and 365 days, got " + grace);
        }
        if (reordered && grace.toMillis() == 0) {
            throw new IllegalArgumentException(
                    "the grace of late events is " + grace + ", expected how long events wait"
                            + " to be put in order; set it to the most that an event is delayed");
        }
        if (!reordered && topic.isEmpty() && grace.toMillis() > 0) {
            throw new IllegalArgumentException("the grace of late events is " + grace + " and nothing depends on it,"
                    + " since all are stepped in the order of arrival; leave it out, or drop or reorder late events");
        }
    }

    /** Every event is stepped in the order of arrival. */
    public static LateEvents processed() {
        return new LateEvents(Optional.empty(), Duration.ZERO, false);
    }

    /** Late events go to a topic, with the headers of a dead letter. */
    public static LateEvents droppedTo(String topic) {
        return new LateEvents(Optional.of(topic), Duration.ZERO, false);
    }

    /** The same, but events that are late by no more than this are stepped, in the order of arrival. */
    public LateEvents after(Duration tolerance) {
        return new LateEvents(topic, tolerance, false);
    }

    /**
     * The same, but events wait until one comes whose event time is this much later, and are stepped in the order of event
     * time, those of equal times in the order of arrival. Only what comes later still can be late.
     */
    public LateEvents reorderedWithin(Duration wait) {
        return new LateEvents(topic, wait, true);
    }

    /** Milliseconds that a stepped event may lie before its entity's latest. */
    long toleranceMs() {
        if (topic.isEmpty()) {
            return Long.MAX_VALUE;
        }
        return reordered ? 0 : grace.toMillis();
    }
}
