package dev.sequitur.model.data;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.util.List;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AvroFieldValuesTest {
    private static final String ENUM = "{\"type\": \"enum\", \"name\": \"E\", \"symbols\": [\"ON\", \"OFF\"]}";
    private static final String FIXED =
            "{\"type\": \"fixed\", \"name\": \"F\", \"size\": 3, \"logicalType\": \"decimal\", \"precision\": 6, \"scale\": 2}";
    private static final String DECIMAL =
            "{\"type\": \"bytes\", \"logicalType\": \"decimal\", \"precision\": 6, \"scale\": 2}";
    private static final byte[] UNSCALED_12345 = {0, 0x30, 0x39};

    private static Object read(String type, Object value) {
        Schema schema = schema(type);
        GenericRecord record = new GenericData.Record(schema);
        record.put("x", value);
        return new AvroFieldValues(record).value("x");
    }

    private static Schema schema(String type) {
        return new Schema.Parser()
                .parse("{\"type\": \"record\", \"name\": \"R\", \"fields\": [{\"name\": \"x\", \"type\": " + type
                        + "}]}");
    }

    private static String logical(String type, String logical) {
        return "{\"type\": \"" + type + "\", \"logicalType\": \"" + logical + "\"}";
    }

    static Stream<Arguments> values() {
        Instant instant = Instant.parse("2012-04-09T19:33:20.123Z");
        long millis = instant.toEpochMilli();
        return Stream.of(
                Arguments.of("\"string\"", new Utf8("a"), "a"),
                Arguments.of(
                        ENUM,
                        new GenericData.EnumSymbol(Schema.createEnum("E", null, null, List.of("ON")), "ON"),
                        "ON"),
                Arguments.of("\"double\"", 1.5, 1.5),
                Arguments.of("\"long\"", 5L, 5L),
                Arguments.of("\"boolean\"", true, true),
                Arguments.of("[\"null\", \"double\"]", null, null),
                Arguments.of("[\"null\", \"double\"]", 1.5, 1.5),
                Arguments.of(logical("long", "timestamp-millis"), millis, instant),
                Arguments.of(logical("long", "timestamp-micros"), millis * 1000, instant),
                Arguments.of(logical("long", "timestamp-nanos"), millis * 1_000_000, instant),
                Arguments.of("[\"null\", " + logical("long", "timestamp-millis") + "]", millis, instant),
                Arguments.of("[\"null\", " + logical("long", "timestamp-millis") + "]", instant, instant),
                Arguments.of(logical("long", "local-timestamp-millis"), millis, "2012-04-09T19:33:20.123"),
                Arguments.of(logical("long", "local-timestamp-micros"), millis * 1000, "2012-04-09T19:33:20.123"),
                Arguments.of(
                        logical("long", "local-timestamp-millis"),
                        LocalDateTime.parse("2012-04-09T19:33:20"),
                        "2012-04-09T19:33:20"),
                Arguments.of(logical("int", "date"), 15439, Instant.parse("2012-04-09T00:00:00Z")),
                Arguments.of(
                        logical("int", "date"), LocalDate.parse("2012-04-09"), Instant.parse("2012-04-09T00:00:00Z")),
                Arguments.of(DECIMAL, ByteBuffer.wrap(UNSCALED_12345), new BigDecimal("123.45")),
                Arguments.of("[\"null\", " + DECIMAL + "]", new BigDecimal("123.45"), new BigDecimal("123.45")),
                Arguments.of(
                        FIXED,
                        new GenericData.Fixed(new Schema.Parser().parse(FIXED), UNSCALED_12345),
                        new BigDecimal("123.45")),
                Arguments.of("{\"type\": \"array\", \"items\": \"string\"}", List.of(new Utf8("a")), List.of("a")),
                Arguments.of(
                        "[\"null\", {\"type\": \"array\", \"items\": " + logical("long", "timestamp-millis") + "}]",
                        List.of(millis),
                        List.of(instant)));
    }

    @ParameterizedTest(name = "{0} {1}")
    @MethodSource("values")
    void shouldReadTypes(String type, Object value, Object expected) {
        assertThat(read(type, value)).isEqualTo(expected);
    }

    @Test
    void shouldReadADecimalTwice() {
        GenericRecord record = new GenericData.Record(schema(DECIMAL));
        record.put("x", ByteBuffer.wrap(UNSCALED_12345));
        FieldValues values = new AvroFieldValues(record);

        assertThat(values.value("x")).isEqualTo(values.value("x")).isEqualTo(new BigDecimal("123.45"));
    }

    @Test
    void shouldFollowPathsIntoNestedRecords() {
        Schema inner =
                SchemaBuilder.record("Inner").fields().requiredDouble("b").endRecord();
        Schema schema = SchemaBuilder.record("R")
                .fields()
                .name("a")
                .type()
                .unionOf()
                .nullType()
                .and()
                .type(inner)
                .endUnion()
                .nullDefault()
                .requiredString("s")
                .endRecord();
        GenericRecord nested = new GenericData.Record(inner);
        nested.put("b", 2.5);
        GenericRecord record = new GenericData.Record(schema);
        record.put("a", nested);

        assertThat(new AvroFieldValues(record).value("a.b")).isEqualTo(2.5);
        assertThat(new AvroFieldValues(new GenericData.Record(schema)).value("a.b"))
                .isNull();
        assertThat(new AvroFieldValues(record).value("a.c")).isNull();
        assertThat(new AvroFieldValues(record).value("s.b")).isNull();
        assertThat(new AvroFieldValues(record).value("none")).isNull();
        assertThat(Stream.of("a", "a.b", "s", "a.c", "s.b", "none", "b")
                        .filter(path -> AvroFieldValues.has(schema, path)))
                .containsExactly("a", "a.b", "s");
    }
}
