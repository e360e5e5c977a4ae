package dev.sequitur.topology.state;

import dev.sequitur.model.feature.EntityClock;
import java.nio.ByteBuffer;

/**
 * An entity after one of its events.
 *
 * @param clock at its start where no sequence is under way
 * @param lastOffset of the last event stepped; -1 where there is none
 * @param row S floats
 * @param memory what the alarms remember, little endian
 */
public record Snapshot(EntityClock clock, long lastOffset, float[] row, ByteBuffer memory) {
    /** No event yet. */
    public static Snapshot none(int width, int memoryBytes) {
        return new Snapshot(EntityClock.START, -1, new float[width], Memory.nothing(memoryBytes));
    }

    /** With arrays of its own. */
    Snapshot copy() {
        return new Snapshot(clock, lastOffset, row.clone(), Memory.copy(memory));
    }
}
