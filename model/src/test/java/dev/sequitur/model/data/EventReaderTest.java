package dev.sequitur.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventReaderTest {
    private static final Instant NOW = Instant.parse("2024-05-17T13:45:28Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    private static PipelineSpec spec(String time, String fields, String more) {
        return PipelineSpecReader.parse(
                "name: test\nentity: id\ntime: " + time
                        + "\ncell: {kind: rnn}\nfields: {t: {kind: numeric, optional: true}, " + fields + "}\n" + more,
                "test");
    }

    private static EventReader reader(String fields) {
        return new EventReader(spec("{field: ts, max-ahead: 1h}", fields, ""), CLOCK);
    }

    /** A record with an entity and a time, and the given columns: name, value, name, value, … */
    private static FieldValues record(Object... columns) {
        Map<String, Object> values = new HashMap<>(Map.of("id", "e", "ts", NOW));
        for (int i = 0; i < columns.length; i += 2) {
            values.put((String) columns[i], columns[i + 1]);
        }
        return values::get;
    }

    private static void assertMalformed(EventReader reader, FieldValues record, Reason reason, String message) {
        assertThatExceptionOfType(MalformedEventException.class)
                .isThrownBy(() -> reader.read(record))
                .withMessageContaining(message)
                .extracting(MalformedEventException::reason)
                .isEqualTo(reason);
    }

    @Test
    void shouldReadOneValuePerFieldInTheOrderOfTheSpec() throws MalformedEventException {
        EventReader reader = reader("a: {kind: categorical, column: Act}, gap: {kind: since-previous},"
                + " f: {kind: flags, flags: [x, y]}, n: {kind: numeric}");

        Event event = reader.read(record("Act", "open", "x", 0, "y", "1", "n", "2.5"));

        assertThat(event.entity()).isEqualTo("e");
        assertThat(event.timeMs()).isEqualTo(NOW.toEpochMilli());
        assertThat(event.last()).isFalse();
        assertThat(event.values()).containsExactly(null, "open", null, new boolean[] {false, true}, 2.5);
    }

    static Stream<Arguments> numbers() {
        return Stream.of(
                Arguments.of("2.5", 2.5),
                Arguments.of(" -1e3 ", -1000.0),
                Arguments.of(".5", 0.5),
                Arguments.of("5.", 5.0),
                Arguments.of(new StringBuilder("7"), 7.0),
                Arguments.of(3, 3.0),
                Arguments.of(3L, 3.0),
                Arguments.of(0.5f, 0.5),
                Arguments.of(new BigDecimal("1.25"), 1.25),
                Arguments.of(true, 1.0),
                Arguments.of(false, 0.0));
    }

    @ParameterizedTest
    @MethodSource("numbers")
    void shouldReadNumbers(Object value, double number) throws MalformedEventException {
        assertThat(reader("n: {kind: numeric}").read(record("n", value)).values()[1])
                .isEqualTo(number);
    }

    static Stream<Arguments> noNumbers() {
        return Stream.of(
                Arguments.of(Double.NaN, Reason.NOT_FINITE),
                Arguments.of(Float.POSITIVE_INFINITY, Reason.NOT_FINITE),
                Arguments.of("NaN", Reason.NOT_FINITE),
                Arguments.of("-inf", Reason.NOT_FINITE),
                Arguments.of("Infinity", Reason.NOT_FINITE),
                Arguments.of("1e999", Reason.NOT_FINITE),
                Arguments.of(BigInteger.TEN.pow(400), Reason.NOT_FINITE),
                Arguments.of("1d", Reason.WRONG_TYPE),
                Arguments.of("0x10", Reason.WRONG_TYPE),
                Arguments.of("1,5", Reason.WRONG_TYPE),
                Arguments.of("one", Reason.WRONG_TYPE),
                Arguments.of("1".repeat(1_000_000) + "x", Reason.WRONG_TYPE),
                Arguments.of(NOW, Reason.WRONG_TYPE),
                Arguments.of(List.of(1), Reason.WRONG_TYPE),
                Arguments.of("", Reason.MISSING_FIELD),
                Arguments.of(" ", Reason.MISSING_FIELD),
                Arguments.of(null, Reason.MISSING_FIELD));
    }

    @ParameterizedTest
    @MethodSource("noNumbers")
    void shouldRejectWhatIsNoFiniteNumber(Object value, Reason reason) {
        EventReader reader = reader("n: {kind: numeric, column: c}");

        assertMalformed(reader, record("c", value), reason, "field n (column c): expected a");
    }

    static Stream<Arguments> categories() {
        return Stream.of(
                Arguments.of("a b", "a b"),
                Arguments.of(" a", " a"),
                Arguments.of(3, "3"),
                Arguments.of(3.0, "3"),
                Arguments.of(-0.0, "0"),
                Arguments.of(3.5, "3.5"),
                Arguments.of(0.1f, "0.1"),
                Arguments.of(1e20, "100000000000000000000"),
                Arguments.of(new BigDecimal("3.00"), "3"),
                Arguments.of(new BigDecimal("300"), "300"),
                Arguments.of(true, "true"),
                Arguments.of("x".repeat(300), "x".repeat(300)));
    }

    @ParameterizedTest
    @MethodSource("categories")
    void shouldReadCategoriesAsTheirText(Object value, String text) throws MalformedEventException {
        assertThat(reader("c: {kind: categorical}").read(record("c", value)).values()[1])
                .isEqualTo(text);
    }

    @Test
    void shouldRejectWhatIsNoCategory() {
        EventReader reader = reader("c: {kind: categorical}");

        assertMalformed(reader, record("c", List.of("a")), Reason.WRONG_TYPE, "expected a single value, got '[a]'");
        assertMalformed(reader, record("c", Double.NaN), Reason.NOT_FINITE, "field c");
        assertMalformed(reader, record("c", ""), Reason.MISSING_FIELD, "set optional: true");
    }

    @ParameterizedTest
    @ValueSource(strings = {"numeric", "categorical"})
    void shouldReadMissingOptionalFieldsAsNull(String kind) throws MalformedEventException {
        EventReader reader = reader("o: {kind: " + kind + ", optional: true}");

        assertThat(reader.read(record()).values()[1]).isNull();
        assertThat(reader.read(record("o", "")).values()[1]).isNull();
    }

    @Test
    void shouldReadListedFlags() throws MalformedEventException {
        EventReader reader = reader("f: {kind: flags, column: notes, separator: '|', flags: [a, b, c]}");

        assertThat(reader.read(record("notes", "c|a")).values()[1]).isEqualTo(new boolean[] {true, false, true});
        assertThat(reader.read(record("notes", "")).values()[1]).isEqualTo(new boolean[3]);
        assertThat(reader.read(record("notes", List.of("b"))).values()[1])
                .isEqualTo(new boolean[] {false, true, false});
        assertThat(reader.read(record("notes", List.of())).values()[1]).isEqualTo(new boolean[3]);
        assertMalformed(
                reader, record("notes", "a|d"), Reason.WRONG_TYPE, "expected flags that the spec names, got 'd'");
        assertMalformed(reader, record(), Reason.MISSING_FIELD, "field f (column notes)");
    }

    @Test
    void shouldReadNumberedFlagsOfNumbers() throws MalformedEventException {
        EventReader reader = reader("f: {kind: flags, column: notes, size: 3}");

        assertThat(reader.read(record("notes", List.of(2.0, 0))).values()[1])
                .isEqualTo(new boolean[] {true, false, true});
    }

    @ParameterizedTest
    @CsvSource({"0,false", "1,true", "true,true", "FALSE,false", "1.0,true"})
    void shouldReadFlagsOfTheirOwnColumns(String value, boolean set) throws MalformedEventException {
        EventReader reader = reader("f: {kind: flags, flags: [x]}");

        assertThat(reader.read(record("x", value)).values()[1]).isEqualTo(new boolean[] {set});
    }

    @Test
    void shouldRejectWhatIsNoFlag() {
        EventReader reader = reader("f: {kind: flags, flags: [x]}");

        assertMalformed(
                reader, record("x", 2), Reason.WRONG_TYPE, "field f (column x): expected 0, 1, true or false, got '2'");
        assertMalformed(reader, record("x", "yes"), Reason.WRONG_TYPE, "got 'yes'");
        assertMalformed(reader, record("x", ""), Reason.MISSING_FIELD, "field f (column x)");
    }

    @Test
    void shouldShowOnlyTheStartOfALongValue() {
        assertThatExceptionOfType(MalformedEventException.class)
                .isThrownBy(() -> reader("n: {kind: numeric}").read(record("n", "x".repeat(1_000_000))))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
    }

    @Test
    void shouldMarkTheEventWhoseValueEndsItsSequence() throws MalformedEventException {
        EventReader reader =
                new EventReader(spec("ts", "n: {kind: numeric}", "end: {field: status, values: [closed, 9]}"), CLOCK);

        assertThat(reader.read(record("n", 1, "status", "closed")).last()).isTrue();
        assertThat(reader.read(record("n", 1, "status", 9.0)).last()).isTrue();
        assertThat(reader.read(record("n", 1, "status", "open")).last()).isFalse();
        assertThat(reader.read(record("n", 1)).last()).isFalse();
    }

    @Test
    void shouldTakeTheEntityFromTheKeyWhereTheRecordHasNone() throws MalformedEventException {
        EventReader reader = reader("n: {kind: numeric}");

        assertThat(reader.read(record("n", 1, "id", null), "k").entity()).isEqualTo("k");
        assertThat(reader.read(record("n", 1), null).entity()).isEqualTo("e");
        assertThat(reader.read(record("n", 1), "e").entity()).isEqualTo("e");
        assertThat(reader.read(record("n", 1, "id", 7L), "7").entity()).isEqualTo("7");
    }

    @Test
    void shouldRejectWrongKeys() {
        EventReader reader = reader("n: {kind: numeric}");

        assertThatExceptionOfType(MalformedEventException.class)
                .isThrownBy(() -> reader.read(record("n", 1), "other"))
                .withMessage("entity (column id): expected the entity of the record's key, 'other', got 'e'.")
                .matches(e -> e.reason() == Reason.KEY_MISMATCH);
        for (String none : Arrays.asList(null, "")) {
            assertThatExceptionOfType(MalformedEventException.class)
                    .isThrownBy(() -> reader.read(record("n", 1, "id", ""), none))
                    .matches(e -> e.reason() == Reason.NULL_KEY);
        }
        assertThatExceptionOfType(MalformedEventException.class)
                .isThrownBy(() -> reader.read(record("n", 1, "id", null), "k".repeat(1025)))
                .matches(e -> e.reason() == Reason.TOO_LARGE);
        assertMalformed(reader, record("n", 1, "id", null), Reason.MISSING_FIELD, "entity (column id)");
        assertMalformed(reader, record("n", 1, "id", "ü".repeat(513)), Reason.TOO_LARGE, "got 1026");
    }

    @Test
    void shouldAllowAKeyOfTheLargestSize() throws MalformedEventException {
        assertThat(reader("n: {kind: numeric}").entity(record("id", "ü".repeat(512))))
                .hasSize(512);
    }

    @Test
    void shouldJoinTheColumnsOfAnEntityWithoutAmbiguity() throws MalformedEventException {
        EntityKey key = new EntityKey(List.of("a", "b"));
        List<List<String>> parts = List.of(
                List.of("x", "y"), List.of("x|y", "z"), List.of("x", "y|z"), List.of("x\\", "y"), List.of("x\\|", "|"));

        List<String> keys = parts.stream().map(EntityKey::join).toList();

        assertThat(keys)
                .containsExactly("x|y", "x\\|y|z", "x|y\\|z", "x\\\\|y", "x\\\\\\||\\|")
                .doesNotHaveDuplicates();
        assertThat(keys.stream().map(key::split)).containsExactlyElementsOf(parts);
        assertThat(key.read(Map.<String, Object>of("a", 1, "b", "x|")::get)).isEqualTo("1|x\\|");
        assertThat(key.read(Collections.<String, Object>emptyMap()::get)).isNull();
        assertThatExceptionOfType(MalformedEventException.class)
                .isThrownBy(() -> key.read(Map.<String, Object>of("a", 1)::get))
                .withMessageContaining("entity (column b)")
                .matches(e -> e.reason() == Reason.MISSING_FIELD);
    }

    @Test
    void shouldLeaveTheKeyOfOneColumnAsItIs() throws MalformedEventException {
        assertThat(reader("n: {kind: numeric}").entity(record("id", "a|b\\"))).isEqualTo("a|b\\");
    }
}
