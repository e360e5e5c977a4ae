package dev.sequitur.deploy.integration;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/** How far the group of an application has committed its input. */
final class ConsumerGroup implements AutoCloseable {
    private static final int ANSWER_S = 30;

    private final Admin admin;
    private final String id;

    ConsumerGroup(String bootstrapServers, String id) {
        this.admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
        this.id = id;
    }

    /** Whether every record that the topic holds now is committed. */
    boolean hasRead(String topic) {
        try {
            var description = admin.describeTopics(List.of(topic))
                    .allTopicNames()
                    .get(ANSWER_S, TimeUnit.SECONDS)
                    .get(topic);
            Map<TopicPartition, OffsetSpec> latest = description.partitions().stream()
                    .collect(Collectors.toMap(
                            info -> new TopicPartition(topic, info.partition()), info -> OffsetSpec.latest()));
            var ends = admin.listOffsets(latest).all().get(ANSWER_S, TimeUnit.SECONDS);
            Map<TopicPartition, OffsetAndMetadata> committed = admin.listConsumerGroupOffsets(id)
                    .partitionsToOffsetAndMetadata()
                    .get(ANSWER_S, TimeUnit.SECONDS);
            return ends.entrySet().stream().allMatch(end -> {
                OffsetAndMetadata next = committed.get(end.getKey());
                return end.getValue().offset() == (next == null ? 0 : next.offset());
            });
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("the broker doesn't tell what " + id + " has committed of " + topic, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
