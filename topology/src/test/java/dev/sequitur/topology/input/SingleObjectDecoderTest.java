package dev.sequitur.topology.input;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sequitur.model.data.FieldValues;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.topology.fixture.TestModel;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.util.Utf8;
import org.junit.jupiter.api.Test;

class SingleObjectDecoderTest {
    private static final TestModel MODEL = TestModel.endless();

    /** Every kind of Avro type once. */
    private static final Schema EVERYTHING = SchemaBuilder.record("Everything")
            .fields()
            .requiredBoolean("flag")
            .requiredInt("small")
            .requiredLong("large")
            .requiredFloat("single")
            .requiredDouble("wide")
            .requiredString("text")
            .requiredBytes("raw")
            .name("fixed")
            .type()
            .fixed("Four")
            .size(4)
            .noDefault()
            .name("choice")
            .type()
            .enumeration("Choice")
            .symbols("x", "y", "z")
            .noDefault()
            .name("list")
            .type()
            .array()
            .items()
            .longType()
            .noDefault()
            .name("map")
            .type()
            .map()
            .values()
            .stringType()
            .noDefault()
            .name("maybe")
            .type()
            .nullable()
            .doubleType()
            .noDefault()
            .endRecord();

    private static GenericRecord everything(Random random) {
        GenericRecord record = new GenericData.Record(EVERYTHING);
        record.put("flag", random.nextBoolean());
        record.put("small", random.nextInt());
        record.put("large", random.nextLong());
        record.put("single", random.nextFloat());
        record.put("wide", random.nextDouble());
        record.put("text", "te\u00dft-" + random.nextInt(1000));
        byte[] raw = new byte[random.nextInt(20)];
        random.nextBytes(raw);
        record.put("raw", ByteBuffer.wrap(raw));
        byte[] four = new byte[4];
        random.nextBytes(four);
        record.put("fixed", new GenericData.Fixed(EVERYTHING.getField("fixed").schema(), four));
        record.put(
                "choice",
                new GenericData.EnumSymbol(
                        EVERYTHING.getField("choice").schema(),
                        List.of("x", "y", "z").get(random.nextInt(3))));
        record.put("list", random.longs(random.nextInt(5)).boxed().toList());
        record.put("map", Map.of("k", "v" + random.nextInt()));
        record.put("maybe", random.nextBoolean() ? random.nextDouble() : null);
        return record;
    }

    private static Reason reasonOf(byte[] value) {
        EventDecoder decoder = EventFormat.singleObject(List.of(EVERYTHING)).decoder(MODEL.spec());
        MalformedEventException e = catchThrowableOfType(MalformedEventException.class, () -> decoder.decode(value));
        return e == null ? null : e.reason();
    }

    @Test
    void shouldReadWhatAvrosOwnWriterWrote() throws Exception {
        Random random = new Random(1);
        EventDecoder decoder = EventFormat.singleObject(List.of(EVERYTHING)).decoder(MODEL.spec());
        for (int i = 0; i < 500; i++) {
            GenericRecord written = everything(random);
            FieldValues read = decoder.decode(TestModel.bytes(written));
            for (String column : List.of("flag", "small", "large", "single", "wide", "text", "maybe", "list")) {
                assertThat(read.value(column)).as(column).isEqualTo(written.get(column));
            }
            assertThat(read.value("choice")).isEqualTo(written.get("choice").toString());
            assertThat(read.value("raw")).isEqualTo(written.get("raw"));
            assertThat(read.value("fixed")).isEqualTo(written.get("fixed"));
            assertThat(read.value("map"))
                    .isEqualTo(Map.of(
                            new Utf8("k"),
                            new Utf8(((Map<?, ?>) written.get("map")).get("k").toString())));
        }
    }

    @Test
    void shouldRefuseARecordThatIsCutAnywhere() {
        byte[] whole = TestModel.bytes(everything(new Random(2)));
        assertThat(reasonOf(whole)).isNull();
        for (int length = 0; length < whole.length; length++) {
            assertThat(reasonOf(Arrays.copyOf(whole, length)))
                    .as("cut to %d of %d bytes", length, whole.length)
                    .isEqualTo(Reason.UNDECODABLE);
        }
    }

