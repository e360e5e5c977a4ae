package dev.sequitur.topology;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static dev.sequitur.topology.fixture.TopologyRig.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.topology.fixture.MapRegistry;
import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.fixture.TopologyRig;
import dev.sequitur.topology.input.EventFormat;
import dev.sequitur.topology.output.DeadLetterHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A topic whose keys are not the entities. */
class KeyingTest {
    @TempDir
    Path stateDir;

    private TopologyRig rig(TestModel model) {
        return new TopologyRig(model, stateDir, options -> options.keyed(false));
    }

    @Test
    void shouldScoreEachEventUnderTheEntityOfItsValue() {
        TestModel model = TestModel.endless();
        RecordHeaders headers = new RecordHeaders();
        headers.add("trace", "t1".getBytes(StandardCharsets.UTF_8));
        try (TopologyRig rig = rig(model)) {
            rig.pipe("any", model.event("a", T0, 5), T0 + 50, headers);
            rig.pipe(null, model.event("b", T0, 2), T0);
            rig.pipe("b", model.event("a", T0 + 1, 7), T0);
            var scores = rig.scores();
            assertThat(scores).extracting(TestRecord::key).containsExactly("a", "b", "a");
            assertThat(scores).extracting(s -> s.value().getSurprise()).containsExactly(5.0, 2.0, 2.0);
            assertThat(scores).extracting(TestRecord::timestamp).containsExactly(T0, T0, T0 + 1);
            assertThat(new String(scores.get(0).headers().lastHeader("trace").value(), StandardCharsets.UTF_8))
                    .isEqualTo("t1");
            assertThat(rig.row("a")).containsExactly(2f, 12f);
            assertThat(rig.row("b")).containsExactly(1f, 2f);
        }
    }

    @Test
    void shouldKeyEventsOfOtherFormatsAndPassTheirBytesOn() {
        TestModel model = TestModel.endless();
        MapRegistry registry = new MapRegistry();
        registry.put(7, model.schema());
        try (TopologyRig rig = new TopologyRig(model, stateDir.resolve("framed"), options -> options.keyed(false)
                .eventFormat(EventFormat.confluent(registry)))) {
            rig.pipe("any", MapRegistry.framed(7, model.record("a", T0, 5, "a")), T0);
            rig.pipe("other", MapRegistry.framed(7, model.record("a", T0 + 1, 7, "a")), T0);
            rig.pipe("other", MapRegistry.framed(8, model.record("a", T0 + 2, 9, "a")), T0);
            assertThat(rig.row("a")).containsExactly(2f, 12f);
            assertThat(rig.deadLetters())
                    .extracting(letter -> header(letter, DeadLetterHeaders.REASON))
                    .containsExactly("unknown-schema");
        }
        try (TopologyRig rig = new TopologyRig(
                model, stateDir.resolve("json"), options -> options.keyed(false).eventFormat(EventFormat.json()))) {
            String json = "{\"device\": \"a\", \"at\": " + T0 + ", \"value\": 5, \"kind\": \"a\"}";
            rig.pipe("any", json.getBytes(StandardCharsets.UTF_8), T0);
            assertThat(rig.row("a")).containsExactly(1f, 5f);
        }
    }

    @Test
    void shouldDeadLetterWhatNamesNoEntityWithItsPlaceInTheInput() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = rig(model)) {
            rig.pipe(null, model.event("a", T0, 5), T0);
            rig.pipe(null, new byte[] {4, 4}, T0 + 3);
            rig.pipe("a", null, T0 + 4);
            rig.pipe(null, model.event("a", T0, 5), T0);
            List<TestRecord<byte[], byte[]>> letters = rig.deadLetters();
            assertThat(letters)
                    .extracting(letter -> header(letter, DeadLetterHeaders.REASON))
                    .containsExactly("undecodable", "null-value");
            assertThat(letters)
                    .extracting(letter -> header(letter, "__streams.errors.topic"))
                    .containsExactly("events", "events");
            assertThat(letters)
                    .extracting(letter -> header(letter, "__streams.errors.offset"))
                    .containsExactly("1", "2");
            assertThat(letters.get(0).value()).containsExactly(4, 4);
            assertThat(letters.get(1).key()).containsExactly('a');
            assertThat(letters).extracting(TestRecord::timestamp).containsExactly(T0 + 3, T0 + 4);
        }
    }

    @Test
    void shouldDeadLetterWhatIsFoundBadBehindTheRepartitionTopic() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = rig(model)) {
            byte[] value = model.event("a", T0, Double.NaN);
            rig.pipe("any", value, T0);
            TestRecord<byte[], byte[]> letter = rig.deadLetters().get(0);
            assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo("not-finite");
            assertThat(letter.value()).isEqualTo(value);
            assertThat(header(letter, "__streams.errors.topic")).isEqualTo("app-sequitur-by-entity-repartition");
        }
    }

    @Test
    void shouldTakeATombstonesEntityFromItsKey() {
        TestModel model = TestModel.endingWithTombstone();
        try (TopologyRig rig = rig(model)) {
            rig.pipe("any", model.event("a", T0, 5), T0);
            rig.pipe("a", null, T0);
            assertThat(rig.scores()).extracting(s -> s.value().getEnd()).containsExactly(false, true);
            assertThat(rig.row("a")).isNull();
            rig.pipe(null, null, T0);
            assertThat(header(rig.deadLetters().get(0), DeadLetterHeaders.REASON))
                    .isEqualTo("null-key");
        }
    }

    @Test
    void shouldDeadLetterAnEventThatIsTooLargeToBeWrittenAgain() {
        TestModel model = TestModel.endless();
        byte[] value = TestModel.bytes(model.record("a", T0, 5, "x".repeat(950_000)));
        try (TopologyRig rig = rig(model)) {
            rig.pipe("any", value, T0);
            TestRecord<byte[], byte[]> letter = rig.deadLetters().get(0);
            assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo("too-large");
            assertThat(header(letter, DeadLetterHeaders.TRUNCATED_FROM)).isEqualTo(Integer.toString(value.length));
            assertThat(rig.scores()).isEmpty();
        }
    }

    @Test
    void shouldAccountForEveryEventInBothStages() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = rig(model)) {
            rig.pipe(null, model.event("a", T0, 5), T0);
            rig.pipe(null, model.event("b", T0, Double.NaN), T0);
            rig.pipe(null, new byte[] {1}, T0);
            assertThat(rig.total("key", "consumed")).isEqualTo(3);
            assertThat(rig.total("key", "keyed")).isEqualTo(2);
            assertThat(rig.total("key", "dead-lettered")).isEqualTo(1);
            assertThat(rig.total("score", "consumed")).isEqualTo(2);
            assertThat(rig.total("score", "scored")).isEqualTo(1);
            assertThat(rig.total("score", "dead-lettered")).isEqualTo(1);
        }
    }
}
