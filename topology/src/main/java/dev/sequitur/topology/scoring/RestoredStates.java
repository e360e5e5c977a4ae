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
    interface Input {
        /** Whether events can be read at offsets in {@code [from, to)}; also where it can't be told. */
        boolean hasEvents(TopicPartition partition, long from, long to);

        /**
         * Whether the task begins where Kafka Streams has committed, after it had processed the events before; also where it
         * can't be told. An offset that was set by hand, or that {@code auto.offset.reset} gave, says nothing of states.
         */
        boolean wasProcessed(TopicPartition partition);
    }

    RestoredStates(Input input) {
        this.input = input;
    }

    /**
     * @param consumed offset of the last event that the states have; empty where they don't tell
     * @param none whether nothing at all was restored
     * @param first offset of the first event that comes
     * @throws OldStatesException when there are events between them
     */
    void require(TopicPartition partition, OptionalLong consumed, boolean none, long first) {
        if (consumed.isEmpty() && !none) {
            // Of a version that had no mark.
            return;
        }
        long next = consumed.isEmpty() ? 0 : consumed.getAsLong() + 1;
        // Offsets without an event, as markers of transactions have, may lie between.
        if (next >= first
                || !input.hasEvents(partition, next, first)
                || consumed.isEmpty() && !input.wasProcessed(partition)) {
            return;
        }
        throw new OldStatesException("The states that were restored have "
                + (consumed.isEmpty()
                        ? "no event of " + partition
                        : "the events of " + partition + " up to offset " + consumed.getAsLong())
                + ", expected those up to " + (first - 1)
                + ", which are committed. A broker that"
                + " is cut off from the others while it leads the changelog does this until clients learn of its"
                + " successor. If it goes on: where the group's offsets were set by hand, use the command reset, which"
                + " deletes the states too; else look whether the changelog topic has lost records");
    }
}
