package dev.sequitur.topology.input;

import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.data.FieldValues;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedEventException.Reason;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * Events in Avro single-object encoding of the spec's own event schema, or of another known one that has the spec's
 * columns.
 *
 * <p>Threading: belongs to one thread.
 */
final class SingleObjectDecoder implements EventDecoder {
    private static final byte[] MARKER = {(byte) 0xC3, 0x01};
    private static final int HEADER = MARKER.length + Long.BYTES;

    private final Map<Long, WrittenRecords> known = new HashMap<>();

    /** @param writers schemas that events may be written with, besides the spec's own */
    SingleObjectDecoder(EventSchema events, Collection<Schema> writers) {
        writers.forEach(writer -> know(events, writer));
        know(events, events.schema());
    }

    private void know(EventSchema events, Schema writer) {
        long fingerprint = SchemaNormalization.parsingFingerprint64(writer);
        known.put(fingerprint, new WrittenRecords(events, writer, hex(fingerprint)));
    }

    /**
     * @throws MalformedEventException UNDECODABLE when the bytes aren't one object in single-object encoding,
     *     UNKNOWN_SCHEMA when its schema isn't known
     */
    @Override
    public FieldValues decode(byte[] value) throws MalformedEventException {
        if (value.length < HEADER || value[0] != MARKER[0] || value[1] != MARKER[1]) {
            throw new MalformedEventException(
                    Reason.UNDECODABLE,
                    "the value of " + value.length + " bytes is not in Avro single-object encoding: expected it to"
                            + " start with C3 01 and the schema's fingerprint");
        }
        long fingerprint = ByteBuffer.wrap(value).order(ByteOrder.LITTLE_ENDIAN).getLong(MARKER.length);
        WrittenRecords records = known.get(fingerprint);
        if (records == null) {
            throw new MalformedEventException(
                    Reason.UNKNOWN_SCHEMA,
                    "the value's schema has the fingerprint " + hex(fingerprint) + ", known are " + known()
                            + "; write events with the pipeline's schema, or give theirs as a writer schema");
        }
        return records.read(value, HEADER);
    }

    private String known() {
        TreeSet<String> names = new TreeSet<>();
        known.keySet().forEach(fingerprint -> names.add(hex(fingerprint)));
        return String.join(", ", names);
    }

    private static String hex(long fingerprint) {
        return String.format("%016x", fingerprint);
    }
}
