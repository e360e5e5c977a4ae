package dev.sequitur.model.data;

import dev.sequitur.model.scratch.ScratchFile;
import java.io.IOException;

/**
 * Events on disk, entity after entity, each entity's in the order in which they came.
 *
 * <p>Threading: belongs to one thread.
 */
public final class GroupedEvents implements AutoCloseable {
    private final ScratchFile file;
    private final String[] entities;
    private final long[] counts;
    private final long bytes;

    GroupedEvents(ScratchFile file, String[] entities, long[] counts, long bytes) {
        this.file = file;
        this.entities = entities;
        this.counts = counts;
        this.bytes = bytes;
    }

    public int entities() {
        return entities.length;
    }

    /** Events of an entity, at least one. */
    public long events(int entity) {
        return counts[entity];
    }

    /** Sees every event. */
    @FunctionalInterface
    public interface Visitor {
        /**
         * @param entity its place among the entities
         * @param index its place among its entity's events
         */
        void event(int entity, long index, Event event) throws IOException;
    }

    /** Shows every event, as often as this is called. */
    public void forEach(Visitor visitor) throws IOException {
        SequentialReader in = new SequentialReader(file, bytes);
        for (int entity = 0; entity < entities.length; entity++) {
            for (long i = 0; i < counts[entity]; i++) {
                int length = in.next(Integer.BYTES).getInt();
                visitor.event(entity, i, EventBytes.event(entities[entity], in.next(length)));
            }
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
