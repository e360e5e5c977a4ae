package dev.sequitur.topology.state;

import dev.sequitur.model.feature.EntityClock;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.kafka.common.utils.Bytes;

/**
 * An entity's state while a batch is stepped: read from the store once, written back once.
 *
 * <p>Threading: belongs to one thread.
 */
public final class LiveEntity {
    private final String name;
    private final Bytes key;
    private final float[] row;
    private final ByteBuffer memory;
    private EntityClock clock;
    private long lastOffset;
    private boolean changed;

    private LiveEntity(String name, Bytes key, Snapshot stored, boolean changed) {
        this.name = name;
        this.key = key;
        this.clock = stored.clock();
        this.lastOffset = stored.lastOffset();
        this.row = stored.row();
        this.memory = stored.memory();
        this.changed = changed;
    }

    static LiveEntity unknown(String name, Bytes key, int width, int memoryBytes) {
        return new LiveEntity(name, key, Snapshot.none(width, memoryBytes), false);
    }

    /** Takes the snapshot's arrays over. */
    static LiveEntity known(String name, Bytes key, Snapshot stored) {
        return new LiveEntity(name, key, stored, false);
    }

    /** One whose stored state has to go. */
    static LiveEntity reset(String name, Bytes key, int width, int memoryBytes) {
        return new LiveEntity(name, key, Snapshot.none(width, memoryBytes), true);
    }

    public String name() {
        return name;
    }

    public EntityClock clock() {
        return clock;
    }

    /** The entity's name in UTF-8. */
    Bytes key() {
        return key;
    }

    /** The state as it is now, on this object's own arrays. */
    Snapshot snapshot() {
        return new Snapshot(clock, lastOffset, row, memory);
    }

    /**
     * What the alarms remember of the entity, little endian. To be changed only by an event that is scored: it is
     * written with what {@link #advance} took.
     */
    public ByteBuffer memory() {
        return memory;
    }

    boolean changed() {
        return changed;
    }

    /** Whether a sequence is under way. */
    public boolean open() {
        return clock.steps() > 0;
    }

    /** Writes the state row, [S], to {@code rows[at .. at + S)}. */
    public void copyRow(float[] rows, int at) {
        System.arraycopy(row, 0, rows, at, row.length);
    }

    /** Takes the state after an event: the clock, the event's offset and the row {@code rows[at .. at + S)}. */
    public void advance(EntityClock after, long offset, float[] rows, int at) {
        clock = after;
        lastOffset = offset;
        System.arraycopy(rows, at, row, 0, row.length);
        changed = true;
    }

    /** The sequence is over: nothing of it is kept. */
    public void end() {
        clock = EntityClock.START;
        lastOffset = -1;
        Arrays.fill(row, 0f);
        Arrays.fill(memory.array(), (byte) 0);
        changed = true;
    }
}
