package dev.sequitur.topology.input;

import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedEventException.Reason;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Entities as record keys: their UTF-8 bytes. */
public final class RecordKey {
    private RecordKey() {}

    /**
     * The entity that a record's key names. Strict: two keys that differ in bytes are never the same entity.
     *
     * @throws MalformedEventException NULL_KEY when the key is null or empty, UNDECODABLE when it is not UTF-8
     */
    public static String entity(byte[] key) throws MalformedEventException {
        if (key == null || key.length == 0) {
            throw new MalformedEventException(
                    Reason.NULL_KEY,
                    "the record has no key, expected the entity in UTF-8; key the topic by entity, or tell that it is"
                            + " not keyed where the value names the entity");
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(key))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new MalformedEventException(
                    Reason.UNDECODABLE,
                    "the record's key of " + key.length + " bytes is not UTF-8, expected the entity");
        }
    }

    static byte[] bytes(String entity) {
        return entity.getBytes(StandardCharsets.UTF_8);
    }
}
