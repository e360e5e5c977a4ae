package dev.sequitur.topology.state;

import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.schemas.EntityState;
import dev.sequitur.topology.output.SingleObjectSerde;
import java.util.Map;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;

/**
 * The states of a task's entities, as the loaded model may use them.
 *
 * <p>Threading: belongs to the stream thread of its task.
 */
public final class EntityStates {
    /** Name of the state store: entity → {@link EntityState}. */
    public static final String STORE = "entity-state";

    private final KeyValueStore<String, EntityState> store;
    private final String model;
    private final int width;
    private final int memoryBytes;
    private final OnModelChange onModelChange;
    private long resets;

    /**
     * @param model fingerprint of the loaded model
     * @param width S, floats of its state row
     * @param memoryBytes of what its alarms remember
     */
    public EntityStates(
            KeyValueStore<String, EntityState> store,
            String model,
            int width,
            int memoryBytes,
            OnModelChange onModelChange) {
        this.store = store;
        this.model = model;
        this.width = width;
        this.memoryBytes = memoryBytes;
        this.onModelChange = onModelChange;
    }

    /** @param caching whether writes of one commit interval are folded; pays where the keys fit into the cache */
    public static StoreBuilder<KeyValueStore<String, EntityState>> storeBuilder(boolean caching) {
        StoreBuilder<KeyValueStore<String, EntityState>> builder = Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(STORE),
                        Serdes.String(),
                        new SingleObjectSerde<>(EntityState.class))
                .withLoggingEnabled(Map.of());
        return caching ? builder.withCachingEnabled() : builder.withCachingDisabled();
    }

    /**
     * The entity's state; fresh where there is none.
     *
     * @throws StateException when what is stored is damaged, or another model wrote it and the policy is to fail
     */
    public LiveEntity load(String entity) {
        EntityState state = read(entity);
        if (state == null) {
            return LiveEntity.unknown(entity, width, memoryBytes);
        }
        if (!state.getModel().equals(model)) {
            if (onModelChange == OnModelChange.FAIL) {
                throw new StateException("State of entity '" + entity + "' in store '" + store.name()
                        + "' was written by model " + state.getModel() + " ("
                        + state.getRow().remaining() / Float.BYTES + " floats); the loaded model " + model + " needs "
                        + width + ". Load the model that wrote it, or set the policy for a model change to reset,"
                        + " which starts such entities anew.");
            }
            resets++;
            return LiveEntity.reset(entity, width, memoryBytes);
        }
        if (state.getSteps() < 1 || state.getRow().remaining() != width * Float.BYTES) {
            throw damaged(
                    entity,
                    "expected steps >= 1 and a row of " + width * Float.BYTES + " bytes, got steps=" + state.getSteps()
                            + " and " + state.getRow().remaining() + " bytes",
                    null);
        }
        int remembered = state.getMemory().remaining();
        if (remembered != 0 && remembered != memoryBytes) {
            throw damaged(entity, "expected a memory of 0 or " + memoryBytes + " bytes, got " + remembered, null);
        }
        EntityClock clock = new EntityClock(state.getSteps(), state.getSessionStart(), state.getLastEventTime());
        return LiveEntity.known(
                entity,
                clock,
                state.getLastOffset(),
                StateRow.decode(state.getRow()),
                Memory.decode(state.getMemory(), memoryBytes));
    }

    private EntityState read(String entity) {
        try {
            return store.get(entity);
        } catch (SerializationException e) {
            throw damaged(entity, e.getMessage(), e);
        }
    }

    private StateException damaged(String entity, String what, Throwable cause) {
        return new StateException(
                "State of entity '" + entity + "' in store '" + store.name() + "' is damaged: " + what
                        + ". Restore the changelog topic, or reset the application to start every entity anew.",
                cause);
    }

    /** Writes what a batch changed. */
    public void save(LiveEntity entity) {
        if (!entity.changed()) {
            return;
        }
        if (entity.open()) {
            EntityClock clock = entity.clock();
            store.put(
                    entity.name(),
                    new EntityState(
                            model,
                            clock.steps(),
                            clock.sessionStartMs(),
                            clock.lastEventMs(),
                            entity.lastOffset(),
                            StateRow.encode(entity.row()),
                            Memory.encode(entity.memory())));
        } else {
            store.delete(entity.name());
        }
    }

    /** States dropped since the last call because another model wrote them. */
    public long takeResets() {
        long taken = resets;
        resets = 0;
        return taken;
    }
}
