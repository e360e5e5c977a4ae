package dev.sequitur.topology.input;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.topology.output.ResultFormat;
import dev.sequitur.topology.registry.SchemaRegistry;
import dev.sequitur.topology.registry.SubjectNaming;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;

/**
 * The events of a spec as values of a topic, with {@linkplain EventSchema the spec's own event schema}: what an {@link
 * EventFormat} reads.
 *
 * <p>Threading: safe for use by many threads.
 */
@FunctionalInterface
public interface EventWriter {
    /** @throws IllegalArgumentException when the event isn't one of the spec */
    byte[] value(Event event);

    /** Avro single-object encoding. */
    static EventWriter singleObject(PipelineSpec spec) {
        return new EventSchema(spec)::encode;
    }

    /**
     * Confluent's wire format. The registry is asked for the schema's id now, and registers the schema where it may.
     *
     * @throws dev.sequitur.topology.registry.SchemaRegistryException when it gives none
     */
    static EventWriter confluent(PipelineSpec spec, String topic, SchemaRegistry registry, SubjectNaming naming) {
        EventSchema events = new EventSchema(spec);
        byte[] header = ResultFormat.confluent(registry, naming).header(topic, events.schema());
        GenericDatumWriter<GenericRecord> writer = new GenericDatumWriter<>(events.schema());
        return event -> {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            bytes.writeBytes(header);
            BinaryEncoder encoder = EncoderFactory.get().directBinaryEncoder(bytes, null);
            try {
                writer.write(events.record(event), encoder);
            } catch (IOException e) {
                throw new UncheckedIOException("an event in memory is always encoded", e);
            }
            return bytes.toByteArray();
        };
    }

    /** A JSON object. */
    static EventWriter json(PipelineSpec spec) {
        EventSchema events = new EventSchema(spec);
        // Avro's text of a record is plain JSON: values of unions stand there bare, times are numbers.
        return event -> events.record(event).toString().getBytes(StandardCharsets.UTF_8);
    }
}
