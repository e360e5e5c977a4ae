package dev.sequitur.deploy.integration;

import dev.sequitur.model.data.Event;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.kafka.common.header.Header;

/**
 * A record for the input topic, and what it means.
 *
 * @param entity whose sequence it belongs to; null for a bad record
 * @param event null for the END of a sequence and for a bad record
 * @param reason why it must be dead-lettered; null for an event and for an END
 */
record Input(byte[] key, byte[] value, List<Header> headers, String entity, Event event, String reason) {
    static Input event(Event event, byte[] value) {
        return new Input(utf8(event.entity()), value, List.of(), event.entity(), event, null);
    }

    /** An END where the entity has a sequence under way, else to be dead-lettered. */
    static Input end(String entity) {
        return new Input(utf8(entity), null, List.of(), entity, null, null);
    }

    static Input bad(String reason, byte[] key, byte[] value) {
        return new Input(key, value, List.of(), null, null, reason);
    }

    Input withHeaders(List<Header> more) {
        return new Input(key, value, more, entity, event, reason);
    }

    Input withValue(byte[] other) {
        return new Input(key, other, headers, entity, event, reason);
    }

    Input withKey(byte[] other) {
        return new Input(other, value, headers, entity, event, reason);
    }

    static byte[] utf8(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }
}
