package dev.sequitur.topology.input;

import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.topology.registry.SchemaRegistry;
import java.util.Collection;
import java.util.List;
import org.apache.avro.Schema;

/**
 * How the values of events are encoded. Whatever schema an event was written with, it is read by it, and the columns of
 * the spec are taken out of it by name: fields that the spec doesn't name are ignored, and those that an event lacks are
 * missing.
 *
 * <p>Threading: immutable; a decoder belongs to one thread.
 */
@FunctionalInterface
public interface EventFormat {
    EventDecoder decoder(PipelineSpec spec);

    /** Avro single-object encoding of {@linkplain EventSchema the spec's own event schema}. */
    static EventFormat singleObject() {
        return singleObject(List.of());
    }

    /**
     * Avro single-object encoding of the spec's own event schema, or of another known one.
     *
     * @param writers schemas that events may be written with, besides the spec's own
     */
    static EventFormat singleObject(Collection<Schema> writers) {
        List<Schema> known = List.copyOf(writers);
        return spec -> new SingleObjectDecoder(new EventSchema(spec), known);
    }

    /** Confluent's wire format: a zero byte, the id of the writer's schema in four bytes, Avro. */
    static EventFormat confluent(SchemaRegistry registry) {
        return spec -> new ConfluentDecoder(new EventSchema(spec), registry);
    }

    /** JSON objects that have the spec's own event schema. */
    static EventFormat json() {
        return spec -> {
            EventSchema events = new EventSchema(spec);
            return new JsonDecoder(events, events.schema());
        };
    }

    /**
     * JSON objects that have a declared schema. They are plain JSON: a field that is missing takes its default, a value of
     * a union stands there bare, and belongs to the first branch that it fits. What the schema doesn't name is ignored.
     *
     * @param declared a record
     * @throws IllegalArgumentException when it isn't one
     */
    static EventFormat json(Schema declared) {
        JsonDecoder.requireRecord(declared);
        return spec -> new JsonDecoder(new EventSchema(spec), declared);
    }
}
