package dev.sequitur.deploy.application;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/**
 * What a reset does, and what stands against it.
 *
 * @param members of the group that are there; a reset needs them gone
 */
public record ResetPlan(
        String applicationId, List<Offset> offsets, List<Deletion> topics, Local local, List<String> members) {
    public ResetPlan {
        offsets = List.copyOf(offsets);
        topics = List.copyOf(topics);
        members = List.copyOf(members);
    }

    /**
     * A partition of the input, which is read on from elsewhere.
     *
     * @param from empty where nothing was committed
     */
    public record Offset(String topic, int partition, OptionalLong from, long to) {}

    /**
     * An internal topic.
     *
     * @param records at most: a compacted topic has fewer than offsets
     */
    public record Deletion(String topic, long records) {}

    /**
     * The states on this machine.
     *
     * @param tasks whose states they are, a partition each
     */
    public record Local(Path directory, List<String> tasks, long bytes) {
        public Local {
            tasks = List.copyOf(tasks);
        }
    }
}
