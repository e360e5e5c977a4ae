package dev.sequitur.topology.state;

import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.topology.state.Stored.Base;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
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
    private int storedBytes;
    private EntityClock clock;
    private long lastOffset;
    private boolean changed;
    private boolean taken = true;
    private Optional<Base> base = Optional.empty();
    /** The events that come are later than this one, unless they are delivered again. */
    private long passedOffset = -1;
    /** Greatest offset that was ever stepped, as far as is known. */
    private long reachedOffset = -1;
    /** From where on events are delivered again. */
    private long resumedAt;

    private LiveEntity(String name, Bytes key, Snapshot state, int storedBytes, boolean changed) {
        this.name = name;
        this.key = key;
        this.clock = state.clock();
        this.lastOffset = state.lastOffset();
        this.row = state.row();
        this.memory = state.memory();
        this.storedBytes = storedBytes;
        this.changed = changed;
    }

    /** Takes the snapshot's arrays over. */
    static LiveEntity known(String name, Bytes key, Stored stored) {
        return new LiveEntity(name, key, stored.newest(), stored.bytes(), false);
    }

    static LiveEntity unknown(String name, Bytes key, int width, int memoryBytes) {
        return new LiveEntity(name, key, Snapshot.none(width, memoryBytes), 0, false);
    }

    /** One whose stored state has to go. */
    static LiveEntity reset(String name, Bytes key, int width, int memoryBytes, int storedBytes) {
        return new LiveEntity(name, key, Snapshot.none(width, memoryBytes), storedBytes, true);
    }

    /**
     * Makes this entity one whose events may be delivered again.
     *
     * @param stored its base; empty where none is stored
     * @param committed offset of the partition's first event that isn't committed
     * @param resumed offset of the first event that was delivered since the partition was taken over
     */
    LiveEntity rewindable(Optional<Base> stored, long committed, long resumed) {
        reachedOffset = Math.max(lastOffset, stored.map(Base::reachedOffset).orElse(-1L));
        passedOffset = lastOffset;
        resumedAt = resumed;
        // What was stepped before the newest commit is never delivered again.
        base = lastOffset < committed ? Optional.of(new Base(snapshot().copy(), -1, reachedOffset)) : stored;
        return this;
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

    Optional<Base> base() {
        return base;
    }

    /** Of key and value in the store, when it was read; 0 where there was none. */
    int storedBytes() {
        return storedBytes;
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

    /** The store has it as it is now, in that many bytes of key and value. */
    void stored(int newBytes) {
        storedBytes = newBytes;
        changed = false;
    }

    /** Whether it could be taken: nobody has it. */
    boolean take() {
        boolean free = !taken;
        taken = true;
        return free;
    }

    void giveBack() {
        taken = false;
    }

    /** Of its numbers in memory. */
    int stateBytes() {
        return row.length * Float.BYTES + memory.capacity();
    }

    /** Whether a sequence is under way. */
    public boolean open() {
        return clock.steps() > 0;
    }

    /** Whether the event at this offset was stepped before. Always false under exactly-once. */
    public boolean knows(long offset) {
        return offset <= reachedOffset;
    }

    /**
     * Whether the event at this offset can be stepped. Asked for each event of a batch, in order, before any of them is
     * stepped. An event that is delivered again takes the entity back to its base, from where all that follows is
     * delivered again too; one that lies before the base can't be stepped without counting it twice.
     */
    public boolean accepts(long offset) {
        if (base.isEmpty() && reachedOffset < 0) {
            return true;
        }
        if (offset > passedOffset) {
            passedOffset = offset;
            return true;
        }
        if (base.isEmpty()) {
            return false;
        }
        Base from = base.get();
        boolean complete = from.firstOffset() < 0 || resumedAt <= from.firstOffset();
        if (offset <= from.state().lastOffset() || !complete) {
            return false;
        }
        clock = from.state().clock();
        lastOffset = from.state().lastOffset();
        System.arraycopy(from.state().row(), 0, row, 0, row.length);
        memory.put(0, from.state().memory(), 0, memory.capacity());
        base = Optional.of(new Base(from.state(), -1, reachedOffset));
        passedOffset = offset;
        return true;
    }

    /** Writes the state row, [S], to {@code rows[at .. at + S)}. */
    public void copyRow(float[] rows, int at) {
        System.arraycopy(row, 0, rows, at, row.length);
    }

    /**
     * Takes the state after some events: the clock and the row {@code rows[at .. at + S)}.
     *
     * @param first offset of the first of them
     * @param last offset of the last of them
     */
    public void advance(EntityClock after, long first, long last, float[] rows, int at) {
        stepped(first, last);
        clock = after;
        System.arraycopy(rows, at, row, 0, row.length);
    }

    /** The sequence is over, after events from the first offset to the last: nothing of it is kept. */
    public void end(long first, long last) {
        stepped(first, last);
        forget();
    }

    /** Starts anew, as if it had never been, with the event that is about to be taken. */
    public void evict() {
        forget();
    }

    private void forget() {
        clock = EntityClock.START;
        Arrays.fill(row, 0f);
        Arrays.fill(memory.array(), (byte) 0);
    }

    private void stepped(long first, long last) {
        lastOffset = last;
        changed = true;
        if (base.isPresent()) {
            Base from = base.get();
            reachedOffset = Math.max(reachedOffset, last);
            base = Optional.of(
                    new Base(from.state(), from.firstOffset() < 0 ? first : from.firstOffset(), reachedOffset));
        }
    }
}
