package dev.sequitur.deploy.registry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Probability;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.input.EventFormat;
import dev.sequitur.topology.input.RecordReader;
import dev.sequitur.topology.output.FramedSerializer;
import dev.sequitur.topology.output.ResultFormat;
import dev.sequitur.topology.output.ScoreSerializer;
import dev.sequitur.topology.registry.SchemaRegistry;
import dev.sequitur.topology.registry.SubjectNaming;
import io.apicurio.registry.resolver.ParsedSchemaImpl;
import io.apicurio.registry.resolver.SchemaLookupResult;
import io.apicurio.registry.resolver.SchemaParser;
import io.apicurio.registry.resolver.SchemaResolver;
import io.apicurio.registry.resolver.client.RegistryClientFacade;
import io.apicurio.registry.resolver.data.Record;
import io.apicurio.registry.resolver.strategy.ArtifactReference;
import io.apicurio.registry.resolver.strategy.ArtifactReferenceResolverStrategy;
import io.apicurio.registry.serde.avro.AvroKafkaDeserializer;
import io.apicurio.registry.serde.avro.AvroKafkaSerializer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.Test;

/** Our bytes in Confluent's wire format beside those of Apicurio's serde, which know nothing of each other. */
class ApicurioSerdeTest {
    private static final int ID = 0x01020304;

    private static final List<Expectation> EXPECTED = List.of(
            new Expectation("kind", new Categorical(List.of(new Probability("a", 0.75), new Probability("ä", 0.25)))),
            new Expectation("flag", new Binary(0.125)));

    private static final Score SCORE = new Score(
            "entity-ä",
            Instant.ofEpochMilli(1_700_000_000_123L),
            3,
            1L << 40,
            17L,
            false,
            1.5,
            0.75,
            true,
            false,
            "model",
            List.of(new FieldSurprise(0.5, "a", EXPECTED.get(0)), new FieldSurprise(1.0, null, EXPECTED.get(1))));

    private static final Prediction PREDICTION =
            new Prediction("entity-ä", Instant.ofEpochMilli(1_700_000_000_123L), 3, 1L << 40, 17L, "model", EXPECTED);

    /** One schema and its id, for ours and for Apicurio's. */
    private record OneSchema(Schema schema) implements SchemaRegistry, SchemaResolver<Schema, Object> {
        @Override
        public Schema schema(int id) {
            assertThat(id).isEqualTo(ID);
            return schema;
        }

        @Override
        public int id(String subject, Schema asked) {
            assertThat(asked).isEqualTo(schema);
            return ID;
        }

        private SchemaLookupResult<Schema> found() {
            return SchemaLookupResult.<Schema>builder()
                    .contentId(ID)
                    .globalId(ID)
                    .parsedSchema(new ParsedSchemaImpl<Schema>()
                            .setParsedSchema(schema)
                            .setRawSchema(schema.toString().getBytes(StandardCharsets.UTF_8)))
                    .build();
        }

        @Override
        public SchemaLookupResult<Schema> resolveSchema(Record<Object> data) {
            return found();
        }

        @Override
        public SchemaLookupResult<Schema> resolveSchemaByArtifactReference(ArtifactReference reference) {
            return found();
        }

        @Override
        public void setClientFacade(RegistryClientFacade facade) {
            // There is no registry.
        }

        @Override
        public void setArtifactResolverStrategy(ArtifactReferenceResolverStrategy<Schema, Object> strategy) {
            // There is one schema.
        }

        @Override
        public SchemaParser<Schema, Object> getSchemaParser() {
            return null;
        }

        @Override
        public void reset() {
            // It never changes.
        }

        @Override
        public void close() {
            // There is nothing open.
        }
    }

    private static Serializer<Object> apicurioWriter(OneSchema schema) {
        AvroKafkaSerializer<Object> serializer = new AvroKafkaSerializer<>(schema);
        serializer.configure(Map.of(), false);
        return serializer;
    }

    private static Deserializer<Object> apicurioReader(OneSchema schema) {
        AvroKafkaDeserializer<Object> deserializer = new AvroKafkaDeserializer<>(schema);
        deserializer.configure(Map.of("apicurio.registry.use-specific-avro-reader", "true"), false);
        return deserializer;
    }

    private static byte[] header(OneSchema schema) {
        return ResultFormat.confluent(schema, SubjectNaming.TOPIC).header("topic", schema.schema());
    }

    private static <T extends SpecificRecord> void assertSame(T record, OneSchema schema, Serializer<T> ours) {
        byte[] bytes = ours.serialize("topic", record);
        try (Serializer<Object> writer = apicurioWriter(schema);
                Deserializer<Object> reader = apicurioReader(schema)) {
            assertThat(bytes).isEqualTo(writer.serialize("topic", record));
            assertThat(reader.deserialize("topic", bytes)).isEqualTo(record);
        }
    }

    @Test
    void shouldWriteResultsAsApicuriosSerdeDoes() {
        OneSchema scores = new OneSchema(Score.getClassSchema());
        assertSame(SCORE, scores, new ScoreSerializer(header(scores)));
        assertSame(SCORE, scores, new FramedSerializer<>(Score.class, header(scores)));
        OneSchema predictions = new OneSchema(Prediction.getClassSchema());
        assertSame(PREDICTION, predictions, new FramedSerializer<>(Prediction.class, header(predictions)));
    }

    @Test
    void shouldReadEventsThatApicuriosSerdeHasWritten() throws Exception {
        PipelineSpec spec = TinyPipeline.spec("{kind: rnn, units: 2}");
        EventSchema events = new EventSchema(spec);
        OneSchema schema = new OneSchema(events.schema());
        RecordReader reader = new RecordReader(spec, EventFormat.confluent(schema));
        try (Serializer<Object> writer = apicurioWriter(schema)) {
            for (Event event : TinyPipeline.events(3, 20, 5)) {
                GenericRecord record = events.record(event);
                Event read = reader.event(writer.serialize("topic", record), event.entity())
                        .orElseThrow();
                assertThat(events.record(read)).isEqualTo(record);
            }
        }
    }
}
