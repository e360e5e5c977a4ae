package dev.sequitur.topology.input;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.data.FieldValues;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedEventException.Reason;
import java.io.IOException;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericRecord;

/**
 * Events as JSON (RFC 8259) objects, one a record, checked against a declared schema. A name that stands twice in an object
 * is refused, and so is anything after the object.
 *
 * <p>Threading: safe for use by many threads.
 */
final class JsonDecoder implements EventDecoder {
    private static final ObjectReader JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build()
            .readerFor(JsonNode.class);

    private final EventSchema events;
    private final Schema declared;
    private final boolean own;

    JsonDecoder(EventSchema events, Schema declared) {
        requireRecord(declared);
        this.events = events;
        this.declared = declared;
        this.own = declared.equals(events.schema());
    }

    static void requireRecord(Schema declared) {
        if (declared.getType() != Schema.Type.RECORD) {
            throw new IllegalArgumentException("the schema of JSON events must be a record, got "
                    + declared.getType().getName());
        }
    }

    /**
     * @throws MalformedEventException UNDECODABLE when the bytes aren't JSON; MISSING_FIELD, WRONG_TYPE or NOT_FINITE, with
     *     the path of the field, when they don't have the schema
     */
    @Override
    public FieldValues decode(byte[] value) throws MalformedEventException {
        GenericRecord record = JsonRecords.read(parse(value), declared);
        return own ? events.values(record) : WrittenRecords.foreign(events, record);
    }

    private static JsonNode parse(byte[] value) throws MalformedEventException {
        JsonNode root;
        try {
            root = JSON.readTree(value);
        } catch (JsonProcessingException e) {
            // Jackson has words on a source that it doesn't know, at the end of the full message and within the
            // original.
            String where =
                    e.getLocation() == null ? "" : " at byte " + e.getLocation().getByteOffset();
            throw new MalformedEventException(
                    Reason.UNDECODABLE,
                    "the value is not JSON" + where + ": "
                            + e.getOriginalMessage().replaceFirst(" \\(start marker at .*", ""));
        } catch (IOException e) {
            throw new MalformedEventException(Reason.UNDECODABLE, "the value is not JSON: " + e);
        }
        if (root.isMissingNode()) {
            throw new MalformedEventException(Reason.UNDECODABLE, "the value is empty, expected a JSON object");
        }
        return root;
    }
}