    @Test
    void shouldRefuseBytesAfterTheRecord() {
        byte[] whole = TestModel.bytes(everything(new Random(2)));
        assertThat(reasonOf(Arrays.copyOf(whole, whole.length + 1))).isEqualTo(Reason.UNDECODABLE);
    }

    @Test
    void shouldReadOrRefuseDamagedBytesButNeverFailOtherwise() {
        Random random = new Random(3);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = TestModel.bytes(everything(random));
            int damaged = 1 + random.nextInt(3);
            for (int d = 0; d < damaged; d++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Reason reason = reasonOf(bytes);
            refused += reason == null ? 0 : 1;
            assertThat(reason).isIn(null, Reason.UNDECODABLE, Reason.UNKNOWN_SCHEMA);
        }
        assertThat(refused).isPositive();
    }

    @Test
    void shouldRefuseAClaimedLengthOfGigabytesWithoutAllocatingIt() {
        Schema text =
                SchemaBuilder.record("Text").fields().requiredString("text").endRecord();
        Schema list = SchemaBuilder.record("Texts")
                .fields()
                .name("texts")
                .type()
                .array()
                .items()
                .stringType()
                .noDefault()
                .endRecord();
        GenericRecord shortText = new GenericData.Record(text);
        shortText.put("text", "");
        GenericRecord noTexts = new GenericData.Record(list);
        noTexts.put("texts", List.of());
        EventDecoder decoder = EventFormat.singleObject(List.of(text, list)).decoder(MODEL.spec());
        for (GenericRecord empty : List.of(shortText, noTexts)) {
            // The length 0 at the end becomes 2,000,000,000 as a zigzag number of 5 bytes.
            byte[] bytes = TestModel.bytes(empty);
            byte[] huge = Arrays.copyOf(bytes, bytes.length + 4);
            long zigzag = 2L * 2_000_000_000;
            for (int i = 0; i < 5; i++) {
                huge[bytes.length - 1 + i] = (byte) (zigzag >>> 7 * i & 0x7F | (i < 4 ? 0x80 : 0));
            }
            assertThatThrownBy(() -> decoder.decode(huge))
                    .isInstanceOf(MalformedEventException.class)
                    .hasMessageContaining("2000000000")
                    .hasMessageContaining("0 bytes are left");
        }
    }

    @Test
    void shouldNameTheKnownSchemasWhereOneIsUnknown() {
        byte[] bytes = TestModel.bytes(everything(new Random(4)));
        EventDecoder decoder = EventFormat.singleObject(List.of()).decoder(MODEL.spec());
        String known = String.format("%016x", org.apache.avro.SchemaNormalization.parsingFingerprint64(MODEL.schema()));
        assertThatThrownBy(() -> decoder.decode(bytes))
                .isInstanceOf(MalformedEventException.class)
                .hasMessageContaining(known);
    }

    @Test
    void shouldReadTheSpecsOwnSchemaUnderTheSpecsNames() throws Exception {
        FieldValues values = EventFormat.singleObject(List.of())
                .decoder(MODEL.spec())
                .decode(TestModel.bytes(MODEL.record("a", T0, 2.5, "b")));
        assertThat(values.value("device")).isEqualTo("a");
        assertThat(values.value("value")).isEqualTo(2.5);
        assertThat(values.value("kind")).isEqualTo("b");
    }

    @Test
    void shouldReadNestedColumnsOfAnotherSchema() throws Exception {
        Schema inner =
                SchemaBuilder.record("Inner").fields().requiredDouble("b").endRecord();
        Schema outer = SchemaBuilder.record("Outer")
                .fields()
                .name("a")
                .type(inner)
                .noDefault()
                .endRecord();
        GenericRecord nested = new GenericData.Record(inner);
        nested.put("b", 1.5);
        GenericRecord record = new GenericData.Record(outer);
        record.put("a", nested);
        FieldValues values =
                EventFormat.singleObject(List.of(outer)).decoder(MODEL.spec()).decode(TestModel.bytes(record));
        assertThat(values.value("a.b")).isEqualTo(1.5);
    }
}
