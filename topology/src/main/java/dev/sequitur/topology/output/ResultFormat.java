package dev.sequitur.topology.output;

import dev.sequitur.topology.registry.SchemaRegistry;
import dev.sequitur.topology.registry.SubjectNaming;
import java.nio.ByteBuffer;
import org.apache.avro.Schema;

/**
 * How scores and predictions are encoded: Avro's binary encoding, behind a header that names the schema.
 *
 * <p>Threading: immutable.
 */
@FunctionalInterface
public interface ResultFormat {
    /** What each record of a topic starts with. Asked once, while the topology is built. */
    byte[] header(String topic, Schema schema);

    /** Avro single-object encoding: a marker and the schema's fingerprint, ten bytes. */
    static ResultFormat singleObject() {
        return (topic, schema) -> SingleObjectSerde.header(schema);
    }

    /**
     * Confluent's wire format: a zero byte and the schema's id in four bytes, big endian. The header throws {@link
     * dev.sequitur.topology.registry.SchemaRegistryException} where the registry gives no id.
     */
    static ResultFormat confluent(SchemaRegistry registry, SubjectNaming naming) {
        return (topic, schema) -> ByteBuffer.allocate(1 + Integer.BYTES)
                .put((byte) 0)
                .putInt(registry.id(naming.subject(topic, schema), schema))
                .array();
    }
}
