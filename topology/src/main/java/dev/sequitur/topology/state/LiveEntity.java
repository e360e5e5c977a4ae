package dev.sequitur.topology.state;

import dev.sequitur.model.feature.EntityClock;
import java.util.Arrays;

/**
 * An entity's state while a batch is stepped: read from the store once, written back once.
 *
 * <p>Threading: belongs to one thread.
 */
public final class LiveEntity {
    private final String name;
    private final float[] row;
    private EntityClock clock;
    private long lastOffset;
    private boolean changed;

    private LiveEntity(String name, EntityClock clock, long lastOffset, float[] row, boolean changed) {
        this.name = name;
        this.clock = clock;
        this.lastOffset = lastOffset;
        this.row = row;
        this.changed = changed;
    }

    static LiveEntity unknown(String name, int width) {
        return new LiveEntity(name, EntityClock.START, -1, new float[width], false);
    }

    static LiveEntity known(String name, EntityClock clock, long lastOffset, float[] row) {
        return new LiveEntity(name, clock, lastOffset, row, false);
    }

    /** One whose stored state has to go. */
    static LiveEntity reset(String name, int width) {
        return new LiveEntity(name, EntityClock.START, -1, new float[width], true);
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
        changed = true;
    }
}
