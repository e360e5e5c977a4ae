package dev.sequitur.deploy.api;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.StreamsMetadata;
import org.apache.kafka.streams.ThreadMetadata;

/** {@code GET /status}: how the application stands, and who takes part in it. */
final class StatusAnswer {
    private StatusAnswer() {}

    /** @param more paths of what only this application serves */
    static ObjectNode of(Served served, Set<String> more) {
        String own = Peers.name(served.peers().own());
        ObjectNode answer = Answers.object()
                .put("state", served.streams().state().name())
                .put("instance", own)
                .put("uptime", Duration.between(served.since(), Instant.now()).toMillis())
                .put("since", served.since().toString());
        ArrayNode also = answer.putArray("also");
        more.forEach(also::add);
        ArrayNode partitions = answer.putArray("partitions");
        served.streams().metadataForLocalThreads().stream()
                .map(ThreadMetadata::activeTasks)
                .flatMap(Collection::stream)
                .flatMap(task -> task.topicPartitions().stream())
                .map(TopicPartition::toString)
                .sorted()
                .forEach(partitions::add);
        ArrayNode instances = answer.putArray("instances");
        ArrayNode ours = instances.addObject().put("host", own).putArray("tasks");
        served.streams().metadataForLocalThreads().stream()
                .map(ThreadMetadata::activeTasks)
                .flatMap(Collection::stream)
                .map(task -> task.taskId().toString())
                .sorted()
                .forEach(ours::add);
        for (StreamsMetadata other : served.peers().others(served.streams())) {
            ArrayNode theirs = instances
                    .addObject()
                    .put("host", Peers.name(other.hostInfo()))
                    .putArray("tasks");
            other.topicPartitions().stream()
                    .map(TopicPartition::toString)
                    .sorted()
                    .forEach(theirs::add);
        }
        return answer;
    }
}
