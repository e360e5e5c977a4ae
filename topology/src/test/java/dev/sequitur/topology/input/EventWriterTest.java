package dev.sequitur.topology.input;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sequitur.model.data.Event;
import dev.sequitur.topology.fixture.MapRegistry;
import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.registry.SchemaRegistryException;
import dev.sequitur.topology.registry.SubjectNaming;
import org.junit.jupiter.api.Test;

/** What is written, by Avro's and Jackson's own means, and that it is read again. */
class EventWriterTest {
    private static final TestModel MODEL = TestModel.endless();
    private static final Event EVENT = new Event("ä \"1\"", T0, new Object[] {2.5, "b"}, false);

    private final MapRegistry registry = new MapRegistry();

    private EventWriter confluent() {
        return EventWriter.confluent(MODEL.spec(), "readings", registry, SubjectNaming.TOPIC);
    }

    @Test
    void shouldWriteTheIdThatTheRegistryGivesAndTheRecord() {
        assertThat(confluent().value(EVENT))
                .isEqualTo(MapRegistry.framed(
                        registry.registered().get("readings-value"), MODEL.record(EVENT.entity(), T0, 2.5, "b")));
    }

    @Test
    void shouldWriteASchemaThatReadersFindInTheRegistry() throws Exception {
        Event read = new RecordReader(MODEL.spec(), EventFormat.confluent(registry))
                .event(confluent().value(EVENT), null)
                .orElseThrow();
        assertSame(read);
    }

    @Test
    void shouldNotBeginWithoutTheRegistry() {
        registry.goDown();
        assertThatThrownBy(this::confluent).isInstanceOf(SchemaRegistryException.class);
    }

    @Test
    void shouldWriteAPlainJsonObject() throws Exception {
        byte[] value = EventWriter.json(MODEL.spec()).value(EVENT);
        JsonNode json = new ObjectMapper().readTree(value);
        assertThat(json.get("device").textValue()).isEqualTo(EVENT.entity());
        assertThat(json.get("at").longValue()).isEqualTo(T0);
        assertThat(json.get("value").doubleValue()).isEqualTo(2.5);
        assertThat(json.get("kind").textValue()).isEqualTo("b");
        assertSame(new RecordReader(MODEL.spec(), EventFormat.json())
                .event(value, null)
                .orElseThrow());
    }

    private static void assertSame(Event read) {
        assertThat(read.entity()).isEqualTo(EVENT.entity());
        assertThat(read.timeMs()).isEqualTo(EVENT.timeMs());
        assertThat(read.values()).containsExactly(EVENT.values());
    }
}
