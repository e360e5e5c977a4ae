package dev.sequitur.topology.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.schemas.EntityState;
import dev.sequitur.schemas.RowPrecision;
import dev.sequitur.topology.fixture.StoredStates;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EntityStatesTest {
    private KeyValueStore<Bytes, byte[]> bytes;
    private StoredStates store;

    @BeforeEach
    void open() {
        MockProcessorContext<Void, Void> context = new MockProcessorContext<>(new Properties());
        bytes = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(EntityStates.STORE), Serdes.Bytes(), Serdes.ByteArray())
                .withLoggingDisabled()
                .withCachingDisabled()
                .build();
        bytes.init(context.getStateStoreContext(), bytes);
        store = new StoredStates(bytes);
    }

    @AfterEach
    void close() {
        bytes.close();
    }

    private EntityStates states(String model, OnModelChange policy) {
        return states(model, policy, StatePrecision.FLOAT32);
    }

    private EntityStates states(String model, OnModelChange policy, StatePrecision precision) {
        return states(model, policy, precision, 0);
    }

    /** @param hotBytes for decoded states */
    private EntityStates states(String model, OnModelChange policy, StatePrecision precision, long hotBytes) {
        return new EntityStates(
                bytes, model, 3, 9, new StateSettings(true, policy, precision, Optional.empty(), hotBytes));
    }

    private static EntityState state(int rowBytes, int memoryBytes) {
        return new EntityState(
                "m1",
                1L,
                0L,
                0L,
                0L,
                ByteBuffer.allocate(rowBytes),
                ByteBuffer.allocate(memoryBytes),
                RowPrecision.FLOAT32,
                null);
    }

    private void save(String model, float... row) {
        EntityStates states = states(model, OnModelChange.FAIL);
        LiveEntity entity = states.load("pump-7");
        entity.advance(new EntityClock(2, 100, 200), 55, 55, row, 0);
        states.save(entity);
    }

    @Test
    void shouldLoadWhatWasSaved() {
        save("m1", 1.5f, -0f, Float.MIN_VALUE);
        LiveEntity entity = states("m1", OnModelChange.FAIL).load("pump-7");
        float[] row = new float[5];
        entity.copyRow(row, 1);
        assertThat(row).containsExactly(0, 1.5f, -0f, Float.MIN_VALUE, 0);
        assertThat(entity.clock()).isEqualTo(new EntityClock(2, 100, 200));
        assertThat(entity.open()).isTrue();
        assertThat(store.get("pump-7").getLastOffset()).isEqualTo(55);
    }

    @Test
    void shouldStoreFloatsLittleEndian() {
        save("m1", 1f, 0, 0);
        ByteBuffer row = store.get("pump-7").getRow();
        // 1.0f is 0x3F800000.
        assertThat(new byte[] {row.get(0), row.get(1), row.get(2), row.get(3)})
                .containsExactly(0, 0, (byte) 0x80, 0x3F);
        assertThat(row.remaining()).isEqualTo(12);
    }

    @Test
    void shouldKeepWhatTheAlarmsRemember() {
        EntityStates states = states("m1", OnModelChange.FAIL);
        LiveEntity entity = states.load("pump-7");
        entity.memory().putLong(1, 0x0102030405060708L);
        entity.advance(new EntityClock(2, 100, 200), 55, 55, new float[3], 0);
        states.save(entity);
        entity.memory().putLong(1, 0);

        // Little endian.
        assertThat(store.get("pump-7").getMemory()).isEqualTo(ByteBuffer.wrap(new byte[] {0, 8, 7, 6, 5, 4, 3, 2, 1}));
        LiveEntity again = states.load("pump-7");
        assertThat(again.memory().getLong(1)).isEqualTo(0x0102030405060708L);
        again.end(57, 57);
        assertThat(again.memory().getLong(1)).isZero();
        assertThat(states.load("pump-7").memory().getLong(1)).isNotZero();
    }

    @Test
    void shouldStoreNothingWhereNothingIsRemembered() {
        save("m1", 1, 2, 3);
        assertThat(store.get("pump-7").getMemory().remaining()).isZero();
        assertThat(states("m1", OnModelChange.FAIL).load("pump-7").memory().capacity())
                .isEqualTo(9);
    }

    @Test
    void shouldForgetWhatTheAlarmsOfAnotherModelRemember() {
        EntityStates states = states("m1", OnModelChange.FAIL);
        LiveEntity entity = states.load("pump-7");
        entity.memory().putLong(0, 7);
        entity.advance(new EntityClock(2, 100, 200), 55, 55, new float[3], 0);
        states.save(entity);

        assertThat(states("m2", OnModelChange.RESET).load("pump-7").memory().getLong(0))
                .isZero();
    }

    @Test
    void shouldFailOnAMemoryOfTheWrongLength() {
        store.put("pump-7", state(12, 4));
        assertThatThrownBy(() -> states("m1", OnModelChange.RESET).load("pump-7"))
                .isInstanceOf(StateException.class)
                .hasMessageContainingAll("'pump-7'", "'entity-state'", "0 or 9 bytes", "got 4");
    }

    @Test
    void shouldNotWriteWhatDidNotChange() {
        save("m1", 1, 2, 3);
        byte[] before = store.bytes("pump-7");
        EntityStates states = states("m1", OnModelChange.FAIL);
        states.save(states.load("pump-7"));
        assertThat(store.bytes("pump-7")).isSameAs(before);
        states.save(states.load("unseen"));
        assertThat(store.get("unseen")).isNull();
    }

    @Test
    void shouldDeleteTheStateOfASequenceThatEnded() {
        save("m1", 1, 2, 3);
        EntityStates states = states("m1", OnModelChange.FAIL);
        LiveEntity entity = states.load("pump-7");
        entity.end(57, 57);
        states.save(entity);
        assertThat(store.get("pump-7")).isNull();
    }

    @Test
    void shouldFailOnTheStateOfAnotherModel() {
        save("m1", 1, 2, 3);
        assertThatThrownBy(() -> new EntityStates(
                                bytes, "m2", 64, 9, new StateSettings(true, OnModelChange.FAIL, StatePrecision.FLOAT32))
                        .load("pump-7"))
                .isInstanceOf(StateException.class)
                .isInstanceOf(StreamsException.class)
                .hasMessageContainingAll("'pump-7'", "'entity-state'", "m1 (3 floats)", "m2 needs 64", "reset");
    }

    @Test
    void shouldResetTheStateOfAnotherModelAndCountItOnce() {
        save("m1", 1, 2, 3);
        EntityStates states = states("m2", OnModelChange.RESET);
        LiveEntity entity = states.load("pump-7");
        assertThat(entity.open()).isFalse();
        assertThat(states.takeResets()).isEqualTo(1);
        assertThat(states.takeResets()).isZero();
        states.save(entity);
        assertThat(store.get("pump-7")).isNull();
    }

    @Test
    void shouldFailOnAStateOfTheWrongLength() {
        store.put("pump-7", state(11, 0));
        assertThatThrownBy(() -> states("m1", OnModelChange.RESET).load("pump-7"))
                .isInstanceOf(StateException.class)
                .hasMessageContainingAll("'pump-7'", "'entity-state'", "12 bytes", "11 bytes");
    }

    @Test
    void shouldFailOnBytesThatAreNoState() {
        store.put("pump-7", new byte[] {9, 9, 9});
        assertThatThrownBy(() -> states("m1", OnModelChange.RESET).load("pump-7"))
                .isInstanceOf(StateException.class)
                .hasMessageContainingAll("'pump-7'", "'entity-state'", "damaged");
    }

    @Test
    void shouldReadAStateInThePrecisionItWasWrittenInAndWriteItInTheConfiguredOne() {
        // 1/3 has neither in 8 nor in 11 significant bits an exact form.
        save("m1", 1 / 3f, -2, 70_000);
        EntityStates half = states("m1", OnModelChange.FAIL, StatePrecision.FLOAT16);
        LiveEntity entity = half.load("pump-7");
        assertThat(entity.snapshot().row()).containsExactly(1 / 3f, -2, 70_000);

        entity.advance(entity.clock().after(300), 56, 56, new float[] {1 / 3f, -2, 70_000}, 0);
        half.save(entity);

        assertThat(store.get("pump-7").getPrecision()).isEqualTo(RowPrecision.FLOAT16);
        assertThat(store.get("pump-7").getRow().remaining()).isEqualTo(6);
        assertThat(half.takeSaturated()).isEqualTo(1);
        assertThat(half.takeSaturated()).isZero();
        // 1/3 is 0x1.555p-2 to 11 bits; 65504 is the largest there is.
        assertThat(states("m1", OnModelChange.FAIL).load("pump-7").snapshot().row())
                .containsExactly(0x1.554p-2f, -2, 65_504);
    }
}
