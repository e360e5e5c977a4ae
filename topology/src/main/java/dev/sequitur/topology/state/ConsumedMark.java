package dev.sequitur.topology.state;

import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.step.StatePrecision;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * How far a partition's events have gone into the states: the offset of the last one that was consumed. It is kept among
 * the states, under a key that is no text, and so is as old as they are wherever they were restored from.
 *
 * <p>Threading: belongs to the stream thread of its task.
 */
final class ConsumedMark {
    /** Not UTF-8, so no entity's. */
    static final Bytes KEY = Bytes.wrap(new byte[] {(byte) 0xFE});

    private static final EntityClock A_STEP = new EntityClock(1, 0, 0);

    private final KeyValueStore<Bytes, byte[]> store;
    private final StateCodec codec = new StateCodec("consumed-mark", 0, 0, StatePrecision.FLOAT32);

    ConsumedMark(KeyValueStore<Bytes, byte[]> store) {
        this.store = store;
    }

    /** @return empty where nothing was consumed, or an earlier version wrote the states */
    OptionalLong get() {
        byte[] value = store.get(KEY);
        if (value == null) {
            return OptionalLong.empty();
        }
        try {
            return OptionalLong.of(codec.decode(value, 0).newest().lastOffset());
        } catch (OtherModelException | SerializationException e) {
            throw new StateException(
                    "The mark of what was consumed in store '" + store.name() + "' is damaged: " + e.getMessage()
                            + ". Restore the changelog topic, or reset the application to start every entity anew.",
                    e);
        }
    }

    void put(long offset) {
        Snapshot mark = new Snapshot(A_STEP, offset, new float[0], Memory.nothing(0));
        store.put(KEY, codec.encode(mark, Optional.empty()));
    }
}
