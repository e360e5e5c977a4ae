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
 */
public record StateSettings(
        boolean caching, OnModelChange onModelChange, StatePrecision precision, Optional<Duration> timeToLive) {
    public StateSettings {
        Objects.requireNonNull(onModelChange, "onModelChange");
        Objects.requireNonNull(precision, "precision");
        timeToLive.ifPresent(ttl -> {
            if (ttl.toMillis() < 1) {
                throw new IllegalArgumentException("timeToLive must be >= 1 ms, got " + ttl);
            }
        });
    }

    /** With states that are kept for ever. */
    public StateSettings(boolean caching, OnModelChange onModelChange, StatePrecision precision) {
        this(caching, onModelChange, precision, Optional.empty());
    }
}
