package dev.sequitur.topology.input;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.topology.fixture.MapRegistry;
import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.registry.SchemaRegistryException;
import java.util.Arrays;
import java.util.Random;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.junit.jupiter.api.Test;

class ConfluentDecoderTest {
    private static final TestModel MODEL = TestModel.endless();

    /** A device as another team has it: other types, nested, more than is asked for, and nothing of the kind. */
    private static final Schema NESTED = SchemaBuilder.record("elsewhere.Reading")
            .fields()
            .requiredString("comment")
            .requiredString("device")
            .requiredLong("at")
            .requiredInt("value")
            .endRecord();

    private final MapRegistry registry = new MapRegistry();
    private final RecordReader reader = new RecordReader(MODEL.spec(), EventFormat.confluent(registry));

    private Event read(byte[] value) throws MalformedEventException {
        return reader.event(value, null).orElseThrow();
    }

    private MalformedEventException refused(byte[] value) {
        return catchThrowableOfType(MalformedEventException.class, () -> read(value));
    }

    @Test
    void shouldReadAnEventByTheSchemaOfItsId() throws Exception {
        registry.put(0x01020304, MODEL.schema());
        byte[] value = MapRegistry.framed(0x01020304, MODEL.record("a", T0, 2.5, "b"));
        assertThat(Arrays.copyOf(value, 5)).containsExactly(0, 1, 2, 3, 4);
        Event event = read(value);
        assertThat(event.entity()).isEqualTo("a");
        assertThat(event.timeMs()).isEqualTo(T0);
        assertThat(event.values()).containsExactly(2.5, "b");
    }

    @Test
    void shouldReadEventsOfSeveralVersionsByTheirColumns() throws Exception {
        Schema other = SchemaBuilder.record("elsewhere.Reading")
                .fields()
                .requiredString("comment")
                .requiredString("device")
                .requiredLong("at")
                .requiredInt("value")
                .name("kind")
                .type()
                .enumeration("Kind")
                .symbols("a", "b")
                .noDefault()
                .endRecord();
        registry.put(1, MODEL.schema());
        registry.put(2, other);
        GenericRecord record = new GenericRecordBuilder(other)
                .set("comment", "seldom")
                .set("device", "d")
                .set("at", T0)
                .set("value", 7)
                .set("kind", new GenericData.EnumSymbol(other.getField("kind").schema(), "b"))
                .build();
        assertThat(read(MapRegistry.framed(1, MODEL.record("d", T0, 1.5, "a"))).values())
                .containsExactly(1.5, "a");
        assertThat(read(MapRegistry.framed(2, record)).values()).containsExactly(7.0, "b");
        assertThat(read(MapRegistry.framed(1, MODEL.record("d", T0, 2.5, "a"))).values())
                .containsExactly(2.5, "a");
    }

    @Test
    void shouldReadTheBranchOfAUnionOfEvents() throws Exception {
        Schema note =
                SchemaBuilder.record("Note").fields().requiredString("device").endRecord();
        registry.put(5, Schema.createUnion(note, MODEL.schema()));
        byte[] body = MapRegistry.framed(5, MODEL.record("a", T0, 2.5, "b"));
        byte[] value = new byte[body.length + 1];
        System.arraycopy(body, 0, value, 0, 5);
        // The index of the branch, 1, as a zigzag number.
        value[5] = 2;
        System.arraycopy(body, 5, value, 6, body.length - 5);
        assertThat(read(value).values()).containsExactly(2.5, "b");
    }

    @Test
    void shouldAskTheRegistryOnceForAnId() throws Exception {
        registry.put(7, MODEL.schema());
        for (int i = 0; i < 100; i++) {
            read(MapRegistry.framed(7, MODEL.record("a", T0 + i, i, "a")));
        }
        assertThat(registry.lookUps()).isEqualTo(1);
    }

    @Test
    void shouldRefuseAnEventWhoseSchemaLacksAColumn() {
        registry.put(1, NESTED);
        GenericRecord record = new GenericRecordBuilder(NESTED)
                .set("comment", "")
                .set("device", "d")
                .set("at", T0)
                .set("value", 7)
                .build();
        MalformedEventException refused = refused(MapRegistry.framed(1, record));
        assertThat(refused.reason()).isEqualTo(Reason.MISSING_FIELD);
        assertThat(refused).hasMessageContaining("kind");
    }

    @Test
    void shouldRefuseAnIdThatTheRegistryDoesNotKnow() {
        MalformedEventException refused = refused(MapRegistry.framed(9, MODEL.record("a", T0, 2.5, "b")));
        assertThat(refused.reason()).isEqualTo(Reason.UNKNOWN_SCHEMA);
        assertThat(refused).hasMessageContaining("9");
    }

    @Test
    void shouldRefuseASchemaThatIsNoRecord() {
        registry.put(3, Schema.create(Schema.Type.STRING));
        MalformedEventException refused = refused(new byte[] {0, 0, 0, 0, 3, 2, 'x'});
        assertThat(refused.reason()).isEqualTo(Reason.UNKNOWN_SCHEMA);
        assertThat(refused).hasMessageContaining("string").hasMessageContaining("3");
    }

    @Test
    void shouldNotTakeASilentRegistryForABadEvent() throws Exception {
        registry.put(7, MODEL.schema());
        registry.goDown();
        byte[] value = MapRegistry.framed(7, MODEL.record("a", T0, 2.5, "b"));
        assertThatThrownBy(() -> read(value)).isInstanceOf(SchemaRegistryException.class);
        registry.comeBack();
        assertThat(read(value).values()).containsExactly(2.5, "b");
        registry.goDown();
        // What was looked up once needs no registry.
        assertThat(read(value).values()).containsExactly(2.5, "b");
    }

    @Test
    void shouldRefuseOtherFormats() {
        assertThat(refused(new byte[0]).reason()).isEqualTo(Reason.UNDECODABLE);
        assertThat(refused(new byte[] {0, 0, 0, 1}).reason()).isEqualTo(Reason.UNDECODABLE);
        assertThat(refused(MODEL.event("a", T0, 1)).reason()).isEqualTo(Reason.UNDECODABLE);
        assertThat(refused("{}".getBytes(java.nio.charset.StandardCharsets.UTF_8))
                        .reason())
                .isEqualTo(Reason.UNDECODABLE);
        assertThat(registry.lookUps()).isZero();
    }

    @Test
    void shouldRefuseARecordThatIsCutOrTooLong() {
        registry.put(7, MODEL.schema());
        byte[] whole = MapRegistry.framed(7, MODEL.record("a", T0, 2.5, "b"));
        for (int length = 0; length <= whole.length + 1; length++) {
            if (length != whole.length) {
                assertThat(refused(Arrays.copyOf(whole, length)).reason())
                        .as("%d of %d bytes", length, whole.length)
                        .isEqualTo(Reason.UNDECODABLE);
            }
        }
    }

    @Test
    void shouldReadOrRefuseDamagedBytesButNeverFailOtherwise() {
        registry.put(7, MODEL.schema());
        registry.put(8, NESTED);
        Random random = new Random(3);
        byte[] whole = MapRegistry.framed(7, MODEL.record("some-device", T0, 2.5, "b"));
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = whole.clone();
            for (int d = random.nextInt(3); d >= 0; d--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            try {
                read(bytes);
            } catch (MalformedEventException e) {
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }
}
