package dev.sequitur.topology.state;

import java.util.Optional;

/**
 * What the store holds of an entity.
 *
 * @param newest after the last event stepped
 * @param base what events that are delivered again are stepped from; empty where exactly-once wrote it
 * @param bytes of key and value
 */
record Stored(Snapshot newest, Optional<Base> base, int bytes) {
    /**
     * The entity as the newest commit found it that was known when the state was written.
     *
     * @param firstOffset of the first event that was stepped from here; -1 where none was
     * @param reachedOffset greatest of an event that was ever stepped from here; -1 where none was
     */
    record Base(Snapshot state, long firstOffset, long reachedOffset) {}
}
