package dev.sequitur.topology.state;

import dev.sequitur.model.step.StatePrecision;
import java.util.Objects;

/**
 * @param caching whether writes of one commit interval are folded; pays where the keys fit into the cache
 * @param onModelChange what happens to a state that another model wrote
 * @param precision that state rows are stored in
 */
public record StateSettings(boolean caching, OnModelChange onModelChange, StatePrecision precision) {
    public StateSettings {
        Objects.requireNonNull(onModelChange, "onModelChange");
        Objects.requireNonNull(precision, "precision");
    }
}
