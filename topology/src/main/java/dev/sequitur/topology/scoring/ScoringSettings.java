package dev.sequitur.topology.scoring;

import dev.sequitur.topology.state.StateSettings;
import java.util.List;
import org.apache.avro.Schema;

/**
 * @param predicting whether a prediction follows each score
 * @param states how the states of entities are stored
 * @param maxDeadLetterBytes of a dead letter's key, value and original headers together
 * @param writerSchemas schemas that events may be written with, besides the spec's own
 */
public record ScoringSettings(
        boolean predicting, StateSettings states, int maxDeadLetterBytes, List<Schema> writerSchemas) {
    public ScoringSettings {
        writerSchemas = List.copyOf(writerSchemas);
    }
}
