package dev.sequitur.deploy.application;

import dev.sequitur.deploy.terminal.UserException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListStreamsGroupOffsetsSpec;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** An application's group, of the classic protocol or of the streams protocol (KIP-1071), which Kafka asks in two ways. */
final class Group {
    private enum Kind {
        NONE,
        CONSUMER,
        STREAMS
    }

    private final Cluster cluster;
    private final Admin admin;
    private final String id;
    private final Kind kind;
    private final List<String> members;

    private Group(Cluster cluster, Admin admin, String id, Kind kind, List<String> members) {
        this.cluster = cluster;
        this.admin = admin;
        this.id = id;
        this.kind = kind;
        this.members = members;
    }

    /** One that isn't there has no members and no offsets. */
    static Group of(Cluster cluster, Admin admin, String id)
            throws InterruptedException, ExecutionException, TimeoutException {
        Optional<List<String>> consumers = found(
                cluster,
                admin.describeConsumerGroups(Set.of(id))
                        .describedGroups()
                        .get(id)
                        .thenApply(group -> group.members().stream()
                                .map(member -> member.clientId() + " on " + member.host()
                                        + member.groupInstanceId()
                                                .map(name -> ", static member " + name)
                                                .orElse(""))
                                .toList()));
        if (consumers.isPresent()) {
            return new Group(cluster, admin, id, Kind.CONSUMER, consumers.get());
        }
        Optional<List<String>> streams = found(
                cluster,
                admin.describeStreamsGroups(Set.of(id))
                        .describedGroups()
                        .get(id)
                        .thenApply(group -> group.members().stream()
                                .map(member -> member.clientId() + " on " + member.clientHost())
                                .toList()));
        return new Group(cluster, admin, id, streams.isPresent() ? Kind.STREAMS : Kind.NONE, streams.orElse(List.of()));
    }

    private static <T> Optional<T> found(Cluster cluster, KafkaFuture<T> future)
            throws InterruptedException, ExecutionException, TimeoutException {
        try {
            return Optional.of(cluster.answer(future));
        } catch (ExecutionException e) {
            // A broker before 4.1 knows no streams groups.
            if (e.getCause() instanceof GroupIdNotFoundException
                    || e.getCause() instanceof UnsupportedVersionException) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** In words, a member each. */
    List<String> members() {
        return members;
    }

    Map<TopicPartition, OffsetAndMetadata> committed()
            throws InterruptedException, ExecutionException, TimeoutException {
        return switch (kind) {
            case NONE -> Map.of();
            case CONSUMER -> cluster.answer(admin.listConsumerGroupOffsets(id).partitionsToOffsetAndMetadata());
            case STREAMS ->
                cluster.answer(admin.listStreamsGroupOffsets(Map.of(id, new ListStreamsGroupOffsetsSpec()))
                        .partitionsToOffsetAndMetadata(id));
        };
    }

    /** Without members. */
    void commit(Map<TopicPartition, OffsetAndMetadata> offsets)
            throws InterruptedException, ExecutionException, TimeoutException {
        cluster.answer(
                kind == Kind.STREAMS
                        ? admin.alterStreamsGroupOffsets(id, offsets).all()
                        : admin.alterConsumerGroupOffsets(id, offsets).all());
    }

    /** Without members. */
    void forget(Set<TopicPartition> partitions) throws InterruptedException, ExecutionException, TimeoutException {
        if (!partitions.isEmpty()) {
            cluster.answer(
                    kind == Kind.STREAMS
                            ? admin.deleteStreamsGroupOffsets(id, partitions).all()
                            : admin.deleteConsumerGroupOffsets(id, partitions).all());
        }
    }

    /** Members that run come back. */
    void removeMembers() throws InterruptedException, ExecutionException, TimeoutException {
        if (members.isEmpty()) {
            return;
        }
        if (kind == Kind.STREAMS) {
            throw new UserException("Kafka can't remove the members of a group of the streams protocol (" + id
                    + "). Stop them; those that were killed are gone after the group's session timeout");
        }
        cluster.answer(admin.removeMembersFromConsumerGroup(id, new RemoveMembersFromConsumerGroupOptions())
                .all());
    }
}
