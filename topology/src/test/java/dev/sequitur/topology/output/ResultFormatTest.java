package dev.sequitur.topology.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Probability;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.fixture.MapRegistry;
import dev.sequitur.topology.registry.SchemaRegistryException;
import dev.sequitur.topology.registry.SubjectNaming;
import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResultFormatTest {
    @Test
    void shouldStartWithTheIdInConfluentsFormat() {
        MapRegistry registry = new MapRegistry();
        ResultFormat format = ResultFormat.confluent(registry, SubjectNaming.TOPIC);
        assertThat(format.header("scores", Score.getClassSchema())).containsExactly(0, 0, 0, 1000 >> 8, 1000 & 0xFF);
        assertThat(registry.registered()).isEqualTo(Map.of("scores-value", 1000));
    }

    @Test
    void shouldStartWithMarkerAndFingerprintInSingleObjectEncoding() {
        assertThat(ResultFormat.singleObject().header("scores", Score.getClassSchema()))
                .hasSize(10)
                .startsWith(0xC3, 1);
    }

    @ParameterizedTest
    @CsvSource({"TOPIC, out-value", "RECORD, dev.sequitur.schemas.Score", "TOPIC_RECORD, out-dev.sequitur.schemas.Score"
    })
    void shouldNameTheSubject(SubjectNaming naming, String subject) {
        assertThat(naming.subject("out", Score.getClassSchema())).isEqualTo(subject);
    }

    @Test
    void shouldSayWhereNoIdIsToBeHad() {
        MapRegistry registry = new MapRegistry();
        registry.goDown();
        ResultFormat format = ResultFormat.confluent(registry, SubjectNaming.RECORD);
        assertThatThrownBy(() -> format.header("scores", Score.getClassSchema()))
                .isInstanceOf(SchemaRegistryException.class);
    }

    @Test
    void shouldWriteARecordBehindTheHeader() throws Exception {
        Prediction prediction = new Prediction(
                "entity",
                Instant.ofEpochMilli(5),
                1,
                7L,
                3L,
                "model",
                List.of(new Expectation("kind", new Categorical(List.of(new Probability("a", 0.5))))));
        ByteArrayOutputStream expected = new ByteArrayOutputStream();
        expected.writeBytes(new byte[] {0, 1, 2, 3, 4});
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(expected, null);
        new SpecificDatumWriter<>(Prediction.class).write(prediction, encoder);
        encoder.flush();

        FramedSerializer<Prediction> serializer = new FramedSerializer<>(Prediction.class, new byte[] {0, 1, 2, 3, 4});
        assertThat(serializer.serialize("predictions", prediction)).isEqualTo(expected.toByteArray());
        assertThat(serializer.serialize("predictions", null)).isNull();
    }
}
