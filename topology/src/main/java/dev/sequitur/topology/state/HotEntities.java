package dev.sequitur.topology.state;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.utils.Bytes;

/**
 * Entities as the store has them, decoded, so that an entity whose next event comes soon is neither looked up nor decoded
 * again. Every change is written to the store all the same: what is here can be dropped at any time.
 *
 * <p>Whoever comes first stays, as long as there is room, and all are dropped after many misses. So nothing is moved about
 * where the entities are far more than fit, and those that are seen most are likely to be here where they differ.
 *
 * <p>Threading: belongs to the stream thread of its task.
 */
final class HotEntities {
    /** What an entity takes beside its row, its memory and its name: objects, headers, an entry of the map. */
    private static final int OVERHEAD_BYTES = 300;
    /** A name is held as text and as bytes, by the entity and by the map. */
    private static final int COPIES_OF_NAME = 2;
    /** They are dropped after this many misses for each entity held. */
    private static final int MISSES_EACH = 16;

    private final long mostBytes;
    private final Map<String, LiveEntity> byName = new HashMap<>();
    private long bytes;
    private long misses;

    /** @param mostBytes of the heap, about; 0 to hold none */
    HotEntities(long mostBytes) {
        this.mostBytes = mostBytes;
    }

    /**
     * The entity as the store has it; null where it isn't held. It isn't given a second time before it was {@linkplain
     * #saved}: a batch that failed may have changed it.
     */
    LiveEntity take(String name) {
        LiveEntity entity = byName.get(name);
        if (entity != null && entity.take()) {
            return entity;
        }
        if (entity != null) {
            drop(name);
        } else if (++misses > (long) MISSES_EACH * byName.size()) {
            byName.clear();
            bytes = 0;
            misses = 0;
        }
        return null;
    }

    /** The store has the entity as it is now. */
    void saved(LiveEntity entity) {
        if (!entity.open()) {
            drop(entity.name());
            return;
        }
        entity.giveBack();
        long size = size(entity);
        if (bytes + size <= mostBytes && byName.putIfAbsent(entity.name(), entity) == null) {
            bytes += size;
        }
    }

    void drop(Bytes key) {
        if (!byName.isEmpty()) {
            drop(new String(key.get(), StandardCharsets.UTF_8));
        }
    }

    private void drop(String name) {
        LiveEntity entity = byName.remove(name);
        if (entity != null) {
            bytes -= size(entity);
        }
    }

    private static long size(LiveEntity entity) {
        return OVERHEAD_BYTES
                + entity.stateBytes()
                + (long) COPIES_OF_NAME * entity.key().get().length;
    }
}
