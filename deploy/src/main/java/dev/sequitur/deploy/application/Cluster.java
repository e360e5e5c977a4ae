package dev.sequitur.deploy.application;

import dev.sequitur.deploy.terminal.UserException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
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

/** A Kafka cluster that is asked before an application starts, or while none runs; its refusals come in words. */
final class Cluster {
    /** So that its attempts to connect can be told from a client's at work: they end in an error of their own. */
    static final String CLIENT_ID = "sequitur-start-up-check";

    private final Properties streams;
    private final Duration patience;

    /**
     * @param streams Kafka Streams properties
     * @param patience how long a broker may take to answer
     */
    Cluster(Properties streams, Duration patience) {
        this.streams = streams;
        this.patience = patience;
    }

    String servers() {
        return streams.getProperty(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG);
    }

    Duration patience() {
        return patience;
    }

    /** What is asked. */
    interface Question<T> {
        T ask(Admin admin) throws InterruptedException, ExecutionException, TimeoutException;
    }

    /** @throws UserException when no broker answers, or it refuses */
    <T> T ask(Question<T> question) {
        try (Admin admin = admin()) {
            return question.ask(admin);
        } catch (TimeoutException | ExecutionException | KafkaException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new UserException("Interrupted while looking at the cluster", e);
        }
    }

    private Admin admin() {
        try {
            return Admin.create(adminConfig());
        } catch (KafkaException e) {
            throw new UserException(
                    "A client of the broker at " + servers() + " can't be set up: "
                            + root(e).getMessage()
                            + ". Check bootstrap.servers (host:port), security.protocol, sasl.mechanism,"
                            + " sasl.jaas.config and the stores of ssl.*",
                    e);
        }
    }

    <T> T answer(KafkaFuture<T> future) throws InterruptedException, ExecutionException, TimeoutException {
        return future.get(patience.toMillis() + 1000, TimeUnit.MILLISECONDS);
    }

    /** How many partitions those of the topics have that there are. */
    Map<String, Integer> partitions(Admin admin, Collection<String> topics)
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
        Throwable cause = root(failure);
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

    private static Throwable root(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause;
    }
}
