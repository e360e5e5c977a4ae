package dev.sequitur.deploy.application;

import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.topology.SequiturTopology;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.TopicExistsException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the cluster before an application starts, so that a mistake is said at once and in words. */
final class ClusterCheck {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterCheck.class);
    private static final int LOOK_MS = 50;

    private final Cluster cluster;

    ClusterCheck(Cluster cluster) {
        this.cluster = cluster;
    }

    /**
     * @param create how missing topics are created; empty where they are not
     * @throws UserException when no broker answers, or a topic is missing: with the command that creates it
     */
    void requireTopics(String input, List<String> outputs, Optional<NewTopics> create) {
        Set<String> wanted = new TreeSet<>(outputs);
        wanted.add(input);
        cluster.ask(admin -> {
            Map<String, Integer> partitions = cluster.partitions(admin, wanted);
            if (create.isPresent() && !partitions.containsKey(input)) {
                // The others take after it.
                create(admin, Set.of(input), Optional.empty(), create.get());
                partitions.putAll(await(admin, Set.of(input)));
            }
            Set<String> missing = new TreeSet<>(wanted);
            missing.removeAll(partitions.keySet());
            if (!missing.isEmpty()) {
                if (create.isEmpty()) {
                    throw new UserException(missing(missing, partitions.getOrDefault(input, 4)));
                }
                create(admin, missing, Optional.of(partitions.get(input)), create.get());
                partitions.putAll(await(admin, missing));
            }
            return partitions;
        });
    }

    /**
     * States belong to partitions. Kafka Streams would stop with an error of its own, or wait for ever.
     *
     * @throws UserException when the application's states are of another number of partitions than the input has
     */
    void requireStatesOf(String applicationId, String input) {
        Map<String, Integer> partitions = cluster.ask(admin -> {
            Set<String> topics = new TreeSet<>(SequiturTopology.internalTopics(applicationId));
            topics.add(input);
            return cluster.partitions(admin, topics);
        });
        int expected = partitions.remove(input);
        partitions.forEach((topic, got) -> {
            if (got != expected) {
                throw new UserException("Topic " + input + " has " + expected
                        + " partitions, but the states of application "
                        + applicationId + " are those of " + got + " (" + topic + "): entities would not find theirs."
                        + " Create " + input + " anew with " + got + " partitions; or give another application.id, or"
                        + " reset this one (sequitur reset), and every entity starts anew");
            }
        });
    }

    private void create(Admin admin, Set<String> topics, Optional<Integer> likeInput, NewTopics how)
            throws InterruptedException, TimeoutException {
        Optional<Integer> partitions = how.partitions().or(() -> likeInput);
        List<NewTopic> asked = topics.stream()
                .map(name -> new NewTopic(name, partitions, how.replicationFactor()))
                .toList();
        for (Map.Entry<String, KafkaFuture<Void>> topic :
                admin.createTopics(asked).values().entrySet()) {
            try {
                cluster.answer(topic.getValue());
                LOG.info("Created topic {}", topic.getKey());
            } catch (ExecutionException e) {
                // Another instance may have been quicker.
                if (!(e.getCause() instanceof TopicExistsException)) {
                    throw new UserException(
                            "Topic " + topic.getKey() + " can't be created: "
                                    + e.getCause().getMessage()
                                    + ". Choose --partitions and --replication-factor that the cluster allows, or let"
                                    + " someone create it who may",
                            e);
                }
            }
        }
    }

    /** The controller knows a new topic at once, every broker a moment later. */
    private Map<String, Integer> await(Admin admin, Set<String> created)
            throws InterruptedException, ExecutionException, TimeoutException {
        long deadlineNanos = System.nanoTime() + cluster.patience().toNanos();
        while (true) {
            Map<String, Integer> partitions = cluster.partitions(admin, created);
            if (partitions.keySet().containsAll(created)) {
                return partitions;
            }
            if (System.nanoTime() > deadlineNanos) {
                throw new TimeoutException("new topics are not seen");
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
    }

    private String missing(Set<String> missing, int partitions) {
        StringBuilder text = new StringBuilder("The cluster lacks the topic")
                .append(missing.size() > 1 ? "s " : " ")
                .append(String.join(", ", missing))
                .append(". Create ")
                .append(missing.size() > 1 ? "them" : "it")
                .append(" with sequitur run --create-topics, or for example:");
        for (String topic : missing) {
            text.append(System.lineSeparator())
                    .append("  kafka-topics.sh --bootstrap-server ")
                    .append(cluster.servers())
                    .append(" --create --topic ")
                    .append(topic)
                    .append(" --partitions ")
                    .append(partitions);
        }
        return text.toString();
    }
}
