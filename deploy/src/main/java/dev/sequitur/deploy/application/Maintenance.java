package dev.sequitur.deploy.application;

import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.step.Device;
import dev.sequitur.topology.SequiturTopology;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.StreamsConfig;

/**
 * What is done to an application that is stopped: its local states deleted, or all of it taken back to where it has
 * neither states nor offsets. Output topics stay as they are.
 *
 * <p>Threading: belongs to one thread.
 */
public final class Maintenance {
    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final int LOOK_MS = 50;

    private final ApplicationConfig config;
    private final String applicationId;
    private final LocalStates states;
    private final Cluster cluster;

    private Maintenance(ApplicationConfig config, String applicationId) {
        this.config = config;
        this.applicationId = applicationId;
        Properties properties = config.streams();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId);
        this.states = new LocalStates(new StreamsConfig(properties));
        this.cluster = new Cluster(config.streams(), PATIENCE);
    }

    /** The bundle is loaded only where no {@code application.id} is given: it has the name then. */
    public static Maintenance of(ApplicationConfig config) {
        String given = config.streams().getProperty(StreamsConfig.APPLICATION_ID_CONFIG);
        if (given != null) {
            return new Maintenance(config, given);
        }
        try (ModelBundle bundle = ModelBundle.load(config.bundle(), Device.CPU)) {
            return new Maintenance(config, ScoringApplication.applicationId(bundle));
        }
    }

    public String applicationId() {
        return applicationId;
    }

    /** What {@link #clean} would delete. */
    public ResetPlan.Local local() {
        return new ResetPlan.Local(states.directory(), states.tasks(), states.bytes());
    }

    /**
     * Deletes the states on this machine. The next start restores them from the changelogs.
     *
     * @throws UserException when an instance runs on them
     */
    public void clean() {
        states.delete();
    }

    /** What {@link #reset} would do. Changes nothing. */
    public ResetPlan plan(ResetPoint to) {
        return cluster.ask(admin -> {
            Group group = Group.of(cluster, admin, applicationId);
            return new ResetPlan(applicationId, offsets(admin, group, to), deletions(admin), local(), group.members());
        });
    }

    private List<ResetPlan.Offset> offsets(Admin admin, Group group, ResetPoint to)
            throws InterruptedException, ExecutionException, TimeoutException {
        Integer partitions =
                cluster.partitions(admin, List.of(config.inputTopic())).get(config.inputTopic());
        if (partitions == null) {
            throw new UserException("The cluster at " + cluster.servers() + " has no topic " + config.inputTopic()
                    + ". Check " + ApplicationConfig.INPUT + " and bootstrap.servers");
        }
        Map<TopicPartition, OffsetAndMetadata> committed = group.committed();
        Map<TopicPartition, Long> ends = ends(admin, config.inputTopic(), partitions, OffsetSpec.latest());
        List<ResetPlan.Offset> offsets = new ArrayList<>();
        ends(admin, config.inputTopic(), partitions, to.offset()).forEach((partition, offset) -> {
            OffsetAndMetadata before = committed.get(partition);
            offsets.add(new ResetPlan.Offset(
                    partition.topic(),
                    partition.partition(),
                    before == null ? OptionalLong.empty() : OptionalLong.of(before.offset()),
                    // There is no record so late.
                    offset < 0 ? ends.get(partition) : offset));
        });
        offsets.sort(Comparator.comparingInt(ResetPlan.Offset::partition));
        return offsets;
    }

    private List<ResetPlan.Deletion> deletions(Admin admin)
            throws InterruptedException, ExecutionException, TimeoutException {
        List<ResetPlan.Deletion> deletions = new ArrayList<>();
        for (Map.Entry<String, Integer> topic : internalTopics(admin).entrySet()) {
            long records = sum(ends(admin, topic.getKey(), topic.getValue(), OffsetSpec.latest()))
                    - sum(ends(admin, topic.getKey(), topic.getValue(), OffsetSpec.earliest()));
            deletions.add(new ResetPlan.Deletion(topic.getKey(), records));
        }
        return deletions;
    }

    private Map<String, Integer> internalTopics(Admin admin)
            throws InterruptedException, ExecutionException, TimeoutException {
        return cluster.partitions(admin, new TreeSet<>(SequiturTopology.internalTopics(applicationId)));
    }

    private Map<TopicPartition, Long> ends(Admin admin, String topic, int partitions, OffsetSpec where)
            throws InterruptedException, ExecutionException, TimeoutException {
        Map<TopicPartition, OffsetSpec> asked = new HashMap<>();
        for (int partition = 0; partition < partitions; partition++) {
            asked.put(new TopicPartition(topic, partition), where);
        }
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (Map.Entry<TopicPartition, ListOffsetsResultInfo> end :
                cluster.answer(admin.listOffsets(asked).all()).entrySet()) {
            offsets.put(end.getKey(), end.getValue().offset());
        }
        return offsets;
    }

    private static long sum(Map<TopicPartition, Long> offsets) {
        return offsets.values().stream().mapToLong(Long::longValue).sum();
    }

    /**
     * Does what the plan says. Whatever breaks it off, it may be done again.
     *
     * @param removeMembers whether members of the group are removed; else they stand against it
     * @throws UserException when an instance runs, or the cluster refuses
     */
    public void reset(ResetPlan plan, boolean removeMembers) {
        states.requireUnused();
        cluster.ask(admin -> {
            Group group = Group.of(cluster, admin, applicationId);
            if (!group.members().isEmpty() && !removeMembers) {
                throw new UserException("Application " + applicationId + " runs: "
                        + String.join("; ", group.members())
                        + ". Stop its instances. Static members, and those that were killed, are members until their"
                        + " session.timeout.ms is over; --force removes them");
            }
            group.removeMembers();
            group.commit(plan.offsets().stream()
                    .collect(Collectors.toMap(
                            offset -> new TopicPartition(offset.topic(), offset.partition()),
                            offset -> new OffsetAndMetadata(offset.to()))));
            Set<String> topics = plan.topics().stream()
                    .map(ResetPlan.Deletion::topic)
                    .collect(Collectors.toCollection(TreeSet::new));
            // A new topic of the same name begins at 0.
            group.forget(group.committed().keySet().stream()
                    .filter(partition -> topics.contains(partition.topic()))
                    .collect(Collectors.toSet()));
            cluster.answer(admin.deleteTopics(topics).all());
            awaitGone(admin, topics);
            return null;
        });
        states.delete();
    }

    /** A broker that still shows a topic would let Kafka Streams take it for there. */
    private void awaitGone(Admin admin, Set<String> topics)
            throws InterruptedException, ExecutionException, TimeoutException {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        while (!cluster.partitions(admin, topics).isEmpty()) {
            if (System.nanoTime() > deadlineNanos) {
                throw new TimeoutException("deleted topics are still seen");
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
    }
}
