package dev.sequitur.topology.state;

import dev.sequitur.model.step.StatePrecision;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/**
 * @param caching whether writes of one commit interval are folded; pays where the keys fit into the cache
 * @param onModelChange what happens to a state that another model wrote
 * @param precision that state rows are stored in
 * @param timeToLive how long, in event time, an entity without events is kept; empty for ever
 * @param hotBytes of the heap, for each partition, that decoded states may take; 0 for none
 */
public record StateSettings(
        boolean caching,
        OnModelChange onModelChange,
        StatePrecision precision,
        Optional<Duration> timeToLive,
        long hotBytes) {
    /** Some 9,000 states of an LSTM of 64 units. */
    public static final long DEFAULT_HOT_BYTES = 8L << 20;

    public StateSettings {
        Objects.requireNonNull(onModelChange, "onModelChange");
        Objects.requireNonNull(precision, "precision");
        timeToLive.ifPresent(ttl -> {
            if (ttl.toMillis() < 1) {
                throw new IllegalArgumentException("timeToLive must be >= 1 ms, got " + ttl);
            }
        });
        if (hotBytes < 0) {
            throw new IllegalArgumentException("hotBytes must be >= 0, got " + hotBytes);
        }
    }

    /** With states that are kept for ever. */
    public StateSettings(boolean caching, OnModelChange onModelChange, StatePrecision precision) {
        this(caching, onModelChange, precision, Optional.empty(), DEFAULT_HOT_BYTES);
    }
}
