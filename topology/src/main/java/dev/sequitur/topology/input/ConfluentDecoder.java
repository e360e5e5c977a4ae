package dev.sequitur.topology.input;

import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.data.FieldValues;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.topology.registry.SchemaRegistry;
import dev.sequitur.topology.registry.UnknownSchemaException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;

/**
 * Events in Confluent's wire format: a zero byte, the id of the writer's schema in four bytes (big endian), Avro's binary
 * encoding. The registry is asked once for an id; then its reader is kept.
 *
 * <p>Threading: belongs to one thread.
 */
final class ConfluentDecoder implements EventDecoder {
    private static final int HEADER = 1 + Integer.BYTES;

    private final EventSchema events;
    private final SchemaRegistry registry;
    private final Map<Integer, WrittenRecords> known = new HashMap<>();

    ConfluentDecoder(EventSchema events, SchemaRegistry registry) {
        this.events = events;
        this.registry = registry;
    }

    /**
     * @throws MalformedEventException UNDECODABLE when the bytes aren't one record in this format, UNKNOWN_SCHEMA when the
     *     registry has no Avro record under the id
     * @throws dev.sequitur.topology.registry.SchemaRegistryException when the registry can't tell
     */
    @Override
    public FieldValues decode(byte[] value) throws MalformedEventException {
        if (value.length < HEADER || value[0] != 0) {
            throw new MalformedEventException(
                    Reason.UNDECODABLE,
                    "the value of " + value.length + " bytes is not in Confluent's wire format: expected it to start"
                            + " with 00 and the four bytes of a schema's id");
        }
        int id = ByteBuffer.wrap(value).getInt(1);
        WrittenRecords records = known.get(id);
        if (records == null) {
            records = lookUp(id);
            known.put(id, records);
        }
        return records.read(value, HEADER);
    }

    private WrittenRecords lookUp(int id) throws MalformedEventException {
        Schema writer;
        try {
            writer = registry.schema(id);
        } catch (UnknownSchemaException e) {
            throw new MalformedEventException(Reason.UNKNOWN_SCHEMA, e.getMessage());
        }
        if (writer.getType() != Schema.Type.RECORD && !writer.isUnion()) {
            throw new MalformedEventException(
                    Reason.UNKNOWN_SCHEMA,
                    "the value's schema " + id + " is of type "
                            + writer.getType().getName() + ", expected a record");
        }
        return new WrittenRecords(events, writer, Integer.toString(id));
    }
}
