package dev.sequitur.topology.output;

import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.ValueMapper;

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

    /** An event that can't be used, or that came too late. */
    record Rejected(DeadLetter letter) implements Outcome {}

    /** The node that a processor forwards the outcomes of one kind to, so that no other kind's has to look at them. */
    final class Branch {
        public static final String SCORED = "sequitur-scored";
        public static final String PREDICTED = "sequitur-predicted";
        public static final String KEYED = "sequitur-keyed";
        /** Dead letters of the stage that keys. */
        public static final String NOT_KEYED = "sequitur-key-dead-letters";
        /** Dead letters of the stage that scores. */
        public static final String NOT_SCORED = "sequitur-score-dead-letters";

        private Branch() {}
    }

    /**
     * What a branch holds.
     *
     * @param branch of {@link Branch}
     * @param kind of all the outcomes that are forwarded to it
     */
    static <K, O extends Outcome, V> KStream<K, V> branch(
            KStream<K, Outcome> outcomes, String branch, Class<O> kind, ValueMapper<O, V> value) {
        return outcomes.mapValues(outcome -> value.apply(kind.cast(outcome)), Named.as(branch));
    }
}
