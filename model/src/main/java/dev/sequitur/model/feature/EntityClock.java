package dev.sequitur.model.feature;

import java.time.Duration;

/**
 * Where an entity stands in its session before an event: what the time-derived features need of the past.
 *
 * @param steps events of the session so far; 0 before its first
 * @param sessionStartMs event time of the session's first event; meaningless while steps is 0
 * @param lastEventMs event time of the last event; meaningless while steps is 0
 */
public record EntityClock(long steps, long sessionStartMs, long lastEventMs) {
    /** No event yet. */
    public static final EntityClock START = new EntityClock(0, 0, 0);

    /** The clock that an event at {@code timeMs} finds: this one, or {@link #START} after a session gap. */
    public EntityClock at(long timeMs, Duration sessionGap) {
        return steps > 0 && sessionGap != null && timeMs - lastEventMs > sessionGap.toMillis() ? START : this;
    }

    /** The clock after an event at {@code timeMs} was stepped. Time never runs backwards: a late event keeps it. */
    public EntityClock after(long timeMs) {
        return steps == 0
                ? new EntityClock(1, timeMs, timeMs)
                : new EntityClock(steps + 1, sessionStartMs, Math.max(lastEventMs, timeMs));
    }
}
