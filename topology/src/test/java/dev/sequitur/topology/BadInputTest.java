package dev.sequitur.topology;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static dev.sequitur.topology.fixture.TopologyRig.header;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.schemas.EntityState;
import dev.sequitur.topology.fixture.SummingStep;
import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.fixture.TopologyRig;
import dev.sequitur.topology.input.EventFormat;
import dev.sequitur.topology.output.DeadLetterHeaders;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Bad input never stops the stream, and never changes an entity's state. */
class BadInputTest {
    private static final TestModel MODEL = TestModel.endless();

    @TempDir
    Path stateDir;

    private static Schema devices(boolean withValue) {
        var fields = SchemaBuilder.record("Reading")
                .namespace("elsewhere")
                .fields()
                .requiredString("device")
                .requiredLong("at")
                .requiredString("kind");
        return withValue
                ? fields.requiredFloat("value").endRecord()
                : fields.requiredString("note").endRecord();
    }

    private static GenericRecord reading(Schema schema, String device) {
        GenericRecord record = new GenericData.Record(schema);
        record.put("device", device);
        record.put("at", T0 + 1);
        record.put("kind", "a");
        return record;
    }

    private static byte[] withoutValue() {
        GenericRecord record = reading(devices(false), "a");
        record.put("note", "no value");
        return TestModel.bytes(record);
    }

    private static byte[] with(double value, long timeMs) {
        return MODEL.event("a", timeMs, value);
    }

