package dev.sequitur.topology.output;

import dev.sequitur.topology.registry.SchemaRegistry;
import dev.sequitur.topology.registry.UnknownSchemaException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificData;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;

/**
 * Results in {@linkplain ResultFormat#confluent Confluent's wire format}, whatever version of their schema they were
 * written with. Null stays null.
 *
 * <p>Threading: belongs to one thread.
 */
public final class FramedDeserializer<T extends SpecificRecord> implements Deserializer<T> {
    private static final int HEADER = 1 + Integer.BYTES;

    private final Class<T> type;
    private final SchemaRegistry registry;
    private final Map<Integer, SpecificDatumReader<T>> readers = new HashMap<>();

    public FramedDeserializer(Class<T> type, SchemaRegistry registry) {
        this.type = type;
        this.registry = registry;
    }

    /**
     * @throws SerializationException when the bytes aren't exactly one such record
     * @throws dev.sequitur.topology.registry.SchemaRegistryException when the registry can't be asked
     */
    @Override
    public T deserialize(String topic, byte[] value) {
        if (value == null) {
            return null;
        }
        if (value.length < HEADER || value[0] != 0) {
            throw refused(topic, value, "it doesn't start with 00 and the four bytes of a schema's id", null);
        }
        try {
            BinaryDecoder bytes = DecoderFactory.get().binaryDecoder(value, HEADER, value.length - HEADER, null);
            T record = reader(ByteBuffer.wrap(value).getInt(1)).read(null, bytes);
            if (!bytes.isEnd()) {
                throw refused(topic, value, "there is more behind it", null);
            }
            return record;
        } catch (IOException | UnknownSchemaException | org.apache.avro.AvroRuntimeException e) {
            throw refused(topic, value, e.getMessage(), e);
        }
    }

    private SpecificDatumReader<T> reader(int id) throws UnknownSchemaException {
        SpecificDatumReader<T> reader = readers.get(id);
        if (reader == null) {
            SpecificData data = SpecificData.getForClass(type);
            reader = new SpecificDatumReader<>(registry.schema(id), data.getSchema(type), data);
            readers.put(id, reader);
        }
        return reader;
    }

    private SerializationException refused(String topic, byte[] value, String why, Exception cause) {
        return new SerializationException(
                "expected a " + type.getSimpleName() + " in Confluent's wire format in '" + topic + "', got "
                        + value.length + " bytes that are none: " + why,
                cause);
    }
}
