package dev.sequitur.topology.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.schemas.Score;
import dev.sequitur.topology.fixture.MapRegistry;
import dev.sequitur.topology.registry.SchemaRegistryException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.DecoderFactory;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

class FramedDeserializerTest {
    private static final Score SCORE = new Score(
            "pump-7",
            Instant.ofEpochMilli(1_700_000_000_123L),
            3,
            42L,
            5L,
            false,
            1.5,
            0.9,
            true,
            true,
            "m",
            List.of());

    private final MapRegistry registry = new MapRegistry();
    private final FramedDeserializer<Score> deserializer = new FramedDeserializer<>(Score.class, registry);

    /** By Avro's own encoder; its single-object header is as long as said. */
    private static GenericRecord record() throws IOException {
        ByteBuffer encoded = Score.getEncoder().encode(SCORE);
        byte[] body = new byte[encoded.remaining() - 10];
        encoded.position(encoded.position() + 10).get(body);
        return new GenericDatumReader<GenericRecord>(Score.getClassSchema())
                .read(null, DecoderFactory.get().binaryDecoder(body, null));
    }

    @Test
    void shouldReadAScoreByTheSchemaOfItsId() throws Exception {
        registry.put(0x01020304, Score.getClassSchema());
        assertThat(deserializer.deserialize("scores", MapRegistry.framed(0x01020304, record())))
                .isEqualTo(SCORE);
        assertThat(deserializer.deserialize("scores", null)).isNull();
    }

    @Test
    void shouldReadAScoreOfAVersionThatHasAFieldMoreAndAskForItOnce() throws Exception {
        Schema own = Score.getClassSchema();
        List<Schema.Field> fields = new ArrayList<>();
        fields.add(new Schema.Field("novelty", Schema.create(Schema.Type.DOUBLE)));
        own.getFields().forEach(field -> fields.add(new Schema.Field(field, field.schema())));
        Schema later = Schema.createRecord(own.getName(), null, own.getNamespace(), false, fields);
        registry.put(7, later);
        GenericRecord record = new GenericData.Record(later);
        record.put("novelty", 0.25);
        GenericRecord known = record();
        own.getFields().forEach(field -> record.put(field.name(), known.get(field.name())));
        for (int i = 0; i < 3; i++) {
            assertThat(deserializer.deserialize("scores", MapRegistry.framed(7, record)))
                    .isEqualTo(SCORE);
        }
        assertThat(registry.lookUps()).isEqualTo(1);
    }

    @Test
    void shouldRefuseBytesThatAreNotExactlyOneScore() throws Exception {
        registry.put(1, Score.getClassSchema());
        registry.put(2, Schema.create(Schema.Type.STRING));
        byte[] right = MapRegistry.framed(1, record());
        byte[] otherId = right.clone();
        otherId[4] = 99;
        byte[] otherType = right.clone();
        otherType[4] = 2;
        byte[] singleObject = new SingleObjectSerde<>(Score.class).serializer().serialize("scores", SCORE);
        for (byte[] wrong : List.of(
                new byte[0],
                singleObject,
                otherId,
                otherType,
                Arrays.copyOf(right, right.length - 1),
                Arrays.copyOf(right, right.length + 1))) {
            assertThatThrownBy(() -> deserializer.deserialize("scores", wrong))
                    .isInstanceOf(SerializationException.class)
                    .hasMessageContainingAll("Score in Confluent's wire format", "scores", wrong.length + " bytes");
        }
    }

    @Test
    void shouldSayThatTheRegistryIsAway() throws Exception {
        registry.put(1, Score.getClassSchema());
        byte[] right = MapRegistry.framed(1, record());
        registry.goDown();
        assertThatThrownBy(() -> deserializer.deserialize("scores", right)).isInstanceOf(SchemaRegistryException.class);
    }
}
