package dev.sequitur.deploy.application;

import dev.sequitur.deploy.terminal.UserException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.streams.StreamsConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at the cluster before an application starts, so that a mistake is said at once and in words. */
final class ClusterCheck {
    /** So that its attempts to connect can be told from a client's at work: they end in an error of their own. */
    static final String CLIENT_ID = "sequitur-start-up-check";

    private static final Logger LOG = LoggerFactory.getLogger(ClusterCheck.class);
    private static final int LOOK_MS = 50;

    private final Properties streams;
    private final Duration patience;

    /**
     * @param streams Kafka Streams properties
     * @param patience how long a broker may take to answer
     */
    ClusterCheck(Properties streams, Duration patience) {
        this.streams = streams;
        this.patience = patience;
    }

    /**
     * @param create how missing topics are created; empty where they are not
     * @throws UserException when no broker answers, or a topic is missing: with the command that creates it
     */
    void requireTopics(String input, List<String> outputs, Optional<NewTopics> create) {
        Set<String> wanted = new TreeSet<>(outputs);
        wanted.add(input);
        asking(admin -> {
            Map<String, Integer> partitions = partitions(admin, wanted);
            if (create.isPresent() && !partitions.containsKey(input)) {
                // The others take after it.
                create(admin, Set.of(input), Optional.empty(), create.get());
                partitions.putAll(await(admin, Set.of(input)));
            }
            Set<String> missing = new TreeSet<>(wanted);
            missing.removeAll(partitions.keySet());
            if (missing.isEmpty()) {
                return;
            }
            if (create.isEmpty()) {
                throw new UserException(missing(missing, partitions.getOrDefault(input, 4)));
            }
            create(admin, missing, Optional.of(partitions.get(input)), create.get());
            await(admin, missing);
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
                answer(topic.getValue());
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
        long deadlineNanos = System.nanoTime() + patience.toNanos();
        while (true) {
            Map<String, Integer> partitions = partitions(admin, created);
            if (partitions.keySet().containsAll(created)) {
                return partitions;
            }
            if (System.nanoTime() > deadlineNanos) {
                throw new TimeoutException("new topics are not seen");
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
    }

    /** How many partitions those topics have that there are. */
    private Map<String, Integer> partitions(Admin admin, Set<String> topics)
            throws InterruptedException, ExecutionException, TimeoutException {
        Map<String, Integer> partitions = new TreeMap<>();
        int timeoutMs = Math.toIntExact(patience.toMillis());
        var described = admin.describeTopics(topics, new DescribeTopicsOptions().timeoutMs(timeoutMs));
        for (Map.Entry<String, KafkaFuture<TopicDescription>> topic :
                described.topicNameValues().entrySet()) {
            try {
                partitions.put(
                        topic.getKey(), answer(topic.getValue()).partitions().size());
            } catch (ExecutionException e) {
                if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                    throw e;
                }
            }
        }
        return partitions;
    }

    private <T> T answer(KafkaFuture<T> future) throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(patience.toMillis() + 1000, TimeUnit.MILLISECONDS);
    }

    /** What is asked of the cluster. */
    private interface Question {
        void ask(Admin admin) throws InterruptedException, ExecutionException, TimeoutException;
    }

    private void asking(Question question) {
        try (Admin admin = Admin.create(adminConfig())) {
            question.ask(admin);
        } catch (TimeoutException | ExecutionException | KafkaException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserException("Interrupted while looking at the cluster", e);
        }
    }

    /** The properties that an admin client understands: plain ones, and those for every client by prefix. */
    private Map<String, Object> adminConfig() {
        Map<String, Object> config = new HashMap<>();
        for (String name : streams.stringPropertyNames()) {
            if (AdminClientConfig.configNames().contains(name)) {
                config.put(name, streams.getProperty(name));
            }
        }
        for (String name : streams.stringPropertyNames()) {
            if (name.startsWith(StreamsConfig.ADMIN_CLIENT_PREFIX)) {
                config.put(name.substring(StreamsConfig.ADMIN_CLIENT_PREFIX.length()), streams.getProperty(name));
            }
        }
        config.put(AdminClientConfig.CLIENT_ID_CONFIG, CLIENT_ID);
        return config;
    }

    private UserException unreachable(Throwable failure) {
        String servers = servers();
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        if (cause instanceof AuthenticationException) {
            return new UserException(
                    "The broker at " + servers + " refused the login: " + cause.getMessage()
                            + ". Check security.protocol, sasl.mechanism, sasl.jaas.config and the certificates",
                    failure);
        }
        if (cause instanceof AuthorizationException) {
            return new UserException(
                    "The cluster at " + servers + " doesn't allow what is needed: " + cause.getMessage()
                            + ". Grant the principal Describe on the topics, Read on the input, Write on the others",
                    failure);
        }
        return new UserException(
                "No Kafka broker answers at " + servers + " within " + patience.toSeconds() + " s ("
                        + cause.getMessage() + "). Check bootstrap.servers, that the broker runs, and the security"
                        + " settings",
                failure);
    }

    private String servers() {
        return streams.getProperty(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG);
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
                    .append(servers())
                    .append(" --create --topic ")
                    .append(topic)
                    .append(" --partitions ")
                    .append(partitions);
        }
        return text.toString();
    }
}
