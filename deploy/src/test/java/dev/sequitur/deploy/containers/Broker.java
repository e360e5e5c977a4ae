package dev.sequitur.deploy.containers;

import com.github.dockerjava.api.model.ContainerNetwork;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.utility.DockerImageName;

/**
 * One of a cluster's nodes, broker and controller. Its clients reach it in one network, its peers in another, so that it
 * can be cut off from these alone. (Testcontainers' KafkaContainer has one network, no secured listener, and another port
 * after each start.)
 */
final class Broker extends GenericContainer<Broker> {
    private static final int HOST = 9092;
    private static final int CLIENTS = 19092;
    private static final int SECURED = 19093;
    private static final int PEERS = 9093;
    private static final int CONTROLLER = 9094;
    private static final String STORES = "/etc/kafka/secrets/";

    private final int id;
    private final Network peers;
    private final int hostPort = freePort();

    /**
     * @param id 1 to {@code size}
     * @param clients network of the applications
     * @param peers network of the brokers, internal: a published port must not hang on it
     */
    Broker(int id, int size, Network clients, Network peers, Certificates certificates) {
        super(DockerImageName.parse(Image.KAFKA.reference()));
        this.id = id;
        this.peers = peers;
        withNetwork(clients);
        withNetworkAliases(name());
        withLabels(TestRun.labels());
        // A port that stays the same over a restart.
        setPortBindings(List.of("127.0.0.1:" + hostPort + ":" + HOST));
        withCopyToContainer(Transferable.of(certificates.keystore()), STORES + "keystore.p12");
        withEnv(settings(size, certificates.password()));
        waitingFor(Wait.forLogMessage(".*Transitioning from RECOVERY to RUNNING.*", 1)
                .withStartupTimeout(Duration.ofSeconds(120)));
    }

