package dev.sequitur.topology.state;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.topology.state.Stored.Base;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
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

    /** No text in UTF-8 begins with this byte, or the one above. */
    private static final int NO_TEXT = 0xFE;

    /** Of a state's life. */
    private static final long NO_LIMIT = Long.MAX_VALUE;

    private final KeyValueStore<Bytes, byte[]> store;
    private final String model;
    private final int width;
    private final int memoryBytes;
    private final OnModelChange onModelChange;
    private final StateCodec codec;
    private final long timeToLiveMs;
    private final EventTimeMark mark;
    private final ConsumedMark consumed;
    private final Population population;
    private final HotEntities hot;
    private final Deque<Ended> ended = new ArrayDeque<>();
    private boolean redelivering;
    private long resumedAt = -1;
    private long committed;
    private Bytes sweptTo;
    private long sweptAt = Long.MIN_VALUE;
    private long evicted;
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
        this.timeToLiveMs = settings.timeToLive().map(Duration::toMillis).orElse(NO_LIMIT);
        this.mark = new EventTimeMark(store);
        this.consumed = new ConsumedMark(store);
        this.population = new Population(store);
        this.codec = new StateCodec(model, width, memoryBytes, settings.precision());
        // Numbers that are rounded when they are stored must be the rounded ones when they are read.
        this.hot = new HotEntities(settings.precision() == StatePrecision.FLOAT32 ? settings.hotBytes() : 0);
    }

    public static StoreBuilder<KeyValueStore<Bytes, byte[]>> storeBuilder(StateSettings settings) {
        StoreBuilder<KeyValueStore<Bytes, byte[]>> builder = Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(STORE), Serdes.Bytes(), Serdes.ByteArray())
                .withLoggingEnabled(Map.of());
        return settings.caching() ? builder.withCachingEnabled() : builder.withCachingDisabled();
    }

    /** From now on states are kept with what is needed where events may be delivered again after a failure. */
    public void expectRedelivery() {
        redelivering = true;
    }

    /**
     * Tells of a batch whose events may be delivered again.
     *
     * @param first offset of its first event
     * @param known offset of the partition's first event that isn't committed, as far as is known; -1 for not at all
     */
    public void begin(long first, long known) {
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
                    delete(key, key.get().length + value.length);
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
        LiveEntity known = redelivering ? null : hot.take(entity);
        return known == null ? read(entity) : known;
    }

    private LiveEntity read(String entity) {
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
        if (entity.changed()) {
            write(entity);
        }
        if (!redelivering) {
            hot.saved(entity);
        }
    }

    private void write(LiveEntity entity) {
        Snapshot state = entity.snapshot();
        boolean endMayComeAgain = redelivering && state.lastOffset() >= committed;
        if (entity.open() || endMayComeAgain) {
            byte[] value = codec.encode(state, entity.base());
            store.put(entity.key(), value);
            int bytes = entity.key().get().length + value.length;
            population.wrote(entity.key(), entity.storedBytes(), bytes);
            entity.stored(bytes);
        } else {
            delete(entity.key(), entity.storedBytes());
            entity.stored(0);
        }
        if (!entity.open() && endMayComeAgain) {
            ended.add(new Ended(entity.key(), state.lastOffset()));
        }
    }

    private void delete(Bytes key, int storedBytes) {
        store.delete(key);
        population.wrote(key, storedBytes, 0);
    }

    /** Whether a key of the store is an entity's: the store has marks beside, whose keys are no text. */
    public static boolean isEntity(byte[] key) {
        return key.length > 0 && Byte.toUnsignedInt(key[0]) < NO_TEXT;
    }

    /** Offset of the last event that the states have; empty where they don't tell. */
    public OptionalLong consumed() {
        return consumed.get();
    }

    /** Whether there is nothing at all. */
    public boolean none() {
        try (KeyValueIterator<Bytes, byte[]> entries = store.all()) {
            return !entries.hasNext();
        }
    }

    /** The states have all events up to this offset. */
    public void consumed(long offset) {
        consumed.put(offset);
    }

    /** Whether entities without events are evicted. */
    public boolean evicting() {
        return timeToLiveMs != NO_LIMIT;
    }

    /** Readies the partition's event time for a batch, where entities are evicted. */
    public void loadEventTime() {
        mark.load((read, base) -> redelivering ? read.rewindable(base, committed, resumedAt) : read);
    }

    /**
     * Takes an event's time in.
     *
     * @param recordMs timestamp of its record, which it isn't taken to be later than; negative for none
     * @return an entity whose last event lies before this time is evicted when this event comes
     */
    public long idleBefore(long offset, long timeMs, long recordMs) {
        return before(mark.after(offset, timeMs, recordMs));
    }

    /** The same for an event without a time. */
    public long idleBefore(long offset) {
        return before(mark.at(offset));
    }

    private long before(long time) {
        return time < Long.MIN_VALUE + timeToLiveMs ? Long.MIN_VALUE : time - timeToLiveMs;
    }

    public void saveEventTime() {
        mark.save();
    }

    /**
     * Looks at some entities, from where the last call ended: evicts those that were idle for too long, drops what an END
     * left, counts what there is.
     *
     * @param most that it looks at
     * @return whether there will be something to do for later calls
     */
    public boolean sweep(int most) {
        boolean commitsKnown = !redelivering || resumedAt >= 0;
        if (!commitsKnown && population.complete() && sweptTo == null) {
            // Nothing can go before the partition's first batch.
            return true;
        }
        long idleBefore = Long.MIN_VALUE;
        if (evicting()) {
            loadEventTime();
            idleBefore = before(mark.get());
            if (sweptTo == null && population.complete() && idleBefore == sweptAt) {
                // Nothing has become older since the last pass began.
                return true;
            }
        }
        if (sweptTo == null) {
            sweptAt = idleBefore;
        }
        List<KeyValue<Bytes, Integer>> gone = new ArrayList<>();
        boolean through = true;
        try (KeyValueIterator<Bytes, byte[]> entries = store.range(from(sweptTo), null)) {
            for (int seen = 0; entries.hasNext(); seen++) {
                if (seen == most) {
                    through = false;
                    break;
                }
                KeyValue<Bytes, byte[]> entry = entries.next();
                sweptTo = entry.key;
                if (!isEntity(entry.key.get())) {
                    continue;
                }
                int size = entry.key.get().length + entry.value.length;
                population.found(entry.key, size);
                StateCodec.Glance glance = codec.glance(entry.value);
                boolean over = glance.steps() == 0 || glance.lastEventMs() < idleBefore;
                if (over && (!redelivering || glance.lastOffset() < committed)) {
                    gone.add(KeyValue.pair(entry.key, size));
                    evicted += glance.steps() > 0 ? 1 : 0;
                }
            }
        }
        gone.forEach(entry -> {
            delete(entry.key, entry.value);
            hot.drop(entry.key);
        });
        if (through) {
            population.sweptAll();
            sweptTo = null;
        }
        return !through || evicting() || !commitsKnown;
    }

    /** The least key behind this one. */
    private static Bytes from(Bytes swept) {
        return swept == null ? null : Bytes.wrap(Arrays.copyOf(swept.get(), swept.get().length + 1));
    }

    /** How many there are; an estimate until the first sweep is through. */
    public long entities() {
        return population.entities();
    }

    /** Bytes of their keys and values; an estimate until the first sweep is through. */
    public long bytes() {
        return population.bytes();
    }

    /** Entities that a sweep evicted since the last call. */
    public long takeEvicted() {
        long taken = evicted;
        evicted = 0;
        return taken;
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
