package dev.sequitur.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.deploy.integration.EventBytes;
import dev.sequitur.deploy.registry.TestRegistry;
import dev.sequitur.deploy.terminal.Captured;
import dev.sequitur.model.bundle.Manifest;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.Sequences;
import dev.sequitur.model.reference.ReferenceWeights;
import dev.sequitur.model.reference.TinyPipeline;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileWriter;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsOptions;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.IsolationLevel;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same events train the same network, wherever they are read from. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class TopicTrainingTest {
    private static final String TOPIC = "history";
    private static final int PARTITIONS = 3;
    private static final String CELL = "{kind: gru, units: 6}";

    @TempDir
    Path dir;

    /** In the order that a topic's events are brought to, however a broker mixes its partitions. */
    private final List<Event> events = new ArrayList<>(Sequences.byEntity(TinyPipeline.events(25, 20, 4)));

    private final EventBytes bytes = new EventBytes(TinyPipeline.spec(CELL));
    private Path spec;

    private record Trained(Manifest manifest, Map<String, double[][]> weights) {}

    @BeforeEach
    void writeSpec() throws IOException {
        spec = Files.writeString(dir.resolve("spec.yaml"), TinyPipeline.yaml(CELL, TinyPipeline.TRAINING));
    }

    @Test
    void shouldTrainTheSameNetworkFromATopicAndFromFiles() throws Exception {
        Trained fromCsv = train("csv", "--data", csv().toString());
        Trained fromAvro = train("avro", "--data", avro().toString());
        Trained fromTopic;
        Trained fromRegistry;
        try (EmbeddedBroker broker = EmbeddedBroker.start()) {
            broker.createTopic(TOPIC, PARTITIONS);
            fill(broker, TOPIC, bytes::of);
            fromTopic = train("topic", "--topic", TOPIC, "--bootstrap-servers", broker.bootstrapServers());
            fromRegistry = trainWithRegistry(broker);
        }
        assertThat(fromCsv.weights()).containsKeys("layer0.gates.kernel", "heads.kernel");
        for (Trained other : List.of(fromAvro, fromTopic, fromRegistry)) {
            assertThat(other.weights()).usingRecursiveComparison().isEqualTo(fromCsv.weights());
            assertThat(other.manifest().learned())
                    .usingRecursiveComparison()
                    .isEqualTo(fromCsv.manifest().learned());
            assertThat(other.manifest().calibration())
                    .usingRecursiveComparison()
                    .isEqualTo(fromCsv.manifest().calibration());
            assertThat(other.manifest().training().trainingEvents())
                    .isEqualTo(fromCsv.manifest().training().trainingEvents());
        }
        assertThat(fromTopic.manifest().training().data()).containsExactly("topic " + TOPIC);
    }

    @Test
    void shouldTrainAnotherNetworkFromOtherEvents() throws Exception {
        Trained one = train("one", "--data", csv().toString());
        Event first = events.get(0);
        Object[] values = first.values().clone();
        values[1] = 0.25;
        events.set(0, new Event(first.entity(), first.timeMs(), values, first.last()));
        Trained other = train("other", "--data", csv().toString());
        assertThat(other.weights().keySet()).isEqualTo(one.weights().keySet());
        assertThat(Arrays.deepEquals(
                        one.weights().get("heads.kernel"), other.weights().get("heads.kernel")))
                .isFalse();
    }

    /** From a topic in the wire format of a registry, whose place the application's configuration says. */
    private Trained trainWithRegistry(EmbeddedBroker broker) throws IOException {
        String topic = "framed-history";
        broker.createTopic(topic, PARTITIONS);
        try (TestRegistry registry = TestRegistry.start()) {
            int id = registry.register(topic + "-value", bytes.schema().schema().toString());
            fill(broker, topic, event -> framed(id, bytes.of(event)));
            Path config = Files.writeString(
                    dir.resolve("sequitur.properties"),
                    "sequitur.input.format=confluent\nsequitur.registry.url=" + registry.url());
            return train(
                    "registry",
                    "--topic",
                    topic,
                    "--bootstrap-servers",
                    broker.bootstrapServers(),
                    "--config",
                    config.toString());
        }
    }

    /** Another header in place of the ten bytes of single-object encoding. */
    private static byte[] framed(int id, byte[] singleObject) {
        return ByteBuffer.allocate(singleObject.length - 5)
                .put((byte) 0)
                .putInt(id)
                .put(singleObject, 10, singleObject.length - 10)
                .array();
    }

    private Trained train(String name, String... data) throws IOException {
        Captured captured = Captured.pipes();
        Path out = dir.resolve(name);
        List<String> args = new ArrayList<>(List.of("train", "--spec", spec.toString(), "--out", out.toString()));
        args.addAll(List.of(data));
        int code = Sequitur.run(captured.terminal(), Map.of(), List.of(TrainCommand::new), args.toArray(String[]::new));
        assertThat(code).as(captured.err()).isZero();
        try (ModelBundle bundle = ModelBundle.load(out)) {
            ReferenceWeights weights = ReferenceWeights.of(out);
            return new Trained(
                    bundle.manifest(),
                    weights.names().stream().collect(Collectors.toMap(weight -> weight, weights::matrix)));
        }
    }

    /** The events, with an END between them and, from a transaction that was aborted, events that never were. */
    private void fill(EmbeddedBroker broker, String topic, Function<Event, byte[]> encoding) {
        Map<String, Object> config = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                broker.bootstrapServers(),
                ProducerConfig.TRANSACTIONAL_ID_CONFIG,
                topic);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(config, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            events.subList(0, 100).forEach(event -> producer.send(record(topic, event, encoding)));
            producer.commitTransaction();
            producer.beginTransaction();
            TinyPipeline.events(5, 5, 77).forEach(event -> producer.send(record(topic, event, encoding)));
            producer.flush();
            producer.abortTransaction();
            producer.beginTransaction();
            events.subList(100, events.size()).forEach(event -> producer.send(record(topic, event, encoding)));
            producer.send(new ProducerRecord<>(topic, key(events.get(0)), null));
            producer.commitTransaction();
        }
        awaitCommitMarkers(broker, topic);
    }

    /** A commit is decided when it returns, but seen only once the coordinator has marked every partition. */
    private static void awaitCommitMarkers(EmbeddedBroker broker, String topic) {
        Map<String, Object> config = Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers());
        try (Admin admin = Admin.create(config)) {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!ends(admin, topic, IsolationLevel.READ_COMMITTED)
                    .equals(ends(admin, topic, IsolationLevel.READ_UNCOMMITTED))) {
                assertThat(System.nanoTime())
                        .as("the transaction isn't marked as committed")
                        .isLessThan(deadline);
            }
        }
    }

    private static Map<Integer, Long> ends(Admin admin, String topic, IsolationLevel isolation) {
        Map<Integer, Long> ends = new HashMap<>();
        for (int partition = 0; partition < PARTITIONS; partition++) {
            TopicPartition at = new TopicPartition(topic, partition);
            ListOffsetsResult result =
                    admin.listOffsets(Map.of(at, OffsetSpec.latest()), new ListOffsetsOptions(isolation));
            ends.put(
                    partition,
                    result.partitionResult(at)
                            .toCompletionStage()
                            .toCompletableFuture()
                            .join()
                            .offset());
        }
        return ends;
    }

    private static ProducerRecord<byte[], byte[]> record(String topic, Event event, Function<Event, byte[]> encoding) {
        return new ProducerRecord<>(topic, key(event), encoding.apply(event));
    }

    private static byte[] key(Event event) {
        return event.entity().getBytes(StandardCharsets.UTF_8);
    }

    private Path avro() throws IOException {
        Path file = dir.resolve("events.avro");
        Schema schema = bytes.schema().schema();
        try (DataFileWriter<GenericRecord> writer = new DataFileWriter<>(new GenericDatumWriter<>(schema))) {
            writer.create(schema, file.toFile());
            for (Event event : events) {
                writer.append(bytes.schema().record(event));
            }
        }
        return file;
    }

    /** One column for each of the Avro schema's; nothing in the events needs quotes. */
    private Path csv() throws IOException {
        List<String> lines = new ArrayList<>();
        List<Schema.Field> columns = bytes.schema().schema().getFields();
        lines.add(columns.stream().map(Schema.Field::name).collect(Collectors.joining(",")));
        for (Event event : events) {
            GenericRecord record = bytes.schema().record(event);
            lines.add(columns.stream()
                    .map(column -> Objects.toString(record.get(column.pos()), ""))
                    .collect(Collectors.joining(",")));
        }
        return Files.write(dir.resolve("events.csv"), lines);
    }
}
