package dev.sequitur.deploy.broker;

import dev.sequitur.deploy.terminal.UserException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import kafka.server.KafkaConfig;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.metadata.storage.Formatter;

/**
 * A Kafka broker in this process: one KRaft node, broker and controller together, on the loopback interface. For the
 * demo, for replays and for tests; its data goes when it closes, unless it was given a directory.
 *
 * <p>Kafka's server classes are internal to Kafka; no other package touches them.
 *
 * <p>Threading: safe for use by many threads.
 */
public final class EmbeddedBroker implements AutoCloseable {
    private static final int ADMIN_TIMEOUT_S = 30;
    private static final int LOOK_MS = 10;

    private final BrokerNode node;
    private final int port;
    private final Optional<Path> deleteOnClose;
    private final AtomicBoolean closed = new AtomicBoolean();

    private EmbeddedBroker(BrokerNode node, int port, Optional<Path> deleteOnClose) {
        this.node = node;
        this.port = port;
        this.deleteOnClose = deleteOnClose;
    }

    /** With a free port and a temporary directory. */
    public static EmbeddedBroker start() {
        return builder().start();
    }

    /** @throws UserException where it isn't installed */
    public static Builder builder() {
        requireInstalled();
        return new Builder();
    }

    /**
     * Kafka's server is left out of some installations, the container image among them.
     *
     * @throws UserException with the way out, where it isn't there
     */
    public static void requireInstalled() {
        if (EmbeddedBroker.class.getResource("/kafka/server/KafkaConfig.class") == null) {
            throw new UserException("This command starts a Kafka broker in its process, and this installation has none."
                    + " Give --bootstrap-servers if the command has it, or run it in a checkout of Sequitur");
        }
    }

    public String bootstrapServers() {
        return LoopbackSockets.HOST + ":" + port;
    }

    public int port() {
        return port;
    }

    /** Creates a topic and waits until clients see it. One that exists already is left as it is. */
    public void createTopic(String name, int partitions) {
        createTopic(name, partitions, Map.of());
    }

    /** @param configs of the topic */
    public void createTopic(String name, int partitions, Map<String, String> configs) {
        NewTopic topic = new NewTopic(name, partitions, (short) 1).configs(configs);
        long deadlineNanos = System.nanoTime() + TimeUnit.SECONDS.toNanos(ADMIN_TIMEOUT_S);
        try (Admin admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers()))) {
            create(admin, topic);
            // The controller has the topic now; the broker learns of it a moment later.
            while (!known(admin, name)) {
                if (System.nanoTime() > deadlineNanos) {
                    throw new TimeoutException();
                }
                TimeUnit.MILLISECONDS.sleep(LOOK_MS);
            }
        } catch (ExecutionException e) {
            throw new KafkaException("topic " + name + " can't be created on the embedded broker", e.getCause());
        } catch (TimeoutException e) {
            throw new KafkaException(
                    "topic " + name + " wasn't created on the embedded broker within " + ADMIN_TIMEOUT_S + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KafkaException("interrupted while creating topic " + name, e);
        }
    }

    private static void create(Admin admin, NewTopic topic)
            throws ExecutionException, TimeoutException, InterruptedException {
        try {
            admin.createTopics(List.of(topic)).all().get(ADMIN_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) {
                throw e;
            }
        }
    }

    private static boolean known(Admin admin, String topic)
            throws ExecutionException, TimeoutException, InterruptedException {
        try {
            admin.describeTopics(List.of(topic)).allTopicNames().get(ADMIN_TIMEOUT_S, TimeUnit.SECONDS);
            return true;
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return false;
            }
            throw e;
        }
    }

    /** Stops the broker, waits until it has, and deletes a temporary directory. */
    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            node.stop();
            deleteOnClose.ifPresent(EmbeddedBroker::delete);
        }
    }

    private static void delete(Path directory) {
        try {
            Utils.delete(directory.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException("the embedded broker's directory " + directory + " can't be deleted", e);
        }
    }

    /** Threading: belongs to one thread. */
    public static final class Builder {
        private final Map<String, String> properties = new HashMap<>();
        private Optional<Path> directory = Optional.empty();
        private int port;

        private Builder() {}

        /** Keeps the data here, also after closing; a broker started on it later goes on from it. */
        public Builder directory(Path path) {
            directory = Optional.of(path);
            return this;
        }

        /** Listens there instead of on a free port. */
        public Builder port(int fixed) {
            if (fixed < 1 || fixed > 65535) {
                throw new IllegalArgumentException("port must be in 1..65535, got " + fixed);
            }
            port = fixed;
            return this;
        }

        /** Adds to or overrides the broker's properties. */
        public Builder property(String key, String value) {
            properties.put(key, value);
            return this;
        }

        /**
         * Returns when clients can connect.
         *
         * @throws PortInUseException when the fixed port is taken
         * @throws KafkaException when the broker doesn't start for another reason
         */
        public EmbeddedBroker start() {
            LoopbackSockets sockets = new LoopbackSockets();
            int clientPort = sockets.bind(BrokerProperties.CLIENTS, port);
            int controllerPort = sockets.bind(BrokerProperties.CONTROLLER, 0);
            Optional<Path> temporary = Optional.empty();
            try (sockets) {
                if (directory.isEmpty()) {
                    temporary = Optional.of(Files.createTempDirectory("sequitur-broker-"));
                }
                Path data = temporary.or(() -> directory).orElseThrow();
                format(data);
                KafkaConfig config =
                        KafkaConfig.fromProps(BrokerProperties.of(data, clientPort, controllerPort, properties), false);
                return new EmbeddedBroker(
                        started(new BrokerNode(config, controllerPort, sockets)), clientPort, temporary);
            } catch (Exception e) {
                temporary.ifPresent(EmbeddedBroker::delete);
                throw new KafkaException("the embedded broker doesn't start: " + e.getMessage(), e);
            }
        }

        private static BrokerNode started(BrokerNode node) {
            try {
                node.start();
                return node;
            } catch (RuntimeException e) {
                node.stop();
                throw e;
            }
        }

        /** Leaves a directory that is formatted already as it is. */
        private static void format(Path data) throws Exception {
            Files.createDirectories(data);
            if (Files.exists(data.resolve("meta.properties"))) {
                return;
            }
            try (PrintStream quiet = new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)) {
                new Formatter()
                        .setPrintStream(quiet)
                        .setNodeId(BrokerProperties.NODE)
                        .setClusterId(Uuid.randomUuid().toString())
                        .addDirectory(data.toString())
                        .setMetadataLogDirectory(data.toString())
                        .setControllerListenerName(BrokerProperties.CONTROLLER)
                        .run();
            }
        }
    }
}
