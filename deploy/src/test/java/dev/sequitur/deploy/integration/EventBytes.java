package dev.sequitur.deploy.integration;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.spec.PipelineSpec;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.message.BinaryMessageEncoder;

/** Events and other records in Avro's single-object encoding. */
public final class EventBytes {
    private final EventSchema schema;

    public EventBytes(PipelineSpec spec) {
        schema = new EventSchema(spec);
    }

    public EventSchema schema() {
        return schema;
    }

    Input input(Event event) {
        return Input.event(event, of(event));
    }

    public byte[] of(Event event) {
        return of(schema.record(event));
    }

    static byte[] of(GenericRecord record) {
        try {
            ByteBuffer bytes =
                    new BinaryMessageEncoder<GenericRecord>(GenericData.get(), record.getSchema()).encode(record);
            byte[] value = new byte[bytes.remaining()];
            bytes.get(value);
            return value;
        } catch (IOException e) {
            throw new UncheckedIOException("a record in memory is always encoded", e);
        }
    }
}
