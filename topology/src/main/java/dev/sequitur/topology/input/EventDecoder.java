package dev.sequitur.topology.input;

import dev.sequitur.model.data.FieldValues;
import dev.sequitur.model.data.MalformedEventException;

/**
 * Reads the values of events, and depends on nothing else: the same bytes give the same values whenever they come again.
 *
 * <p>Threading: belongs to one thread.
 */
@FunctionalInterface
public interface EventDecoder {
    /**
     * @param value not null
     * @throws MalformedEventException when the value is no event, which becomes a dead letter. Any other exception stops
     *     the stream before the event: the way to say that the value can't be read now.
     */
    FieldValues decode(byte[] value) throws MalformedEventException;
}
