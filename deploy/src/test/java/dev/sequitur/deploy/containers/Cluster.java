package dev.sequitur.deploy.containers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.DescribeTopicsOptions;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.TopicPartitionInfo;
import org.testcontainers.containers.Network;
import org.testcontainers.lifecycle.Startables;

/**
 * Three brokers.
 *
 * <p>Threading: belongs to one thread.
 */
final class Cluster implements AutoCloseable {
    private static final int SIZE = 3;
    private static final int ANSWER_S = 60;
    private static final int LOOK_MS = 10_000;
    private static final int ITERATIONS = 4096;

    private final Network clients = TestRun.network(command -> {});
    private final Network peers = TestRun.network(command -> command.withInternal(true));
    private final Certificates certificates;
    private final List<Broker> brokers;
    private final Admin admin;

    /** Returns when it answers. */
    Cluster(Path directory) throws IOException, InterruptedException {
        certificates = Certificates.of(
                directory,
                IntStream.rangeClosed(1, SIZE).mapToObj(id -> "broker-" + id).toList());
        brokers = IntStream.rangeClosed(1, SIZE)
                .mapToObj(id -> new Broker(id, SIZE, clients, peers, certificates))
                .toList();
        Startables.deepStart(brokers).join();
        admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers(),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                3000));
    }

    Network network() {
        return clients;
    }

    /** For clients on this machine. */
    String bootstrapServers() {
        return servers(Broker::forHost);
    }

    /** For clients in the network. */
    String networkServers() {
        return servers(Broker::forClients);
    }

    /** For clients in the network, with TLS and SASL. */
    String securedServers() {
        return servers(Broker::secured);
    }

    private String servers(Function<Broker, String> address) {
        return brokers.stream().map(address).collect(Collectors.joining(","));
    }

    /** What clients have to trust, in PEM. */
    String certificate() {
        return certificates.certificate();
    }

    /** Lets a user log in, by SCRAM-SHA-512. */
    void allow(String user, String password) throws Exception {
        admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                        user, new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS), password)))
                .all()
                .get(ANSWER_S, TimeUnit.SECONDS);
    }

    /** The broker that takes the events of the topic's partition 0. */
    Broker leader(String topic) throws TimeoutException {
        int leader = partitions(topic).get(0).leader().id();
        return brokers.stream()
                .filter(broker -> broker.id() == leader)
                .findAny()
                .orElseThrow();
    }

    /** A broker other than these. */
    Broker otherThan(Set<Integer> ids) {
        return brokers.stream()
                .filter(broker -> !ids.contains(broker.id()))
                .findAny()
                .orElseThrow(() -> new AssertionError("a broker other than " + ids + " of " + SIZE));
    }

    /** Whether each partition has so many replicas in sync; false too where the cluster doesn't tell. */
    boolean keepsInSync(String topic, int replicas) {
        try {
            return partitions(topic).stream()
                    .allMatch(partition -> partition.isr().size() == replicas);
        } catch (TimeoutException e) {
            // The broker that was asked is the one that is paused.
            return false;
        }
    }

    private List<TopicPartitionInfo> partitions(String topic) throws TimeoutException {
        try {
            return admin.describeTopics(List.of(topic), new DescribeTopicsOptions().timeoutMs(LOOK_MS))
                    .allTopicNames()
                    .get(ANSWER_S, TimeUnit.SECONDS)
                    .get(topic)
                    .partitions();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof org.apache.kafka.common.errors.TimeoutException) {
                throw new TimeoutException(e.getMessage());
            }
            throw new AssertionError("the cluster doesn't tell about " + topic, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    @Override
    public void close() {
        admin.close();
        brokers.forEach(Broker::stop);
        peers.close();
        clients.close();
    }
}
