package dev.sequitur.deploy.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.deploy.registry.TestRegistry;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.avro.LogicalTypes;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A registry, a broker and an application: events in Confluent's wire format, of several versions of their schema, become
 * scores in it, exactly once, also where the registry is away for a while.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class SchemaRegistryOnBrokerTest {
    private static final int OWN = 41;
    private static final int OTHER = 42;
    private static final int NEXT = 43;

    @TempDir
    static Path dir;

    private final TestRegistry registry = TestRegistry.start();
    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() throws Exception {
        TinyPipeline.train("{kind: gru, units: 5}", dir.resolve("bundle"));
        broker = EmbeddedBroker.start();
    }

    @AfterEach
    void stopRegistry() {
        registry.close();
    }

    @AfterAll
    static void stop() {
        if (broker != null) {
            broker.close();
        }
    }

    private Map<String, String> config() {
        return Map.of(
                "sequitur.input.format", "confluent",
                "sequitur.output.format", "confluent",
                "sequitur.registry.url", registry.url(),
                "sequitur.registry.patience", "1s",
                // For so long the group waits for a thread that has failed.
                "session.timeout.ms", "6000",
                "heartbeat.interval.ms", "1000");
    }

    private LocalApplication start(String id, Map<String, String> config) throws InterruptedException {
        return LocalApplication.start(broker, dir.resolve("bundle"), dir.resolve(id), id, config, this::singleObject);
    }

    /** Of another team: other order, a field more, time in microseconds, text where there is a choice. */
    private static Schema other(Schema own, String more) {
        List<Schema.Field> fields = new ArrayList<>();
        for (Schema.Field field : own.getFields()) {
            Schema type = field.name().equals("at")
                    ? LogicalTypes.timestampMicros().addToSchema(Schema.create(Schema.Type.LONG))
                    : field.schema();
            fields.add(new Schema.Field(field.name(), type, null, field.defaultVal()));
        }
        fields.add(new Schema.Field(more, Schema.create(Schema.Type.STRING), null, "none"));
        Collections.reverse(fields);
        return Schema.createRecord("Walk", null, "elsewhere", false, fields);
    }

    private static GenericRecord as(Schema schema, GenericRecord record) {
        GenericRecord copy = new GenericData.Record(schema);
        for (Schema.Field field : schema.getFields()) {
            Object value = record.hasField(field.name()) ? record.get(field.name()) : "something";
            copy.put(field.name(), field.name().equals("at") ? (Long) value * 1000 : value);
        }
        return copy;
    }

    private static byte[] framed(int id, GenericRecord record) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(0);
        out.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(id).array());
        return encoded(record, out);
    }

    private static byte[] encoded(GenericRecord record, ByteArrayOutputStream out) {
        try {
            BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(out, null);
            new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
            encoder.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return out.toByteArray();
    }

    /** Reads a result as any consumer would: by the schema that the registry has for its id. */
    private ConsumerRecord<byte[], byte[]> singleObject(ConsumerRecord<byte[], byte[]> record) {
        boolean scores = record.topic().endsWith("-scores");
        if (!scores && !record.topic().endsWith("-predictions")) {
            return record;
        }
        ByteBuffer value = ByteBuffer.wrap(record.value());
        assertThat(value.get()).isZero();
        int id = value.getInt();
        Schema schema = new Schema.Parser().parse(registry.schema(id));
        assertThat(schema).isEqualTo(scores ? Score.getClassSchema() : Prediction.getClassSchema());
        assertThat(registry.versions(record.topic() + "-value")).containsExactly(id);
        GenericRecord read;
        try {
            read = new GenericDatumReader<GenericRecord>(schema)
                    .read(null, DecoderFactory.get().binaryDecoder(record.value(), 5, value.remaining(), null));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new ConsumerRecord<>(
                record.topic(), record.partition(), record.offset(), record.key(), EventBytes.of(read));
    }

    private static void assertExactlyOnce(LocalApplication application) throws Exception {
        Committed committed = application.awaitOutcomes();
        ModelBundle bundle = application.bundle();
        Expected expected = SequentialReference.of(
                bundle, dir.resolve("bundle"), application.input().sent());
        assertThat(ExactlyOnceCheck.problems(bundle.fingerprint(), expected, committed))
                .isEmpty();
    }

    @Test
    void shouldScoreEventsOfSeveralVersionsAndWaitForARegistryThatIsAway() throws Exception {
        try (LocalApplication application = start("several", config())) {
            EventSchema own = new EventSchema(application.bundle().spec());
            Schema other = other(own.schema(), "comment");
            registry.put(OWN, own.schema().toString());
            registry.put(OTHER, other.toString());
            List<Event> events = TinyPipeline.events(4, 12, 7);
            for (int i = 0; i < 24; i++) {
                GenericRecord record = own.record(events.get(i));
                boolean first = i / 4 % 2 == 0;
                application
                        .input()
                        .send(Input.event(
                                events.get(i), first ? framed(OWN, record) : framed(OTHER, as(other, record))));
            }
            Event last = events.get(23);
            byte[] key = Input.utf8(last.entity());
            application.input().send(Input.bad("unknown-schema", key, framed(99, own.record(last))));
            application.input().send(Input.bad("undecodable", key, own.encode(last)));
            assertExactlyOnce(application);

            // What is known needs no registry; what isn't waits for it, and is neither lost nor a dead letter.
            registry.goDown();
            for (int i = 24; i < 36; i++) {
                application.input().send(Input.event(events.get(i), framed(OWN, own.record(events.get(i)))));
            }
            assertExactlyOnce(application);
            assertThat(application.failedThreads()).isZero();
            Schema next = other(own.schema(), "more");
            registry.put(NEXT, next.toString());
            for (int i = 36; i < 48; i++) {
                GenericRecord record = own.record(events.get(i));
                application.input().send(Input.event(events.get(i), framed(NEXT, as(next, record))));
            }
            application.awaitFailedThread();
            registry.comeBack();
            assertExactlyOnce(application);
        }
    }

    @Test
    void shouldNotStartWithoutItsRegistry() {
        registry.goDown();
        assertThatThrownBy(() -> start("down", config()))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(registry.url(), "within 1000 ms", "Check sequitur.registry.url");
        registry.comeBack();
    }

    @Test
    void shouldNotStartWhereItsResultsAreNotCompatible() {
        registry.register("refused-predictions-value", "\"string\"");
        registry.freeze("refused-predictions-value");
        assertThatThrownBy(() -> start("refused", config()))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll(
                        "dev.sequitur.schemas.Prediction", "'refused-predictions-value'", "compatible");
    }

    @Test
    void shouldNotStartWithMorePatienceThanABrokerHas() {
        Map<String, String> patient = new HashMap<>(config());
        patient.put("sequitur.registry.patience", "10s");
        assertThatThrownBy(() -> start("patient", patient))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("sequitur.registry.patience is 10000 ms", "transaction.timeout.ms");
        patient.put("producer.transaction.timeout.ms", "20000");
        patient.put("max.poll.interval.ms", "9000");
        assertThatThrownBy(() -> start("more-patient", patient))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("sequitur.registry.patience is 10000 ms", "max.poll.interval.ms");
    }
}
