package dev.sequitur.topology;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.schemas.Score;
import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.fixture.TopologyRig;
import dev.sequitur.topology.scoring.LateEvents;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events that come after a later one of their entity. What is processed in the order of arrival: ScoringTest. */
class LateEventsTest {
    private static final String LATE = "too-late";

    @TempDir
    Path stateDir;

    private TopologyRig rig(TestModel model, LateEvents policy) {
        return new TopologyRig(model, stateDir, options -> options.late(policy));
    }

    private static TestOutputTopic<byte[], byte[]> lateTopic(TopologyRig rig) {
        return rig.driver().createOutputTopic(LATE, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static void assertAccounted(TopologyRig rig, int events) {
        assertThat(rig.total("score", "consumed"))
                .isEqualTo(events)
                .isEqualTo(rig.total("score", "scored")
                        + rig.total("score", "dead-lettered")
                        + rig.total("score", "late-dropped"));
    }

    @Test
    void shouldSendWhatComesAfterALaterEventOfItsEntityToTheLateTopic() {
        TestModel model = TestModel.endless();
        RecordHeaders headers = new RecordHeaders();
        headers.add("trace", "x".getBytes(StandardCharsets.UTF_8));
        byte[] late = model.event("a", T0 + 4999, 7);
        try (TopologyRig rig = rig(model, LateEvents.droppedTo(LATE))) {
            rig.poll("a", model.event("a", T0 + 5000, 5))
                    .poll("a", late, T0 + 6000, headers)
                    // As late, but of another entity; as old as the entity's latest; and not late.
                    .poll("b", model.event("b", T0, 1))
                    .poll("a", model.event("a", T0 + 5000, 1))
                    .poll("a", model.event("a", T0 + 7000, 2));
            rig.deliver(1000);
            assertThat(rig.scores())
                    .extracting(TestRecord::value)
                    .extracting(Score::getOffset)
                    .containsExactly(0L, 2L, 3L, 4L);
            assertThat(rig.row("a")).containsExactly(3f, 8f);
            TestRecord<byte[], byte[]> record = lateTopic(rig).readRecord();
            assertThat(record.key()).isEqualTo("a".getBytes(StandardCharsets.UTF_8));
            assertThat(record.value()).isEqualTo(late);
            assertThat(record.timestamp()).isEqualTo(T0 + 6000);
            assertThat(TopologyRig.header(record, "trace")).isEqualTo("x");
            assertThat(TopologyRig.header(record, "sequitur.reason")).isEqualTo("late");
            assertThat(TopologyRig.header(record, "__streams.errors.topic")).isEqualTo(TopologyRig.INPUT);
            assertThat(TopologyRig.header(record, "__streams.errors.offset")).isEqualTo("1");
            assertThat(TopologyRig.header(record, "__streams.errors.message")).contains("1 ms older", "'a'");
            assertThat(lateTopic(rig).isEmpty()).isTrue();
            assertThat(rig.deadLetters()).isEmpty();
            assertThat(rig.total("score", "late-dropped")).isEqualTo(1);
            assertThat(rig.total("score", "late")).isZero();
            assertAccounted(rig, 5);
        }
    }

    @Test
    void shouldStepWhatIsLateByNoMoreThanTheGrace() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = rig(model, LateEvents.droppedTo(LATE).after(Duration.ofSeconds(2)))) {
            rig.poll("a", model.event("a", T0 + 5000, 5))
                    .poll("a", model.event("a", T0 + 3000, 1))
                    .poll("a", model.event("a", T0 + 2999, 9));
            rig.deliver(1000);
            assertThat(rig.row("a")).containsExactly(2f, 6f);
            assertThat(lateTopic(rig).readRecordsToList()).hasSize(1);
            assertThat(rig.total("score", "late")).isEqualTo(1);
            assertAccounted(rig, 3);
        }
    }

    @Test
    void shouldTakeNothingForLateBeforeTheFirstEventOfASequence() {
        TestModel model = TestModel.endingWithTombstone();
        try (TopologyRig rig = rig(model, LateEvents.droppedTo(LATE))) {
            rig.poll("a", model.event("a", T0 + 5000, 5))
                    .poll("a", null)
                    .poll("a", model.event("a", T0, 3))
                    .poll("a", null);
            rig.deliver(1000);
            assertThat(rig.scores()).hasSize(4);
            assertThat(lateTopic(rig).isEmpty()).isTrue();
            assertAccounted(rig, 4);
        }
    }

    @Test
    void shouldRefusePoliciesThatMeanNothing() {
        assertThatThrownBy(() -> LateEvents.processed().after(Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("PT1S", "nothing depends on it");
        assertThatThrownBy(() -> LateEvents.processed().reorderedWithin(Duration.ZERO))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected how long events wait");
        assertThatThrownBy(() -> LateEvents.droppedTo(LATE).after(Duration.ofDays(366)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("between 0 and 365 days");
        assertThatThrownBy(() -> SequiturTopology.of(TestModel.endless().model())
                        .input("events")
                        .scores("scores")
                        .late(new LateEvents(Optional.of("no topic"), Duration.ZERO, false))
                        .build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("late must be the name of a topic");
    }
}
