package dev.sequitur.deploy.application;

import dev.sequitur.deploy.terminal.UserException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.streams.StreamsConfig;

/** Looks at the cluster before an application starts, so that a mistake is said at once and in words. */
final class ClusterCheck {
    /** So that its attempts to connect can be told from a client's at work: they end in an error of their own. */
    static final String CLIENT_ID = "sequitur-start-up-check";

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

    /** @throws UserException when no broker answers, or a topic is missing: with the command that creates it */
    void requireTopics(String input, List<String> outputs) {
        Set<String> wanted = new TreeSet<>(outputs);
        wanted.add(input);
        Set<String> missing = new TreeSet<>();
        Map<String, Integer> partitions = new TreeMap<>();
        String servers = streams.getProperty(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG);
        try (Admin admin = Admin.create(adminConfig())) {
            int timeoutMs = Math.toIntExact(patience.toMillis());
            var described = admin.describeTopics(wanted, new DescribeTopicsOptions().timeoutMs(timeoutMs));
            for (Map.Entry<String, KafkaFuture<TopicDescription>> topic :
                    described.topicNameValues().entrySet()) {
                try {
                    partitions.put(
                            topic.getKey(),
                            topic.getValue()
                                    .get(patience.toMillis() + 1000, TimeUnit.MILLISECONDS)
                                    .partitions()
                                    .size());
                } catch (ExecutionException e) {
                    if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                        throw unreachable(servers, e);
                    }
                    missing.add(topic.getKey());
                }
            }
        } catch (TimeoutException | KafkaException e) {
            throw unreachable(servers, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserException("Interrupted while looking at the cluster", e);
        }
        if (!missing.isEmpty()) {
            throw new UserException(missing(missing, partitions.getOrDefault(input, 4), servers));
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

    private UserException unreachable(String servers, Throwable failure) {
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

    private static String missing(Set<String> missing, int partitions, String servers) {
        StringBuilder text = new StringBuilder("The cluster lacks the topic")
                .append(missing.size() > 1 ? "s " : " ")
                .append(String.join(", ", missing))
                .append(". Create ")
                .append(missing.size() > 1 ? "them" : "it")
                .append(", for example:");
        for (String topic : missing) {
            text.append(System.lineSeparator())
                    .append("  kafka-topics.sh --bootstrap-server ")
                    .append(servers)
                    .append(" --create --topic ")
                    .append(topic)
                    .append(" --partitions ")
                    .append(partitions);
        }
        return text.toString();
    }
}
