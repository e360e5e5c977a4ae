package dev.sequitur.topology.state;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.topology.state.Stored.Base;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The states of a task's entities, as the loaded model may use them.
 *
 * <p>Threading: belongs to the stream thread of its task.
 */
public final class EntityStates {
    /**
     * Name of the state store. Its keys are entities in UTF-8, its values {@link dev.sequitur.schemas.EntityState} in Avro
     * single-object encoding.
     */
    public static final String STORE = "entity-state";

    private final KeyValueStore<Bytes, byte[]> store;
    private final String model;
    private final int width;
    private final int memoryBytes;
    private final OnModelChange onModelChange;
    private final StateCodec codec;
    private final Deque<Ended> ended = new ArrayDeque<>();
    private boolean redelivering;
    private long resumedAt = -1;
    private long committed;
    private long resets;

    /** An entity that is kept, without a sequence, until its END is committed. */
    private record Ended(Bytes key, long offset) {}

    public EntityStates(KeyValueStore<Bytes, byte[]> store, SequenceModel model, StateSettings settings) {
        this(
                store,
                model.fingerprint(),
                model.step().shape().state(),
                model.alarms().memoryBytes(),
                settings);
    }

    /**
     * @param model fingerprint of the loaded model
     * @param width S, floats of its state row
     * @param memoryBytes of what its alarms remember
     */
    EntityStates(KeyValueStore<Bytes, byte[]> store, String model, int width, int memoryBytes, StateSettings settings) {
        this.store = store;
        this.model = model;
        this.width = width;
        this.memoryBytes = memoryBytes;
        this.onModelChange = settings.onModelChange();
        this.codec = new StateCodec(model, width, memoryBytes, settings.precision());
    }

    public static StoreBuilder<KeyValueStore<Bytes, byte[]>> storeBuilder(StateSettings settings) {
        StoreBuilder<KeyValueStore<Bytes, byte[]>> builder = Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(STORE), Serdes.Bytes(), Serdes.ByteArray())
                .withLoggingEnabled(Map.of());
        return settings.caching() ? builder.withCachingEnabled() : builder.withCachingDisabled();
    }

    /**
     * Tells of a batch under at-least-once, where its events may be delivered again after a failure. From then on states
     * are kept with what is needed for that.
     *
     * @param first offset of its first event
     * @param known offset of the partition's first event that isn't committed, as far as is known; -1 for not at all
     */
    public void expectRedelivery(long first, long known) {
        redelivering = true;
        if (resumedAt < 0) {
            resumedAt = first;
        }
        // A consumer starts where the partition is committed.
        committed = Math.max(resumedAt, known);
        while (!ended.isEmpty() && ended.peek().offset < committed) {
            long offset = ended.peek().offset;
            Bytes key = ended.remove().key;
            byte[] value = store.get(key);
            // It may have started again.
            if (value != null) {
                StateCodec.Glance glance = codec.glance(value);
                if (glance.steps() == 0 && glance.lastOffset() == offset) {
                    store.delete(key);
                }
            }
        }
    }

    /**
     * The entity's state; fresh where there is none.
     *
     * @throws StateException when what is stored is damaged, or another model wrote it and the policy is to fail
     */
    public LiveEntity load(String entity) {
        Bytes key = Bytes.wrap(entity.getBytes(StandardCharsets.UTF_8));
        byte[] value = store.get(key);
        Optional<Base> base = Optional.empty();
        LiveEntity live;
        if (value == null) {
            live = LiveEntity.unknown(entity, key, width, memoryBytes);
        } else {
            try {
                Stored stored = decode(entity, key, value);
                live = LiveEntity.known(entity, key, stored);
                base = stored.base();
            } catch (OtherModelException e) {
                if (onModelChange == OnModelChange.FAIL) {
                    throw new StateException("State of entity '" + entity + "' in store '" + store.name()
                            + "' was written by model " + e.model() + " (" + e.floats() + " floats); the loaded model "
                            + model + " needs " + width + ". Load the model that wrote it, or set the policy for a"
                            + " model change to reset, which starts such entities anew.");
                }
                resets++;
                live = LiveEntity.reset(entity, key, width, memoryBytes, e.bytes());
            }
        }
        return redelivering ? live.rewindable(base, committed, resumedAt) : live;
    }

    private Stored decode(String entity, Bytes key, byte[] value) throws OtherModelException {
        try {
            return codec.decode(value, key.get().length);
        } catch (SerializationException e) {
            throw new StateException(
                    "State of entity '" + entity + "' in store '" + store.name() + "' is damaged: " + e.getMessage()
                            + ". Restore the changelog topic, or reset the application to start every entity anew.",
                    e);
        }
    }

    /** Writes what a batch changed. */
    public void save(LiveEntity entity) {
        if (!entity.changed()) {
            return;
        }
        Snapshot state = entity.snapshot();
        boolean endMayComeAgain = redelivering && state.lastOffset() >= committed;
        if (entity.open() || endMayComeAgain) {
            store.put(entity.key(), codec.encode(state, entity.base()));
        } else {
            store.delete(entity.key());
        }
        if (!entity.open() && endMayComeAgain) {
            ended.add(new Ended(entity.key(), state.lastOffset()));
        }
    }

    /** States dropped since the last call because another model wrote them. */
    public long takeResets() {
        long taken = resets;
        resets = 0;
        return taken;
    }

    /** States stored since the last call with a number that was beyond the precision's range. */
    public long takeSaturated() {
        return codec.takeSaturated();
    }
}
