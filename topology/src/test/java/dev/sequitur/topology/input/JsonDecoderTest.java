package dev.sequitur.topology.input;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.FieldValues;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.topology.fixture.TestModel;
import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonDecoderTest {
    private static final TestModel MODEL = TestModel.endless();

    /** Every kind of Avro type once; single quotes stand for double ones, as in all of this test. */
    private static final Schema EVERYTHING = new Schema.Parser()
            .parse(
                    """
                    {'type': 'record', 'name': 'Everything', 'fields': [
                      {'name': 'flag', 'type': 'boolean', 'default': true},
                      {'name': 'small', 'type': 'int', 'default': 1},
                      {'name': 'large', 'type': 'long', 'default': 2},
                      {'name': 'single', 'type': 'float', 'default': 0.5},
                      {'name': 'wide', 'type': 'double', 'default': 0.25},
                      {'name': 'text', 'type': 'string', 'default': 'none'},
                      {'name': 'raw', 'type': 'bytes', 'default': ''},
                      {'name': 'four', 'type': {'type': 'fixed', 'name': 'Four', 'size': 4}, 'default': 'abcd'},
                      {'name': 'choice', 'type': {'type': 'enum', 'name': 'Choice', 'symbols': ['x', 'y']}, 'default': 'x'},
                      {'name': 'open', 'type': {'type': 'enum', 'name': 'Open', 'symbols': ['x', 'other'],
                        'default': 'other'}, 'default': 'x'},
                      {'name': 'list', 'type': {'type': 'array', 'items': 'long'}, 'default': []},
                      {'name': 'map', 'type': {'type': 'map', 'values': 'double'}, 'default': {}},
                      {'name': 'maybe', 'type': ['null', 'double'], 'default': null},
                      {'name': 'either', 'type': ['null', 'long', 'string', {'type': 'array', 'items': 'string'}],
                        'default': null},
                      {'name': 'millis', 'type': {'type': 'long', 'logicalType': 'timestamp-millis'}, 'default': 0},
                      {'name': 'micros', 'type': {'type': 'long', 'logicalType': 'timestamp-micros'}, 'default': 0},
                      {'name': 'local', 'type': {'type': 'long', 'logicalType': 'local-timestamp-millis'}, 'default': 0},
                      {'name': 'day', 'type': {'type': 'int', 'logicalType': 'date'}, 'default': 0},
                      {'name': 'price', 'type': {'type': 'bytes', 'logicalType': 'decimal', 'precision': 30, 'scale': 4},
                        'default': ''},
                      {'name': 'inner', 'type': ['null', {'type': 'record', 'name': 'Inner', 'fields': [
                        {'name': 'deep', 'type': {'type': 'array', 'items': 'double'}}]}], 'default': null}
                    ]}"""
                            .replace('\'', '"'));

    private static byte[] json(String text) {
        return text.replace('\'', '"').getBytes(StandardCharsets.UTF_8);
    }

    private static FieldValues read(String text) throws MalformedEventException {
        return EventFormat.json(EVERYTHING).decoder(MODEL.spec()).decode(json(text));
    }

    private static MalformedEventException refused(String text) {
        return catchThrowableOfType(MalformedEventException.class, () -> read(text));
    }

    private static Event event(String text) throws MalformedEventException {
        return new RecordReader(MODEL.spec(), EventFormat.json())
                .event(json(text), null)
                .orElseThrow();
    }

    @Test
    void shouldReadAnEventOfTheSpecsOwnSchema() throws Exception {
        Event event =
                event("{'device': 'a', 'at': " + T0 + ", 'value': 2, 'kind': 'b', 'comment': {'not': ['asked']}}");
        assertThat(event.entity()).isEqualTo("a");
        assertThat(event.timeMs()).isEqualTo(T0);
        assertThat(event.values()).containsExactly(2.0, "b");
        assertThat(event("{'device':'a','at':'2024-01-01T01:00:00+01:00','value':2.5e0,'kind':'b'}")
                        .timeMs())
                .isEqualTo(T0);
    }

    @Test
    void shouldReadPlainValuesOfEveryType() throws Exception {
        FieldValues values = read("{'flag': false, 'small': -7, 'large': 9007199254740993, 'single': 1.5, 'wide': 1e-3,"
                + " 'text': 'te\u00dft', 'raw': 'a\u00ff', 'four': '1234', 'choice': 'y', 'list': [1, 2.0],"
                + " 'map': {'k': 1}, 'maybe': 4, 'either': 'text', 'millis': " + T0
                + ", 'micros': '2024-01-01T00:00:00.000001Z', 'local': '2024-01-01T12:30:00', 'day': '2024-01-02',"
                + " 'price': '12345678901234567890.1234', 'inner': {'deep': [0.5]}}");
        assertThat(values.value("flag")).isEqualTo(false);
        assertThat(values.value("small")).isEqualTo(-7);
        // No double holds this one.
        assertThat(values.value("large")).isEqualTo(9007199254740993L);
        assertThat(values.value("single")).isEqualTo(1.5f);
        assertThat(values.value("wide")).isEqualTo(0.001);
        assertThat(values.value("text")).isEqualTo("te\u00dft");
        assertThat(values.value("raw")).isEqualTo(ByteBuffer.wrap(new byte[] {'a', (byte) 0xFF}));
        assertThat(values.value("choice")).isEqualTo("y");
        assertThat(values.value("list")).isEqualTo(List.of(1L, 2L));
        assertThat(values.value("map")).isEqualTo(Map.of("k", 1.0));
        assertThat(values.value("maybe")).isEqualTo(4.0);
        assertThat(values.value("either")).isEqualTo("text");
        assertThat(values.value("millis")).isEqualTo(Instant.ofEpochMilli(T0));
        assertThat(values.value("micros")).isEqualTo(Instant.parse("2024-01-01T00:00:00.000001Z"));
        assertThat(values.value("local")).isEqualTo("2024-01-01T12:30");
        assertThat(values.value("day")).isEqualTo(Instant.parse("2024-01-02T00:00:00Z"));
        assertThat(values.value("price")).isEqualTo(new BigDecimal("12345678901234567890.1234"));
        assertThat(values.value("inner.deep")).isEqualTo(List.of(0.5));
    }

    @Test
    void shouldGiveMissingFieldsTheirDefaults() throws Exception {
        FieldValues values = read("{}");
        assertThat(values.value("flag")).isEqualTo(true);
        assertThat(values.value("large")).isEqualTo(2L);
        assertThat(values.value("text")).isEqualTo("none");
        assertThat(values.value("choice")).isEqualTo("x");
        assertThat(values.value("list")).isEqualTo(List.of());
        assertThat(values.value("maybe")).isNull();
        assertThat(values.value("inner.deep")).isNull();
    }

    @Test
    void shouldTakeAnEnumsDefaultForASymbolThatItDoesNotKnow() throws Exception {
        assertThat(read("{'open': 'new in version 3'}").value("open")).isEqualTo("other");
        assertThat(refused("{'choice': 'z'}")).hasMessage("$.choice: expected one of [x, y], got \"z\"");
    }

    @Test
    void shouldPutAValueIntoTheFirstBranchThatItFits() throws Exception {
        assertThat(read("{'either': 5}").value("either")).isEqualTo(5L);
        assertThat(read("{'either': '5'}").value("either")).isEqualTo("5");
        assertThat(read("{'either': ['5']}").value("either")).isEqualTo(List.of("5"));
        assertThat(read("{'either': null}").value("either")).isNull();
        assertThat(refused("{'either': true}"))
                .hasMessage("$.either: expected null or long or string or array, got true");
        // Avro's own JSON wraps the value; that is another format.
        assertThat(refused("{'maybe': {'double': 4}}")).hasMessage("$.maybe: expected double, got {\"double\":4}");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "{'flag': 1} | WRONG_TYPE | $.flag: expected boolean, got 1",
                "{'flag': 'true'} | WRONG_TYPE | $.flag: expected boolean, got \"true\"",
                "{'small': 2147483648} | WRONG_TYPE | $.small: expected int, got 2147483648",
                "{'small': 1.5} | WRONG_TYPE | $.small: expected int, got 1.5",
                "{'small': '1'} | WRONG_TYPE | $.small: expected int, got \"1\"",
                "{'large': 9223372036854775808} | WRONG_TYPE | $.large: expected long, got 9223372036854775808",
                "{'large': 1e300} | WRONG_TYPE | $.large: expected long, got 1.0E300",
                "{'wide': '1'} | WRONG_TYPE | $.wide: expected double, got \"1\"",
                "{'wide': null} | WRONG_TYPE | $.wide: expected double, got null",
                "{'single': 1e39} | NOT_FINITE | $.single: expected a number in the range of float, got 1.0E39",
                "{'text': 5} | WRONG_TYPE | $.text: expected string, got 5",
                "{'four': 'abc'} | WRONG_TYPE | $.four: expected text of 4 characters, got \"abc\"",
                "{'list': {}} | WRONG_TYPE | $.list: expected an array, got {}",
                "{'list': [1, 2, 'x']} | WRONG_TYPE | $.list[2]: expected long, got \"x\"",
                "{'map': {'a b': true}} | WRONG_TYPE | $.map['a b']: expected double, got true",
                "{'inner': {'deep': [0, null]}} | WRONG_TYPE | $.inner.deep[1]: expected double, got null",
                "{'inner': {}} | MISSING_FIELD | $.inner.deep: expected array, the field is missing",
                "{'price': 'dear'} | WRONG_TYPE | $.price: expected a decimal, got \"dear\"",
                "[] | WRONG_TYPE | $: expected an object, got []",
                "null | WRONG_TYPE | $: expected an object, got null"
            })
    void shouldRefuseWhatTheSchemaDoesNotSayWithThePathOfTheField(String text, Reason reason, String message) {
        MalformedEventException refused = refused(text);
        assertThat(refused.reason()).isEqualTo(reason);
        assertThat(refused).hasMessage(message);
    }

    @Test
    void shouldRefuseATimeThatIsNone() {
        assertThat(refused("{'millis': 'yesterday'}"))
                .hasMessage("$.millis: expected timestamp-millis, a whole number or ISO 8601 text, got \"yesterday\"");
        // No offset, so no instant.
        assertThat(refused("{'millis': '2024-01-01T00:00:00'}").reason()).isEqualTo(Reason.WRONG_TYPE);
    }

    @Test
    void shouldSayWhichFieldIsMissing() {
        MalformedEventException refused = catchThrowableOfType(
                MalformedEventException.class, () -> event("{'device': 'a', 'at': 0, 'kind': 'b'}"));
        assertThat(refused.reason()).isEqualTo(Reason.MISSING_FIELD);
        assertThat(refused).hasMessage("$.value: expected double, the field is missing");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "``",
                "{",
                "{'wide': 1} {'wide': 2}",
                "{'wide': 1, 'wide': 2}",
                "{'wide': NaN}",
                "{'wide': 01}",
                "{wide: 1}"
            })
    void shouldRefuseWhatIsNotOneJsonObject(String text) {
        MalformedEventException refused = refused(text);
        assertThat(refused.reason()).isEqualTo(Reason.UNDECODABLE);
        assertThat(refused.getMessage()).doesNotContain("StreamReadFeature");
    }

    @Test
    void shouldRefuseAHugeNestingAsAnyOther() {
        assertThat(refused("[".repeat(1_000_000)).reason()).isEqualTo(Reason.UNDECODABLE);
        assertThat(refused("{'large': 1" + "0".repeat(100_000) + "}").reason()).isEqualTo(Reason.UNDECODABLE);
    }

    @Test
    void shouldReadOrRefuseDamagedTextButNeverFailOtherwise() throws Exception {
        byte[] whole =
                json("{'flag':false,'wide':1e-3,'four':'1234','list':[1,2],'inner':{'deep':[0.5]},'maybe':null}");
        Random random = new Random(5);
        EventDecoder decoder = EventFormat.json(EVERYTHING).decoder(MODEL.spec());
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = whole.clone();
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            try {
                decoder.decode(bytes);
                // What was taken is JSON to another parser's eyes too.
                new ObjectMapper().readTree(bytes);
            } catch (MalformedEventException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @Test
    void shouldRefuseASchemaThatIsNoRecord() {
        assertThatThrownBy(() -> EventFormat.json(Schema.create(Schema.Type.STRING)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("must be a record, got string");
    }
}
