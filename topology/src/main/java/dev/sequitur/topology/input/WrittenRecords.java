package dev.sequitur.topology.input;

import dev.sequitur.model.data.AvroFieldValues;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.data.FieldValues;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedEventException.Reason;
import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;

/**
 * Events that one schema was written with, in Avro's binary encoding.
 *
 * <p>Threading: belongs to one thread.
 */
final class WrittenRecords {
    private final EventSchema events;
    private final GenericDatumReader<Object> reader;
    private final String name;
    private final boolean own;

    /**
     * @param writer a record, or a union that has some
     * @param name of the schema in messages
     */
    WrittenRecords(EventSchema events, Schema writer, String name) {
        this.events = events;
        this.reader = new GenericDatumReader<>(writer);
        this.name = name;
        this.own = writer.equals(events.schema());
    }

    /** @throws MalformedEventException UNDECODABLE when the bytes from there on aren't one record */
    FieldValues read(byte[] value, int from) throws MalformedEventException {
        BoundedDecoder bytes = new BoundedDecoder(value, from);
        Object read;
        try {
            read = reader.read(null, bytes);
        } catch (IOException | RuntimeException e) {
            // Damaged bytes make Avro throw whatever they lead to: a wrong index, an unknown branch, an early end.
            throw new MalformedEventException(
                    Reason.UNDECODABLE, "the value is not a record of schema " + name + ": " + e);
        }
        if (bytes.remaining() > 0) {
            throw new MalformedEventException(
                    Reason.UNDECODABLE,
                    "the value has " + bytes.remaining() + " bytes after the record of schema " + name);
        }
        if (!(read instanceof GenericRecord record)) {
            throw new MalformedEventException(
                    Reason.UNDECODABLE, "the value of schema " + name + " is no record, expected an event");
        }
        return own ? events.values(record) : foreign(events, record);
    }

    /** A schema that isn't the spec's own may nest columns, which the spec's own has flat. */
    static FieldValues foreign(EventSchema events, GenericRecord record) {
        FieldValues own = events.values(record);
        FieldValues foreign = new AvroFieldValues(record);
        return column -> {
            Object value = foreign.value(column);
            return value != null ? value : own.value(column);
        };
    }
}
