package dev.sequitur.topology.state;

import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.topology.state.Stored.Base;
import java.util.Optional;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * How far the event time of a partition has come: the greatest of its events' times. It is kept in the store, under a key
 * that is no text, so that it stands after a failure where it stood for the same event before.
 *
 * <p>An event is taken for no later than its record's timestamp says, so that one that is far ahead of its time doesn't
 * age all the others.
 *
 * <p>Threading: belongs to the stream thread of its task.
 */
final class EventTimeMark {
    /** Not UTF-8, so no entity's. */
    static final Bytes KEY = Bytes.wrap(new byte[] {(byte) 0xFF});

    private static final float[] NO_ROW = {};

    private final KeyValueStore<Bytes, byte[]> store;
    private final StateCodec codec = new StateCodec("event-time-mark", 0, 0, StatePrecision.FLOAT32);
    private LiveEntity live;

    EventTimeMark(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /**
     * Reads it, for a batch.
     *
     * @param rewindable makes what was read one that may have to go back
     */
    void load(Rewindable rewindable) {
        byte[] value = store.get(KEY);
        try {
            Optional<Stored> stored = value == null ? Optional.empty() : Optional.of(codec.decode(value, 0));
            LiveEntity read =
                    stored.map(s -> LiveEntity.known("", KEY, s)).orElseGet(() -> LiveEntity.unknown("", KEY, 0, 0));
            live = rewindable.of(read, stored.flatMap(Stored::base));
        } catch (OtherModelException e) {
            throw new StateException(
                    "The event time's mark in store '" + store.name() + "' is damaged: it says to be " + e.model()
                            + ". Restore the changelog topic, or reset the application to start every entity anew.");
        }
    }

    @FunctionalInterface
    interface Rewindable {
        LiveEntity of(LiveEntity read, Optional<Base> base);
    }

    /**
     * Takes an event in.
     *
     * @param timeMs event time
     * @param recordMs the record's timestamp; negative where it has none
     * @return the mark with this event; {@link Long#MIN_VALUE} where there was none yet
     */
    long after(long offset, long timeMs, long recordMs) {
        long capped = recordMs < 0 ? timeMs : Math.min(timeMs, recordMs);
        if (live.accepts(offset) && capped > get()) {
            live.advance(new EntityClock(1, 0, capped), offset, offset, NO_ROW, 0);
        }
        return get();
    }

    /** The mark as an event without a time finds it. */
    long at(long offset) {
        live.accepts(offset);
        return get();
    }

    /** As it stands. */
    long get() {
        return live.open() ? live.clock().lastEventMs() : Long.MIN_VALUE;
    }

    void save() {
        if (live.changed()) {
            store.put(KEY, codec.encode(live.snapshot(), live.base()));
        }
    }
}