    private static byte[] longer(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length + 1);
    }

    private static byte[] shorter(byte[] bytes) {
        return Arrays.copyOf(bytes, bytes.length - 1);
    }

    static Stream<Arguments> badInput() {
        long tooLate = Instant.now().plus(Duration.ofDays(3)).toEpochMilli();
        return Stream.of(
                Arguments.of("undecodable", "a", new byte[] {1, 2, 3}),
                Arguments.of("undecodable", "a", new byte[0]),
                Arguments.of("undecodable", "a", shorter(with(1, T0))),
                Arguments.of("undecodable", "a", longer(with(1, T0))),
                Arguments.of("undecodable", "a", new byte[1_000_000]),
                Arguments.of("unknown-schema", "a", unknownSchema()),
                Arguments.of("missing-field", "a", withoutValue()),
                Arguments.of("not-finite", "a", with(Double.NaN, T0)),
                Arguments.of("not-finite", "a", with(Double.POSITIVE_INFINITY, T0)),
                Arguments.of("not-finite", "a", with(Double.NEGATIVE_INFINITY, T0)),
                Arguments.of("null-key", null, with(1, T0)),
                Arguments.of("null-key", "", with(1, T0)),
                Arguments.of("null-value", "a", null),
                Arguments.of("key-mismatch", "b", with(1, T0)),
                Arguments.of("time-out-of-range", "a", with(1, 0)),
                Arguments.of("time-out-of-range", "a", with(1, Long.MIN_VALUE)),
                Arguments.of("time-out-of-range", "a", with(1, tooLate)),
                Arguments.of("time-out-of-range", "a", with(1, Long.MAX_VALUE)),
                Arguments.of("not-finite-result", "a", with(SummingStep.GIVES_NAN, T0)),
                Arguments.of("not-finite-result", "a", with(SummingStep.GIVES_INFINITY, T0)));
    }

    private static byte[] unknownSchema() {
        GenericRecord record = reading(devices(true), "a");
        record.put("value", 1f);
        return TestModel.bytes(record);
    }

    @ParameterizedTest
    @MethodSource("badInput")
    void shouldDeadLetterTheBadEventAloneAndGoOn(String reason, String key, byte[] value) {
        assertAloneDeadLettered(reason, key, value, false);
        assertAloneDeadLettered(reason, key, value, true);
    }

    private void assertAloneDeadLettered(String reason, String key, byte[] value, boolean batched) {
        TestModel model = TestModel.endless();
        Path dir = stateDir.resolve(batched ? "batched" : "single");
        try (TopologyRig rig = new TopologyRig(
                model, dir, options -> options.eventFormat(EventFormat.singleObject(List.of(devices(false)))))) {
            rig.pipe("a", model.event("a", T0, 5), T0);
            EntityState before = rig.store().get("a");
            RecordHeaders headers = new RecordHeaders();
            headers.add("trace", "t7".getBytes(StandardCharsets.UTF_8));
            if (batched) {
                // An event of the same entity before it, and one after it: the bad one must not touch them.
                rig.poll("b", model.event("b", T0, 1)).poll(key, value, T0 + 9, headers);
                rig.deliver(1000);
            } else {
                rig.pipe("b", model.event("b", T0, 1), T0);
                rig.pipe(key, value, T0 + 9, headers);
            }
            assertThat(rig.store().get("a")).isEqualTo(before);

            rig.pipe("a", model.event("a", T0 + 20, 7), T0);
            assertThat(rig.row("a")).containsExactly(2f, 12f);
            assertThat(rig.row("b")).containsExactly(1f, 1f);
            assertThat(rig.scores()).hasSize(3);

            List<TestRecord<byte[], byte[]>> letters = rig.deadLetters();
            assertThat(letters).hasSize(1);
            TestRecord<byte[], byte[]> letter = letters.get(0);
            assertThat(letter.timestamp()).isEqualTo(T0 + 9);
            assertThat(letter.key()).isEqualTo(key == null ? null : key.getBytes(StandardCharsets.UTF_8));
            byte[] kept = value != null && value.length > 900_000 ? Arrays.copyOf(value, letter.value().length) : value;
            assertThat(letter.value()).isEqualTo(kept);
            assertThat(header(letter, "trace")).isEqualTo("t7");
            assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo(reason);
            assertThat(header(letter, "__streams.errors.topic")).isEqualTo("events");
            assertThat(header(letter, "__streams.errors.partition")).isEqualTo("0");
            assertThat(header(letter, "__streams.errors.offset")).isEqualTo("2");
            assertThat(header(letter, "__streams.errors.exception")).endsWith("Exception");
            assertThat(header(letter, "__streams.errors.message")).isNotBlank();
            assertThat(header(letter, "__streams.errors.stacktrace"))
                    .startsWith(header(letter, "__streams.errors.exception"));

            assertThat(rig.deadLettered("score", reason)).isEqualTo(1);
            assertThat(rig.total("score", "consumed")).isEqualTo(4);
            assertThat(rig.total("score", "scored")).isEqualTo(3);
            assertThat(rig.total("score", "dead-lettered")).isEqualTo(1);
        }
    }

    @Test
    void shouldGoOnFromTheKeptStateWithinTheSameBatch() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.poll("a", model.event("a", T0, 5))
                    .poll("a", model.event("a", T0 + 1, SummingStep.GIVES_NAN))
                    .poll("a", new byte[] {1})
                    .poll("a", model.event("a", T0 + 2, SummingStep.GIVES_INFINITY))
                    .poll("a", model.event("a", T0 + 3, 7));
            rig.deliver(1000);
            assertThat(rig.scores()).extracting(s -> s.value().getSurprise()).containsExactly(5.0, 2.0);
            assertThat(rig.scores()).isEmpty();
            assertThat(rig.row("a")).containsExactly(2f, 12f);
            assertThat(rig.deadLetters())
                    .extracting(letter -> header(letter, DeadLetterHeaders.REASON))
                    .containsExactly("not-finite-result", "undecodable", "not-finite-result");
        }
    }

    @Test
    void shouldStartAnEntityCleanInARowThatHeldInfinity() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.pipe("a", model.event("a", T0, SummingStep.GIVES_INFINITY), T0);
            rig.pipe("b", model.event("b", T0, 3), T0);
            assertThat(rig.row("b")).containsExactly(1f, 3f);
        }
    }

    @Test
    void shouldStoreNothingOfAnEntityWhoseFirstResultIsNotFinite() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.pipe("a", model.event("a", T0, SummingStep.GIVES_NAN), T0);
            assertThat(rig.row("a")).isNull();
        }
    }

    @Test
    void shouldDeadLetterAnEndWithoutASequence() {
        TestModel model = TestModel.endingWithTombstone();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.poll("a", null)
                    .poll("b", model.event("b", T0, 1))
                    .poll("b", null)
                    .poll("b", null);
            rig.deliver(1000);
            assertThat(rig.scores()).hasSize(2);
            List<TestRecord<byte[], byte[]>> letters = rig.deadLetters();
            assertThat(letters)
                    .extracting(letter -> header(letter, DeadLetterHeaders.REASON))
                    .containsExactly("null-value", "null-value");
            assertThat(header(letters.get(0), "__streams.errors.message")).contains("END of entity 'a'");
            assertThat(letters).extracting(TestRecord::value).containsOnlyNulls();
            assertThat(rig.total("score", "consumed"))
                    .isEqualTo(rig.total("score", "scored") + rig.total("score", "dead-lettered"));
        }
    }

    @Test
    void shouldDeadLetterAKeyThatIsNotText() {
        TestModel model = TestModel.endingWithTombstone();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.driver()
                    .createInputTopic(
                            TopologyRig.INPUT,
                            new org.apache.kafka.common.serialization.ByteArraySerializer(),
                            new org.apache.kafka.common.serialization.ByteArraySerializer())
                    .pipeInput(new TestRecord<>(new byte[] {(byte) 0xFF, 1}, null));
            assertThat(rig.deadLetters())
                    .extracting(letter -> header(letter, DeadLetterHeaders.REASON))
                    .containsExactly("undecodable");
        }
    }

    @Test
    void shouldCutAValueThatIsTooLargeForADeadLetter() {
        TestModel model = TestModel.endless();
        byte[] value = new byte[1_048_000];
        Arrays.fill(value, (byte) 7);
        try (TopologyRig rig = new TopologyRig(model, stateDir, options -> options.maxRecordBytes(500_000))) {
            rig.pipe("a", value, T0);
            TestRecord<byte[], byte[]> letter = rig.deadLetters().get(0);
            assertThat(letter.value()).isEqualTo(Arrays.copyOf(value, 500_000 - 1));
            assertThat(header(letter, DeadLetterHeaders.TRUNCATED_FROM)).isEqualTo("1048000");
            assertThat(header(letter, DeadLetterHeaders.REASON)).isEqualTo("undecodable");
        }
    }

    @Test
    void shouldScoreAnEventOfAMegabyte() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.pipe("a", TestModel.bytes(model.record("a", T0, 5, "x".repeat(1_000_000))), T0);
            assertThat(rig.scores()).hasSize(1);
            assertThat(rig.row("a")).containsExactly(1f, 5f);
        }
    }

    @Test
    void shouldDropHeadersFromAScoreThatTheyWouldMakeTooLarge() {
        TestModel model = TestModel.endless();
        RecordHeaders headers = new RecordHeaders();
        headers.add("trace", new byte[1_000_000]);
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.pipe("a", model.event("a", T0, 5), T0, headers);
            for (var record : List.of(rig.scores().get(0), rig.predictions().get(0))) {
                assertThat(record.headers().lastHeader("trace")).isNull();
                assertThat(record.headers()
                                .lastHeader(DeadLetterHeaders.HEADERS_DROPPED)
                                .value())
                        .isEqualTo("1".getBytes(StandardCharsets.UTF_8));
            }
        }
    }

    @Test
    void shouldNotWriteAScoreAheadOfTheClock() {
        TestModel model = TestModel.endless();
        long now = System.currentTimeMillis();
        long tomorrow = now + Duration.ofHours(20).toMillis();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.pipe("a", model.event("a", tomorrow, 5), T0);
            var score = rig.scores().get(0);
            assertThat(score.value().getEventTime().toEpochMilli()).isEqualTo(tomorrow);
            assertThat(score.timestamp()).isBetween(now, System.currentTimeMillis());
            assertThat(rig.predictions().get(0).timestamp()).isEqualTo(score.timestamp());
        }
    }

    @Test
    void shouldScoreAnUnknownCategoryAsUnknown() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.pipe("a", TestModel.bytes(model.record("a", T0, 5, "never seen")), T0);
            assertThat(rig.scores()).hasSize(1);
            assertThat(rig.deadLetters()).isEmpty();
        }
    }

    @Test
    void shouldScoreEventsOfAnotherKnownSchema() {
        TestModel model = TestModel.endless();
        GenericRecord record = reading(devices(true), "a");
        record.put("value", 4f);
        try (TopologyRig rig = new TopologyRig(
                model, stateDir, options -> options.eventFormat(EventFormat.singleObject(List.of(devices(true)))))) {
            rig.pipe("a", TestModel.bytes(record), T0);
            assertThat(rig.scores()).hasSize(1);
            assertThat(rig.row("a")).containsExactly(1f, 4f);
        }
    }

    @Test
    void shouldNameTheExceptionsOfTheModelInTheHeaders() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.pipe("a", null, T0);
            assertThat(header(rig.deadLetters().get(0), "__streams.errors.exception"))
                    .isEqualTo(MalformedEventException.class.getName());
        }
    }
}
