package dev.sequitur.topology.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.schemas.EntityState;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.ReleasedSchemas;
import dev.sequitur.schemas.RowPrecision;
import dev.sequitur.schemas.Score;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.kafka.common.errors.SerializationException;
import org.junit.jupiter.api.Test;

class SingleObjectSerdeTest {
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

    @Test
    void shouldWriteWhatAvrosOwnDecoderReads() throws Exception {
        byte[] bytes = new SingleObjectSerde<>(Score.class).serializer().serialize("scores", SCORE);
        assertThat(Score.getDecoder().decode(bytes)).isEqualTo(SCORE);
    }

    @Test
    void shouldReadWhatAvrosOwnEncoderWrites() throws Exception {
        ByteBuffer buffer = Score.getEncoder().encode(SCORE);
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        assertThat(new SingleObjectSerde<>(Score.class).deserializer().deserialize("scores", bytes))
                .isEqualTo(SCORE);
    }

    @Test
    void shouldKeepNull() {
        assertThat(new SingleObjectSerde<>(Score.class).serializer().serialize("scores", null))
                .isNull();
        assertThat(new SingleObjectSerde<>(Score.class).deserializer().deserialize("scores", null))
                .isNull();
    }

    @Test
    void shouldRefuseBytesThatAreNotExactlyOneRecord() {
        EntityState state = new EntityState(
                "m",
                1L,
                2L,
                3L,
                4L,
                ByteBuffer.wrap(new byte[8]),
                ByteBuffer.wrap(new byte[3]),
                RowPrecision.FLOAT32,
                null);
        byte[] bytes = new SingleObjectSerde<>(EntityState.class).serializer().serialize("t", state);
        var deserializer = new SingleObjectSerde<>(EntityState.class).deserializer();
        for (byte[] wrong : List.of(
                new byte[0],
                new byte[] {1, 2},
                Arrays.copyOf(bytes, bytes.length - 1),
                Arrays.copyOf(bytes, bytes.length + 1))) {
            assertThatThrownBy(() -> deserializer.deserialize("t", wrong))
                    .isInstanceOf(SerializationException.class)
                    .hasMessageContaining("EntityState")
                    .hasMessageContaining("'t'");
        }
    }

    @Test
    void shouldRefuseARecordOfAnotherType() {
        byte[] bytes = new SingleObjectSerde<>(Score.class).serializer().serialize("t", SCORE);
        var deserializer = new SingleObjectSerde<>(Prediction.class).deserializer();
        assertThatThrownBy(() -> deserializer.deserialize("t", bytes))
                .isInstanceOf(SerializationException.class)
                .hasMessageContaining("Prediction");
    }

    @Test
    void shouldReadTheStateThatTheFirstVersionWrote() throws Exception {
        Schema first = ReleasedSchemas.of(EntityState.class).get(0);
        GenericRecord state = new GenericData.Record(first);
        state.put("model", "m");
        state.put("steps", 1L);
        state.put("sessionStart", 2L);
        state.put("lastEventTime", 3L);
        state.put("lastOffset", 4L);
        state.put("row", ByteBuffer.wrap(new byte[8]));
        ByteBuffer buffer = new BinaryMessageEncoder<GenericRecord>(GenericData.get(), first).encode(state);
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        assertThat(new SingleObjectSerde<>(EntityState.class).deserializer().deserialize("t", bytes))
                .isEqualTo(new EntityState(
                        "m",
                        1L,
                        2L,
                        3L,
                        4L,
                        ByteBuffer.wrap(new byte[8]),
                        ByteBuffer.wrap(new byte[0]),
                        RowPrecision.FLOAT32,
                        null));
    }
}
