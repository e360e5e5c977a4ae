package dev.sequitur.topology.state;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.step.StatePrecision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.IntStream;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whether a state came from the store shows where the store has lost it behind the states' back. */
class HotEntitiesTest {
    private static final int WIDTH = 3;

    private KeyValueStore<Bytes, byte[]> store;

    @BeforeEach
    void open() {
        MockProcessorContext<Void, Void> context = new MockProcessorContext<>(new Properties());
        store = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(EntityStates.STORE), Serdes.Bytes(), Serdes.ByteArray())
                .withLoggingDisabled()
                .withCachingDisabled()
                .build();
        store.init(context.getStateStoreContext(), store);
    }

    @AfterEach
    void close() {
        store.close();
    }

    private EntityStates states(long hotBytes) {
        return states(hotBytes, StatePrecision.FLOAT32, Optional.empty());
    }

    private EntityStates states(long hotBytes, StatePrecision precision, Optional<Duration> timeToLive) {
        return new EntityStates(
                store, "m1", WIDTH, 0, new StateSettings(true, OnModelChange.FAIL, precision, timeToLive, hotBytes));
    }

    private static LiveEntity step(EntityStates states, String name, long offset, float first) {
        LiveEntity entity = states.load(name);
        EntityClock clock = entity.clock().at(offset, null);
        entity.advance(clock.after(offset), offset, offset, new float[] {first, 0, 0}, 0);
        return entity;
    }

    private static float first(LiveEntity entity) {
        float[] row = new float[WIDTH];
        entity.copyRow(row, 0);
        return row[0];
    }

    private void empty() {
        List<Bytes> keys = new ArrayList<>();
        try (KeyValueIterator<Bytes, byte[]> entries = store.all()) {
            for (KeyValue<Bytes, byte[]> entry; entries.hasNext(); keys.add(entry.key)) {
                entry = entries.next();
            }
        }
        keys.forEach(store::delete);
    }

    @Test
    void shouldNotReadAnEntityThatItHasJustWritten() {
        EntityStates states = states(10_000);
        states.save(step(states, "pump-7", 5, 1.5f));
        empty();

        LiveEntity again = states.load("pump-7");

        assertThat(again.clock().steps()).isEqualTo(1);
        assertThat(first(again)).isEqualTo(1.5f);
        assertThat(states(0).load("pump-7").open()).isFalse();
    }

    @Test
    void shouldWriteEachChangeToTheStoreAllTheSame() {
        EntityStates states = states(10_000);
        for (int offset = 0; offset < 3; offset++) {
            states.save(step(states, "pump-7", offset, offset));
            assertThat(first(states(0).load("pump-7"))).isEqualTo(offset);
        }
    }

    @Test
    void shouldForgetWhatABatchChangedThatFailedBeforeItWasSaved() {
        EntityStates states = states(10_000);
        states.save(step(states, "pump-7", 5, 1.5f));
        step(states, "pump-7", 6, 9);

        assertThat(first(states.load("pump-7"))).isEqualTo(1.5f);
    }

    @Test
    void shouldGiveAnEntityAgainThatABatchLeftAsItWas() {
        EntityStates states = states(10_000);
        states.save(step(states, "pump-7", 5, 1.5f));
        states.save(states.load("pump-7"));
        empty();

        assertThat(first(states.load("pump-7"))).isEqualTo(1.5f);
    }

    @Test
    void shouldHoldNoMoreThanFits() {
        int held = 5;
        EntityStates states = states(held * 330L);
        IntStream.range(0, 15).forEach(i -> states.save(step(states, "pump-" + i, i, i)));
        empty();

        long hot = IntStream.range(0, 15)
                .filter(i -> states.load("pump-" + i).open())
                .count();

        assertThat(hot).isBetween(1L, (long) held);
    }

    @Test
    void shouldMakeRoomForOthersWhenThoseItHoldsDontComeAnyMore() {
        EntityStates states = states(400);
        states.save(step(states, "old", 0, 1));
        for (int offset = 1; offset < 100; offset++) {
            states.save(step(states, "new", offset, 2));
        }
        empty();

        assertThat(states.load("new").open()).isTrue();
        assertThat(states.load("old").open()).isFalse();
    }

    @Test
    void shouldForgetAnEntityWhoseSequenceEnds() {
        EntityStates states = states(10_000);
        states.save(step(states, "pump-7", 5, 1.5f));
        LiveEntity entity = states.load("pump-7");
        entity.end(6, 6);
        states.save(entity);

        assertThat(states.load("pump-7").open()).isFalse();
    }

    @Test
    void shouldForgetAnEntityThatASweepEvicts() {
        EntityStates states = states(10_000, StatePrecision.FLOAT32, Optional.of(Duration.ofMillis(100)));
        states.save(step(states, "pump-7", 5, 1.5f));
        states.loadEventTime();
        states.idleBefore(6, 1_000_000, -1);
        states.saveEventTime();
        states.sweep(100);
        assertThat(states.takeEvicted()).isEqualTo(1);

        assertThat(states.load("pump-7").open()).isFalse();
    }

    @Test
    void shouldGiveTheNumbersThatTheStoreHasWhereItRoundsThem() {
        EntityStates states = states(10_000, StatePrecision.BFLOAT16, Optional.empty());
        states.save(step(states, "pump-7", 5, 1.001f));

        // A bfloat16 has 8 bits of mantissa.
        assertThat(first(states.load("pump-7"))).isEqualTo(1f);
    }

    @Test
    void shouldReadTheStoreWhereEventsMayBeDeliveredAgain() {
        EntityStates states = states(10_000);
        states.expectRedelivery();
        states.begin(0, 0);
        states.save(step(states, "pump-7", 5, 1.5f));
        empty();

        assertThat(states.load("pump-7").open()).isFalse();
    }
}
