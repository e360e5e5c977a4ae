package dev.sequitur.deploy.containers;

import dev.sequitur.deploy.integration.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;

/**
 * Confluent's wire format by hand: a zero, the schema's id in the registry in four bytes, the record in Avro. (Single-object
 * encoding has two bytes and the schema's fingerprint in eight, the lowest byte first, in front of the same record.)
 */
final class ConfluentFormat implements WireFormat {
    private static final int SINGLE_OBJECT_HEADER = 10;
    private static final int FINGERPRINT_AT = 2;
    private static final int HEADER = 5;
    /** No registry has so many. */
    private static final int UNKNOWN = 2_000_000_000;

    private final RegistryContainer registry;
    private final int eventId;
    private final long eventFingerprint;
    private final Map<Integer, Schema> schemas = new HashMap<>();

    /** @param events schema of the events */
    ConfluentFormat(RegistryContainer registry, String topic, Schema events) throws IOException, InterruptedException {
        this.registry = registry;
        this.eventId = registry.register(topic + "-value", events);
        this.eventFingerprint = SchemaNormalization.parsingFingerprint64(events);
    }

    @Override
    public byte[] event(byte[] singleObject) {
        if (singleObject == null) {
            return null;
        }
        ByteBuffer from = ByteBuffer.wrap(singleObject).order(ByteOrder.LITTLE_ENDIAN);
        int id = from.getLong(FINGERPRINT_AT) == eventFingerprint ? eventId : UNKNOWN;
        return ByteBuffer.allocate(singleObject.length - SINGLE_OBJECT_HEADER + HEADER)
                .put((byte) 0)
                .putInt(id)
                .put(from.position(SINGLE_OBJECT_HEADER))
                .array();
    }

    @Override
    public byte[] result(byte[] value) {
        ByteBuffer from = ByteBuffer.wrap(value);
        if (from.get() != 0) {
            throw new AssertionError("a result begins with " + value[0] + ", expected the magic byte 0");
        }
        Schema schema = schemas.computeIfAbsent(from.getInt(), this::schema);
        return ByteBuffer.allocate(value.length - HEADER + SINGLE_OBJECT_HEADER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 0xC3)
                .put((byte) 0x01)
                .putLong(SchemaNormalization.parsingFingerprint64(schema))
                .put(from)
                .array();
    }

    private Schema schema(int id) {
        try {
            return registry.schema(id);
        } catch (IOException e) {
            throw new AssertionError("the registry doesn't tell the schema " + id, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
