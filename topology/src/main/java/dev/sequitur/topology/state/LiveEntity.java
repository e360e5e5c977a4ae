package dev.sequitur.topology.state;

import dev.sequitur.model.feature.EntityClock;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * An entity's state while a batch is stepped: read from the store once, written back once.
 *
 * <p>Threading: belongs to one thread.
 */
public final class LiveEntity {
    private final String name;
    private final float[] row;
    private final ByteBuffer memory;
    private EntityClock clock;
    private long lastOffset;
    private boolean changed;

    private LiveEntity(
            String name, EntityClock clock, long lastOffset, float[] row, ByteBuffer memory, boolean changed) {
        this.name = name;
        this.clock = clock;
        this.lastOffset = lastOffset;
        this.row = row;
        this.memory = memory;
        this.changed = changed;
    }

    static LiveEntity unknown(String name, int width, int memoryBytes) {
        return fresh(name, width, memoryBytes, false);
    }

    static LiveEntity known(String name, EntityClock clock, long lastOffset, float[] row, ByteBuffer memory) {
        return new LiveEntity(name, clock, lastOffset, row, memory, false);
    }

    /** One whose stored state has to go. */
    static LiveEntity reset(String name, int width, int memoryBytes) {
        return fresh(name, width, memoryBytes, true);
    }

    private static LiveEntity fresh(String name, int width, int memoryBytes, boolean changed) {
        ByteBuffer memory = ByteBuffer.allocate(memoryBytes).order(ByteOrder.LITTLE_ENDIAN);
        return new LiveEntity(name, EntityClock.START, -1, new float[width], memory, changed);
    }

    public String name() {
        return name;
    }

    public EntityClock clock() {
        return clock;
    }

    long lastOffset() {
        return lastOffset;
    }

    float[] row() {
        return row;
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