    private Map<String, String> settings(int size, String password) {
        return Map.ofEntries(
                Map.entry("CLUSTER_ID", "4L6g3nShT-eMCtK--X86sw"),
                Map.entry("KAFKA_NODE_ID", Integer.toString(id)),
                Map.entry("KAFKA_PROCESS_ROLES", "broker,controller"),
                Map.entry(
                        "KAFKA_LISTENERS",
                        "HOST://:%d,CLIENTS://:%d,SECURED://:%d,PEERS://:%d,CONTROLLER://:%d"
                                .formatted(HOST, CLIENTS, SECURED, PEERS, CONTROLLER)),
                Map.entry(
                        "KAFKA_ADVERTISED_LISTENERS",
                        "HOST://localhost:%d,CLIENTS://%s,SECURED://%s,PEERS://%s:%d"
                                .formatted(hostPort, forClients(), secured(), peerName(id), PEERS)),
                Map.entry(
                        "KAFKA_LISTENER_SECURITY_PROTOCOL_MAP",
                        "HOST:PLAINTEXT,CLIENTS:PLAINTEXT,SECURED:SASL_SSL,PEERS:PLAINTEXT,CONTROLLER:PLAINTEXT"),
                Map.entry("KAFKA_INTER_BROKER_LISTENER_NAME", "PEERS"),
                Map.entry("KAFKA_CONTROLLER_LISTENER_NAMES", "CONTROLLER"),
                Map.entry(
                        "KAFKA_CONTROLLER_QUORUM_VOTERS",
                        String.join(
                                ",",
                                IntStream.rangeClosed(1, size)
                                        .mapToObj(n -> n + "@" + peerName(n) + ":" + CONTROLLER)
                                        .toList())),
                Map.entry("KAFKA_SASL_ENABLED_MECHANISMS", "SCRAM-SHA-512"),
                Map.entry(
                        "KAFKA_LISTENER_NAME_SECURED_SCRAM___SHA___512_SASL_JAAS_CONFIG",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required;"),
                Map.entry("KAFKA_SSL_KEYSTORE_LOCATION", STORES + "keystore.p12"),
                Map.entry("KAFKA_SSL_KEYSTORE_TYPE", "PKCS12"),
                Map.entry("KAFKA_SSL_KEYSTORE_PASSWORD", password),
                Map.entry("KAFKA_DEFAULT_REPLICATION_FACTOR", Integer.toString(size)),
                Map.entry("KAFKA_MIN_INSYNC_REPLICAS", "2"),
                Map.entry("KAFKA_OFFSETS_TOPIC_REPLICATION_FACTOR", Integer.toString(size)),
                Map.entry("KAFKA_OFFSETS_TOPIC_NUM_PARTITIONS", "6"),
                Map.entry("KAFKA_TRANSACTION_STATE_LOG_REPLICATION_FACTOR", Integer.toString(size)),
                Map.entry("KAFKA_TRANSACTION_STATE_LOG_MIN_ISR", "2"),
                Map.entry("KAFKA_TRANSACTION_STATE_LOG_NUM_PARTITIONS", "6"),
                Map.entry("KAFKA_GROUP_INITIAL_REBALANCE_DELAY_MS", "0"),
                // Results carry the time of their event, and these events are years old.
                Map.entry("KAFKA_LOG_RETENTION_MS", "-1"),
                // A broker that is away is missed after seconds.
                Map.entry("KAFKA_BROKER_SESSION_TIMEOUT_MS", "3000"),
                Map.entry("KAFKA_BROKER_HEARTBEAT_INTERVAL_MS", "500"),
                Map.entry("KAFKA_REPLICA_LAG_TIME_MAX_MS", "3000"),
                // What runs for two minutes is compiled lightly.
                Map.entry("KAFKA_HEAP_OPTS", "-Xms256m -Xmx256m -XX:TieredStopAtLevel=1"));
    }

    int id() {
        return id;
    }

    /** In the network of the applications. */
    private String name() {
        return "broker-" + id;
    }

    private static String peerName(int node) {
        return "peer-" + node;
    }

    /** For clients on this machine. */
    String forHost() {
        return "localhost:" + hostPort;
    }

    /** For clients in the network of the applications. */
    String forClients() {
        return name() + ":" + CLIENTS;
    }

    /** The same with TLS and SASL. */
    String secured() {
        return name() + ":" + SECURED;
    }

    @Override
    protected void containerIsCreated(String containerId) {
        join(peers, peerName(id), containerId);
    }

    /** Cuts it off from its peers. Clients reach it still. */
    void leavePeers() {
        leave(peers);
    }

    /** After {@link #leavePeers}. */
    void joinPeers() {
        join(peers, peerName(id), getContainerId());
    }

    /** Cuts it off from its clients. */
    void leaveClients() {
        leave(getNetwork());
    }

    /** After {@link #leaveClients}. */
    void joinClients() {
        join(getNetwork(), name(), getContainerId());
    }

    private void leave(Network network) {
        TestRun.engine()
                .disconnectFromNetworkCmd()
                .withContainerId(getContainerId())
                .withNetworkId(network.getId())
                .withForce(true)
                .exec();
    }

    private static void join(Network network, String alias, String containerId) {
        TestRun.engine()
                .connectToNetworkCmd()
                .withContainerId(containerId)
                .withNetworkId(network.getId())
                .withContainerNetwork(new ContainerNetwork().withAliases(alias))
                .exec();
    }

    /** SIGKILL. */
    void crash() {
        TestRun.engine().killContainerCmd(getContainerId()).exec();
    }

    /** Over its old log, after {@link #crash}. */
    void startAgain() {
        TestRun.engine().startContainerCmd(getContainerId()).exec();
    }

    /** Stops the clock of its processes. */
    void freeze() {
        TestRun.engine().pauseContainerCmd(getContainerId()).exec();
    }

    /** After {@link #freeze}. */
    void thaw() {
        TestRun.engine().unpauseContainerCmd(getContainerId()).exec();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException("no free port", e);
        }
    }
}
