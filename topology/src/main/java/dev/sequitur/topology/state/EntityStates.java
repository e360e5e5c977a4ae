package dev.sequitur.topology.state;

import dev.sequitur.model.SequenceModel;
import java.nio.charset.StandardCharsets;
import java.util.Map;
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
    private long resets;

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
     * The entity's state; fresh where there is none.
     *
     * @throws StateException when what is stored is damaged, or another model wrote it and the policy is to fail
     */
    public LiveEntity load(String entity) {
        Bytes key = Bytes.wrap(entity.getBytes(StandardCharsets.UTF_8));
        byte[] stored = store.get(key);
        if (stored == null) {
            return LiveEntity.unknown(entity, key, width, memoryBytes);
        }
        try {
            return LiveEntity.known(entity, key, codec.decode(stored));
        } catch (SerializationException e) {
            throw new StateException(
                    "State of entity '" + entity + "' in store '" + store.name() + "' is damaged: " + e.getMessage()
                            + ". Restore the changelog topic, or reset the application to start every entity anew.",
                    e);
        } catch (OtherModelException e) {
            if (onModelChange == OnModelChange.FAIL) {
                throw new StateException("State of entity '" + entity + "' in store '" + store.name()
                        + "' was written by model " + e.model() + " (" + e.floats() + " floats); the loaded model "
                        + model + " needs " + width + ". Load the model that wrote it, or set the policy for a model"
                        + " change to reset, which starts such entities anew.");
            }
            resets++;
            return LiveEntity.reset(entity, key, width, memoryBytes);
        }
    }

    /** Writes what a batch changed. */
    public void save(LiveEntity entity) {
        if (!entity.changed()) {
            return;
        }
        if (entity.open()) {
            store.put(entity.key(), codec.encode(entity.snapshot()));
        } else {
            store.delete(entity.key());
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
