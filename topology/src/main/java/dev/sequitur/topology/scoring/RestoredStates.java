package dev.sequitur.topology.scoring;

import dev.sequitur.topology.state.OldStatesException;
import java.util.OptionalLong;
import org.apache.kafka.common.TopicPartition;

/**
 * Sees to it that the states which a task begins with have all the events before its first one.
 *
 * <p>Kafka Streams restores a changelog up to the end that its leader tells. A leader that is cut off from the other
 * brokers, while clients still reach it, tells an old end, although the offsets that were committed with the changes
 * behind it are known: the task would go on from states that lack their last events.
 *
 * <p>Threading: immutable; as its input.
 */
final class RestoredStates {
    private final Input input;

    /** The topic that the task reads. */
    @FunctionalInterface
    interface Input {
        /** Whether events can be read at offsets in {@code [from, to)}; also where it can't be told. */
        boolean hasEvents(TopicPartition partition, long from, long to);
    }

    RestoredStates(Input input) {
        this.input = input;
    }

    /**
     * @param consumed offset of the last event that the states have; empty where they don't tell
     * @param first offset of the first event that comes
     * @throws OldStatesException when there are events between them
     */
    void require(TopicPartition partition, OptionalLong consumed, long first) {
        // Offsets without an event, as markers of transactions have, may lie between.
        if (consumed.isEmpty()
                || consumed.getAsLong() + 1 >= first
                || !input.hasEvents(partition, consumed.getAsLong() + 1, first)) {
            return;
        }
        throw new OldStatesException("The states that were restored have the events of " + partition + " up to offset "
                + consumed.getAsLong() + ", expected those up to " + (first - 1)
                + ", which are committed. A broker that"
                + " is cut off from the others while it leads the changelog does this until clients learn of its"
                + " successor. If it goes on: where the group's offsets were set by hand, use the command reset, which"
                + " deletes the states too; else look whether the changelog topic has lost records");
    }
}
