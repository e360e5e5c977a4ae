package dev.sequitur.deploy.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(value = 2, unit = TimeUnit.MINUTES)
class EmbeddedBrokerTest {
    private static final TopicPartition EVENTS = new TopicPartition("events", 0);

    @TempDir
    Path dir;

    @Test
    void shouldServeTransactionsAndCreateTopicsOnce() {
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            broker.createTopic("events", 1);
            broker.createTopic("events", 1);
            send(broker, "committed", true);
            send(broker, "aborted", false);
            send(broker, "committed too", true);
            assertThat(read(broker, 2)).containsExactly("committed", "committed too");
        }
    }

    @Test
    void shouldKeepRecordsAndOffsetsOfAFixedDirectoryOverARestartOnTheSamePort() throws Exception {
        int port;
        try (EmbeddedBroker broker = EmbeddedBroker.builder().directory(dir).start()) {
            port = broker.port();
            broker.createTopic("events", 1);
            send(broker, "before", true);
        }
        assertThat(dir).isDirectoryContaining(path -> path.endsWith("events-0"));

        try (EmbeddedBroker broker =
                EmbeddedBroker.builder().directory(dir).port(port).start()) {
            assertThat(broker.bootstrapServers()).isEqualTo("127.0.0.1:" + port);
            send(broker, "after", true);
            assertThat(read(broker, 2)).containsExactly("before", "after");
        }
    }

    @Test
    void shouldDeleteItsTemporaryDirectoryWhenClosedAndCloseTwice() throws IOException {
        List<Path> before = temporaryDirectories();
        EmbeddedBroker broker = EmbeddedBroker.start();
        List<Path> during = new ArrayList<>(temporaryDirectories());
        during.removeAll(before);
        assertThat(during).hasSize(1);
        broker.close();
        broker.close();
        assertThat(during.get(0)).doesNotExist();
    }

    @Test
    void shouldKeepOldRecordsWhateverTheirTimestampAndPassPropertiesOn() throws Exception {
        try (EmbeddedBroker broker =
                        EmbeddedBroker.builder().property("num.partitions", "7").start();
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()))) {
            ConfigResource resource = new ConfigResource(ConfigResource.Type.BROKER, "1");
            Config config = admin.describeConfigs(List.of(resource)).all().get().get(resource);
            assertThat(config.get("num.partitions").value()).isEqualTo("7");
            assertThat(config.get("log.retention.ms").value()).isEqualTo("-1");
        }
    }

    @Test
    void shouldRunBesideAnotherInTheSameProcess() {
        try (EmbeddedBroker one = EmbeddedBroker.start();
                EmbeddedBroker other = EmbeddedBroker.start()) {
            for (EmbeddedBroker broker : List.of(one, other)) {
                broker.createTopic("events", 1);
            }
            send(one, "one", true);
            send(other, "other", true);
            assertThat(read(one, 1)).containsExactly("one");
            assertThat(read(other, 1)).containsExactly("other");
        }
    }

    @Test
    void shouldLeaveNothingBehindAndTheProcessAliveWhenItCannotStart() throws IOException {
        List<Path> before = temporaryDirectories();
        // Kafka is loud about what this test does on purpose.
        Logger kafka = (Logger) LoggerFactory.getLogger("kafka");
        kafka.setLevel(Level.OFF);
        // The third listener is bound by Kafka itself, on a port that is taken: a fatal fault of the start.
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            EmbeddedBroker.Builder builder = EmbeddedBroker.builder()
                    .property(
                            "listeners",
                            "PLAINTEXT://127.0.0.1:1,CONTROLLER://127.0.0.1:2,EXTRA://127.0.0.1:"
                                    + taken.getLocalPort())
                    .property(
                            "advertised.listeners", "PLAINTEXT://127.0.0.1:1,EXTRA://127.0.0.1:" + taken.getLocalPort())
                    .property(
                            "listener.security.protocol.map",
                            "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,EXTRA:PLAINTEXT");
            assertThatThrownBy(builder::start)
                    .isInstanceOf(KafkaException.class)
                    .hasMessageContaining("the embedded broker doesn't start")
                    .hasRootCauseInstanceOf(BindException.class);
        } finally {
            kafka.setLevel(null);
        }
        assertThat(temporaryDirectories()).isEqualTo(before);
    }

    @Test
    void shouldSayThatAFixedPortIsTaken() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() ->
                            EmbeddedBroker.builder().port(taken.getLocalPort()).start())
                    .isInstanceOf(PortInUseException.class)
                    .hasMessageContaining("port " + taken.getLocalPort() + " of 127.0.0.1 is in use")
                    .hasMessageContaining("choose another port");
        }
    }

    private static List<Path> temporaryDirectories() throws IOException {
        try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
            return all.filter(path -> path.getFileName().toString().startsWith("sequitur-broker-"))
                    .toList();
        }
    }

    private static void send(EmbeddedBroker broker, String value, boolean commit) {
        Map<String, Object> config =
                Map.of("bootstrap.servers", broker.bootstrapServers(), "transactional.id", "embedded-broker-test");
        try (KafkaProducer<String, String> producer =
                new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>(EVENTS.topic(), 0, 1_000L, "key", value));
            producer.flush();
            if (commit) {
                producer.commitTransaction();
            } else {
                producer.abortTransaction();
            }
        }
    }

    private static List<String> read(EmbeddedBroker broker, int count) {
        Map<String, Object> config = Map.of(
                "bootstrap.servers",
                broker.bootstrapServers(),
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "earliest");
        List<String> values = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(config, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(EVENTS));
            long end = consumer.endOffsets(List.of(EVENTS)).get(EVENTS);
            while (consumer.position(EVENTS) < end || values.size() < count) {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(200))) {
                    values.add(record.value());
                }
            }
        }
        return values;
    }
}
