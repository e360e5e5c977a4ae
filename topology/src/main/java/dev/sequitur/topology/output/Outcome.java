package dev.sequitur.topology.output;

import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;

/** What a processor makes of an event; each kind goes to a topic of its own. */
public sealed interface Outcome {
    /** How much the event surprised. */
    record Scored(Score score) implements Outcome {}

    /** What is expected to follow. */
    record Predicted(Prediction prediction) implements Outcome {}

    /**
     * An event that goes on under another key.
     *
     * @param value as it came; null for a tombstone
     */
    record Keyed(byte[] value) implements Outcome {}

    /** An event that can't be used. */
    record Rejected(DeadLetter letter) implements Outcome {}

    /** The outcomes of one kind. */
    static <K, O extends Outcome> KStream<K, O> only(Class<O> kind, KStream<K, Outcome> outcomes, String name) {
        return outcomes.filter((key, outcome) -> kind.isInstance(outcome), Named.as(name + "-filter"))
                .mapValues(kind::cast, Named.as(name + "-cast"));
    }
}
