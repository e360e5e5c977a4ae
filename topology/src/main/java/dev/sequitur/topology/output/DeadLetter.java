package dev.sequitur.topology.output;

import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serializer;

/**
 * An event on its way to the dead letter topic. Its headers travel with the record.
 *
 * @param topic the dead letter topic
 * @param key as it came; may be null
 * @param value as it came, cut where it was too large; may be null
 */
public record DeadLetter(String topic, byte[] key, byte[] value) {
    /** Writes the value's bytes. */
    public static Serializer<DeadLetter> serializer() {
        return (topic, letter) -> letter.value();
    }

    /** For a serde that is only written with. */
    public static Deserializer<DeadLetter> noDeserializer() {
        return (topic, value) -> {
            throw new UnsupportedOperationException("dead letters are written only; read '" + topic + "' as bytes");
        };
    }
}
