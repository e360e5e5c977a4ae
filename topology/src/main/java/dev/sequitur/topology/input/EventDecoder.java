package dev.sequitur.topology.input;

import dev.sequitur.model.data.AvroFieldValues;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.data.FieldValues;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.model.spec.PipelineSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;

/**
 * Reads the values of events: Avro single-object encoding of the spec's own event schema, or of another known one that
 * has the spec's columns.
 *
 * <p>Threading: belongs to one thread.
 */
final class EventDecoder {
    private static final byte[] MARKER = {(byte) 0xC3, 0x01};
    private static final int HEADER = MARKER.length + Long.BYTES;

    private final EventSchema events;
    private final Map<Long, GenericDatumReader<GenericRecord>> readers = new HashMap<>();

    /** @param writers schemas that events may be written with, besides the spec's own */
    EventDecoder(PipelineSpec spec, Collection<Schema> writers) {
        events = new EventSchema(spec);
        writers.forEach(this::know);
        know(events.schema());
    }

    private void know(Schema writer) {
        readers.put(SchemaNormalization.parsingFingerprint64(writer), new GenericDatumReader<>(writer));
    }

    /**
     * @throws MalformedEventException UNDECODABLE when the bytes aren't one object in single-object encoding,
     *     UNKNOWN_SCHEMA when its schema isn't known
     */
    FieldValues decode(byte[] value) throws MalformedEventException {
        if (value.length < HEADER || value[0] != MARKER[0] || value[1] != MARKER[1]) {
            throw new MalformedEventException(
                    Reason.UNDECODABLE,
                    "the value of " + value.length + " bytes is not in Avro single-object encoding: expected it to"
                            + " start with C3 01 and the schema's fingerprint");
        }
        long fingerprint = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong(MARKER.length);
        GenericDatumReader<GenericRecord> reader = readers.get(fingerprint);
        if (reader == null) {
            throw new MalformedEventException(
                    Reason.UNKNOWN_SCHEMA,
                    "the value's schema has the fingerprint " + hex(fingerprint) + ", known are " + known()
                            + "; write events with the pipeline's schema, or give theirs as a writer schema");
        }
        BoundedDecoder bytes = new BoundedDecoder(value, HEADER);
        GenericRecord record;
        try {
            record = reader.read(null, bytes);
        } catch (IOException | RuntimeException e) {
            // Damaged bytes make Avro throw whatever they lead to: a wrong index, an unknown branch, an early end.
            throw new MalformedEventException(
                    Reason.UNDECODABLE, "the value is not a record of schema " + hex(fingerprint) + ": " + e);
        }
        if (bytes.remaining() > 0) {
            throw new MalformedEventException(
                    Reason.UNDECODABLE,
                    "the value has " + bytes.remaining() + " bytes after the record of schema " + hex(fingerprint));
        }
        return values(record);
    }

    /** A schema that isn't the spec's own may nest columns, which the spec's own has flat. */
    private FieldValues values(GenericRecord record) {
        FieldValues own = events.values(record);
        if (record.getSchema().equals(events.schema())) {
            return own;
        }
        FieldValues foreign = new AvroFieldValues(record);
        return column -> {
            Object value = foreign.value(column);
            return value != null ? value : own.value(column);
        };
    }

    private String known() {
        TreeSet<String> known = new TreeSet<>();
        readers.keySet().forEach(fingerprint -> known.add(hex(fingerprint)));
        return String.join(", ", known);
    }

    private static String hex(long fingerprint) {
        return String.format("%016x", fingerprint);
    }
}
