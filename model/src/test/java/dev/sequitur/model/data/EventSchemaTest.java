package dev.sequitur.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.model.spec.SpecException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.stream.Stream;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class EventSchemaTest {
    private static final PipelineSpec SPEC = PipelineSpecReader.parse(
            """
            name: 2nd-fleet
            entity: [site, Pump ID]
            time: {field: time.start, format: iso-8601}
            end: {field: status, values: [closed, gone]}
            cell: {kind: rnn}
            fields:
              mode: {kind: categorical, column: vehicle.mode}
              alarm: {kind: categorical, optional: true}
              gap: {kind: since-previous}
              load: {kind: numeric}
              flow: {kind: numeric, optional: true}
              keys: {kind: flags, column: notes, flags: [a, b, c]}
              lamps: {kind: flags, size: 2}
            """,
            "test");
    private static final long TIME = 1_334_000_000_123L;

    private static Event event(String entity, boolean last, Object... values) {
        return new Event(entity, TIME, values, last);
    }

    private static boolean[] flags(boolean... flags) {
        return flags;
    }

    static Stream<Event> events() {
        return Stream.of(
                event(
                        "north|p\\|1",
                        false,
                        "auto",
                        "none",
                        null,
                        0.1,
                        -0.0,
                        flags(true, false, true),
                        flags(false, true)),
                event("a|b", true, "3", null, null, 1e300, null, flags(false, false, false), flags(true, true)));
    }

    private static GenericRecord sent(Schema schema, GenericRecord record) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
        new GenericDatumWriter<GenericRecord>(schema).write(record, encoder);
        encoder.flush();
        return new GenericDatumReader<GenericRecord>(schema)
                .read(null, DecoderFactory.get().binaryDecoder(bytes.toByteArray(), null));
    }

    private static void assertSame(PipelineSpec spec, Event event) throws IOException, MalformedEventException {
        EventSchema schema = new EventSchema(spec);
        GenericRecord received = sent(schema.schema(), schema.record(event));

        // Records compare arrays by identity.
        assertThat(new EventReader(spec).read(schema.values(received)))
                .usingRecursiveComparison()
                .isEqualTo(event);
    }

    @ParameterizedTest
    @MethodSource("events")
    void shouldCarryEventsUnchanged(Event event) throws IOException, MalformedEventException {
        assertSame(SPEC, event);
    }

    @Test
    void shouldNameAndTypeTheColumns() {
        Schema schema = new EventSchema(SPEC).schema();

        assertThat(schema.getFullName()).isEqualTo("dev.sequitur.events._2nd_fleet");
        assertThat(schema.getFields().stream().map(field -> field.name() + " " + field.schema()))
                .containsExactly(
                        "site \"string\"",
                        "Pump_ID \"string\"",
                        "time_start {\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}",
                        "vehicle_mode \"string\"",
                        "alarm [\"null\",\"string\"]",
                        "load \"double\"",
                        "flow [\"null\",\"double\"]",
                        "notes {\"type\":\"array\",\"items\":\"string\"}",
                        "_0 \"boolean\"",
                        "_1 \"boolean\"",
                        "status [\"null\",\"string\"]");
        assertThat(schema.getField("flow").hasDefaultValue()).isTrue();
        assertThat(new Schema.Parser().parse(schema.toString())).isEqualTo(schema);
    }

    private static PipelineSpec spec(String name, String entity, String more) {
        return PipelineSpecReader.parse(
                "name: " + name + "\nentity: " + entity + "\ntime: ts\ncell: {kind: rnn}\n" + more, "test");
    }

    @Test
    void shouldShareAColumnThatSeveralFieldsRead() throws IOException, MalformedEventException {
        PipelineSpec spec = spec(
                "shared",
                "id",
                """
                end: {field: level, values: [9]}
                fields:
                  level: {kind: numeric}
                  name: {kind: categorical, column: level, optional: true}
                  who: {kind: numeric, column: id, role: input}
                  on: {kind: flags, flags: [switch]}
                  switched: {kind: numeric, column: switch}
                """);

        assertThat(new EventSchema(spec)
                        .schema().getFields().stream().map(field -> field.name() + " " + field.schema()))
                .containsExactly(
                        "id \"string\"",
                        "ts {\"type\":\"long\",\"logicalType\":\"timestamp-millis\"}",
                        "level \"string\"",
                        "switch \"double\"");
        assertSame(spec, new Event("7", TIME, new Object[] {9.0, "9", 7.0, flags(true), 1.0}, true));
        assertSame(spec, new Event("7", TIME, new Object[] {2.5, "2.50", 7.0, flags(false), 0.0}, false));
    }

    @Test
    void shouldRefuseColumnsThatNoSchemaCanHold() {
        PipelineSpec time = spec("t", "id", "fields: {n: {kind: numeric, column: ts}}");
        PipelineSpec names =
                spec("t", "id", "fields: {n: {kind: numeric, column: a-b}, m: {kind: numeric, column: a b}}");

        assertThatThrownBy(() -> new EventSchema(time))
                .isInstanceOf(SpecException.class)
                .hasMessageContaining("Column 'ts' is read as TIME and as NUMBER");
        assertThatThrownBy(() -> new EventSchema(names))
                .isInstanceOf(SpecException.class)
                .hasMessageContaining("Columns 'a-b' and 'a b' are both named 'a_b'");
    }

    @Test
    void shouldRefuseAnEntityOfAnotherSpec() {
        Event event = event(
                "only-one-part", false, "auto", null, null, 1.0, null, flags(true, true, true), flags(true, true));

        assertThatThrownBy(() -> new EventSchema(SPEC).record(event))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected a key with one part for each of [site, Pump ID]");
    }
}
