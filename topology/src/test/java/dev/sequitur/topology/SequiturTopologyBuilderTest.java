package dev.sequitur.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.fixture.TopologyRig;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Named;
import org.apache.kafka.streams.kstream.Produced;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SequiturTopologyBuilderTest {
    @TempDir
    Path stateDir;

    private static SequiturTopologyBuilder complete() {
        return SequiturTopology.of(TestModel.endless().model()).input("events").scores("scores");
    }

    @Test
    void shouldNeedAnInputAndATopicForScores() {
        assertThatThrownBy(() -> SequiturTopology.of(TestModel.endless().model())
                        .scores("s")
                        .build()
                        .addTo(new StreamsBuilder()))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("input is not set")
                .hasMessageContaining("input(topic)");
        assertThatThrownBy(() -> SequiturTopology.of(TestModel.endless().model())
                        .input("e")
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("scores is not set");
    }

    @Test
    void shouldRefuseWhatIsNoTopicsName() {
        for (String wrong : List.of("", "a b", "..", "x".repeat(250))) {
            assertThatThrownBy(() -> complete().predictions(wrong).build())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("predictions must be the name of a topic")
                    .hasMessageContaining("'" + wrong + "'");
        }
    }

    @Test
    void shouldRefuseSizesOutOfRange() {
        assertThatThrownBy(() -> complete().maxBatchEvents(0).build()).hasMessage("maxBatchEvents must be >= 1, got 0");
        assertThatThrownBy(() -> complete().maxRecordBytes(1023).build())
                .hasMessage("maxRecordBytes must be >= 1024, got 1023");
    }

    @Test
    void shouldReturnTheScoresForWhoGoesOnFromThere() {
        TestModel model = TestModel.endless();
        StreamsBuilder builder = new StreamsBuilder();
        SequiturTopology sequitur = SequiturTopology.of(model.model())
                .input("events")
                .scores("scores")
                .build();
        sequitur.addTo(builder)
                .scores()
                .mapValues(score -> score.getEntity() + ":" + score.getSurprise(), Named.as("mine"))
                .to("mine", Produced.with(Serdes.String(), Serdes.String()));
        Properties properties = sequitur.configure(TopologyRig.properties(stateDir));
        try (TopologyTestDriver driver = new TopologyTestDriver(builder.build(properties), properties)) {
            driver.createInputTopic(
                            "events",
                            Serdes.String().serializer(),
                            Serdes.ByteArray().serializer())
                    .pipeInput("a", model.event("a", TestModel.T0, 3));
            assertThat(driver.createOutputTopic("mine", new StringDeserializer(), new StringDeserializer())
                            .readValue())
                    .isEqualTo("a:3.0");
        }
    }
}
