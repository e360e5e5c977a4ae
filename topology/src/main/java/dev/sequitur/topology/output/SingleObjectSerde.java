package dev.sequitur.topology.output;

import dev.sequitur.schemas.ReleasedSchemas;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.avro.Schema;
import org.apache.avro.SchemaNormalization;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/**
 * Generated Avro records in single-object encoding: two marker bytes, the schema's fingerprint, the record. Written with
 * the current schema; read with it and with that of every released version. Null stays null.
 *
 * <p>Threading: safe for use by many threads.
 */
public final class SingleObjectSerde<T extends SpecificRecord> implements Serde<T> {
    private final String type;
    private final BinaryMessageEncoder<T> encoder;
    private final BinaryMessageDecoder<T> decoder;

    public SingleObjectSerde(Class<T> type) {
        SpecificData data = SpecificData.getForClass(type);
        this.type = type.getSimpleName();
        this.encoder = new BinaryMessageEncoder<>(data, data.getSchema(type));
        this.decoder = new BinaryMessageDecoder<>(data, data.getSchema(type));
        ReleasedSchemas.of(type).forEach(decoder::addSchema);
    }

    /** What a record of this schema starts with: the marker and the schema's fingerprint. */
    public static byte[] header(Schema schema) {
        return ByteBuffer.allocate(2 + Long.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) 0xC3)
                .put((byte) 1)
                .putLong(SchemaNormalization.parsingFingerprint64(schema))
                .array();
    }

    @Override
    public Serializer<T> serializer() {
        return (topic, record) -> {
            if (record == null) {
                return null;
            }
            try {
                ByteBuffer bytes = encoder.encode(record);
                byte[] value = new byte[bytes.remaining()];
                bytes.get(value);
                return value;
            } catch (IOException e) {
                throw new UncheckedIOException("can't write a " + type + " for '" + topic + "'", e);
            }
        };
    }

    /** Throws {@link SerializationException} for bytes that aren't exactly one such record. */
    @Override
    public Deserializer<T> deserializer() {
        return (topic, value) -> {
            if (value == null) {
                return null;
            }
            ByteArrayInputStream bytes = new ByteArrayInputStream(value);
            T record;
            try {
                record = decoder.decode(bytes);
            } catch (IOException | RuntimeException e) {
                throw new SerializationException(
                        "expected a " + type + " in Avro single-object encoding in '" + topic + "', got " + value.length
                                + " bytes that are none: " + e.getMessage(),
                        e);
            }
            if (bytes.available() > 0) {
                throw new SerializationException("expected nothing after the " + type + " in '" + topic + "', got "
                        + bytes.available() + " bytes more");
            }
            return record;
        };
    }
}
