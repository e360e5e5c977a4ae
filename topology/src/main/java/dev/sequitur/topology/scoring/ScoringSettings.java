package dev.sequitur.topology.scoring;

import dev.sequitur.topology.state.StateSettings;
import java.util.List;
import org.apache.avro.Schema;

/**
 * @param predicting whether a prediction follows each score
 * @param states how the states of entities are stored
 * @param maxBatchEvents of a batch that isn't as it came
 * @param collecting whether events are collected, over calls of the processor, until they are a batch
 * @param derived whether events may be made of other records, so that several may have one offset, or none
 * @param late what becomes of late events
 * @param maxDeadLetterBytes of a dead letter's key, value and original headers together
 * @param writerSchemas schemas that events may be written with, besides the spec's own
 */
public record ScoringSettings(
        boolean predicting,
        StateSettings states,
        int maxBatchEvents,
        boolean collecting,
        boolean derived,
        LateEvents late,
        int maxDeadLetterBytes,
        List<Schema> writerSchemas) {
    public ScoringSettings {
        writerSchemas = List.copyOf(writerSchemas);
    }
}
