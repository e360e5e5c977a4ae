package dev.sequitur.topology.state;

import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * How many entities a store holds, and their bytes. Exact once a sweep has seen every key; an estimate before.
 *
 * <p>A write is counted where the sweep has been already; where it hasn't, the sweep will find what was written.
 *
 * <p>Threading: belongs to the stream thread of its task.
 */
final class Population {
    private final KeyValueStore<Bytes, byte[]> store;
    private boolean complete;
    private Bytes sweptTo;
    private long entities;
    private long bytes;

    Population(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /** The sweep found an entity, in the order of the keys. */
    void found(Bytes key, int size) {
        if (!complete) {
            entities++;
            bytes += size;
            sweptTo = key;
        }
    }

    /** The sweep has seen the last key. */
    void sweptAll() {
        complete = true;
    }

    boolean complete() {
        return complete;
    }

    /** @param before bytes of key and value; 0 for no entity, and so after */
    void wrote(Bytes key, int before, int after) {
        if (complete || sweptTo != null && key.compareTo(sweptTo) <= 0) {
            entities += Integer.signum(after) - Integer.signum(before);
            bytes += after - before;
        }
    }

    /** Before the first sweep is through: what the store estimates. */
    long entities() {
        return complete ? entities : Math.max(entities, store.approximateNumEntries());
    }

    /** Of keys and values; before the first sweep is through as if the rest was like what it has seen. */
    long bytes() {
        return complete || entities == 0 ? bytes : Math.round((double) bytes / entities * entities());
    }
}
