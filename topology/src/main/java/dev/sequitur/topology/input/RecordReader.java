package dev.sequitur.topology.input;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventReader;
import dev.sequitur.model.data.FieldValues;
import dev.sequitur.model.data.MalformedEventException;
import dev.sequitur.model.data.MalformedEventException.Reason;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpec.EndSpec;
import java.util.Optional;

/**
 * Records of a topic to events. Whatever a record holds, it becomes an event, an END or a {@link
 * MalformedEventException}. Any other exception comes from the format's decoder, and says nothing of the record.
 *
 * <p>Threading: belongs to one thread.
 */
public final class RecordReader {
    private final EventDecoder decoder;
    private final EventReader reader;
    private final boolean tombstoneEnds;

    public RecordReader(PipelineSpec spec, EventFormat format) {
        decoder = format.decoder(spec);
        reader = new EventReader(spec);
        tombstoneEnds = spec.end() instanceof EndSpec.Last;
    }

    /**
     * The event; empty for the END of the entity's sequence.
     *
     * @param value null for a tombstone
     * @param entity that the record's key names; null where the topic isn't keyed by entity
     */
    public Optional<Event> event(byte[] value, String entity) throws MalformedEventException {
        if (isEnd(value)) {
            return Optional.empty();
        }
        return Optional.of(decoded(value, values -> reader.read(values, entity)));
    }

    /** The entity that a record of a topic with any keys belongs to: its value says it, or for an END its key. */
    public String entity(byte[] key, byte[] value) throws MalformedEventException {
        return isEnd(value) ? RecordKey.entity(key) : decoded(value, reader::entity);
    }

    private boolean isEnd(byte[] value) throws MalformedEventException {
        if (value == null && !tombstoneEnds) {
            throw new MalformedEventException(
                    Reason.NULL_VALUE,
                    "the record has no value, expected an event; where null values end an entity's sequence, set `end:"
                            + " last` in the pipeline spec");
        }
        return value == null;
    }

    private interface Read<T> {
        T from(FieldValues values) throws MalformedEventException;
    }

    private <T> T decoded(byte[] value, Read<T> read) throws MalformedEventException {
        FieldValues values = decoder.decode(value);
        try {
            return read.from(values);
        } catch (RuntimeException e) {
            // Reading depends on the record alone: if this went up, the same record would stop every restart.
            throw new MalformedEventException(Reason.UNDECODABLE, "the record can't be read: " + e);
        }
    }
}
