package dev.sequitur.topology.scoring;

import dev.sequitur.topology.input.EventFormat;
import dev.sequitur.topology.state.StateSettings;

/**
 * @param predicting whether a prediction follows each score
 * @param states how the states of entities are stored
 * @param maxBatchEvents of a batch that isn't as it came
 * @param collecting whether events are collected, over calls of the processor, until they are a batch
 * @param derived whether events may be made of other records, so that several may have one offset, or none
 * @param late what becomes of late events
 * @param maxDeadLetterBytes of a dead letter's key, value and original headers together
 * @param format of the events' values
 */
public record ScoringSettings(
        boolean predicting,
        StateSettings states,
        int maxBatchEvents,
        boolean collecting,
        boolean derived,
        LateEvents late,
        int maxDeadLetterBytes,
        EventFormat format) {}
