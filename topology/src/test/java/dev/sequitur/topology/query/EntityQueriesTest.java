package dev.sequitur.topology.query;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.generate.Rollout;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.fixture.TopologyRig;
import dev.sequitur.topology.history.History;
import dev.sequitur.topology.query.EntityQueries.Imagined;
import dev.sequitur.topology.query.QueryException.Reason;
import dev.sequitur.topology.state.StateException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The model expects the sum of what came, and is surprised by the distance from it. */
class EntityQueriesTest {
    private static final Map<String, LearnedField> LEARNED =
            Map.of("value", new LearnedField.Scale(0, 0, 1), "kind", new LearnedField.Vocabulary(List.of("a", "b"), 1));

    @TempDir
    Path directory;

    private final History history = new History(new History.Limits(100, 8));

    private EntityQueries queries(TestModel model, TopologyRig rig) {
        return new EntityQueries(
                model.model(),
                LEARNED,
                () -> List.of(rig.driver().<Bytes, byte[]>getKeyValueStore("entity-state")),
                Optional.of(history));
    }

    private TopologyRig rig(TestModel model) {
        return new TopologyRig(model, directory, builder -> builder.history(history));
    }

    private static Map<String, Object> fields(Object value, String kind) {
        Map<String, Object> fields = new HashMap<>();
        fields.put("value", value);
        fields.put("kind", kind);
        return fields;
    }

    private static double median(List<Expectation> fields) {
        return ((Continuous) fields.get(0).getDistribution()).getMedian();
    }

    @Test
    void shouldPredictFromTheStateAlone() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = rig(model)) {
            rig.poll("a", model.event("a", T0, 5))
                    .poll("a", model.event("a", T0 + 1, 2))
                    .deliver(9);
            EntityQueries queries = queries(model, rig);
            assertThat(queries.state("a").orElseThrow().clock().steps()).isEqualTo(2);
            assertThat(median(queries.prediction("a", queries.state("a").orElseThrow())))
                    .isEqualTo(7);
            assertThat(queries.state("b")).isEmpty();
        }
    }

    @Test
    void shouldScoreWhatDidNotComeAndChangeNothing() {
        TestModel model = TestModel.endingWithTombstone();
        try (TopologyRig rig = rig(model)) {
            rig.poll("a", model.event("a", T0, 5)).deliver(9);
            EntityQueries queries = queries(model, rig);
            Object before = rig.store().get("a");
            Imagined imagined = queries.whatIf("a", Optional.of(Instant.ofEpochMilli(T0 + 7)), fields(12, "b"), false);
            assertThat(imagined.timeMs()).isEqualTo(T0 + 7);
            assertThat(imagined.verdict().surprise()).isEqualTo(7);
            assertThat(imagined.verdict().score()).isEqualTo(7.0 / 8, within(1e-12));
            assertThat(imagined.verdict().alarm()).isFalse();
            assertThat(imagined.fields().get(0).getObserved()).isEqualTo("12.0");
            assertThat(median(imagined.predictionAfter())).isEqualTo(17);
            assertThat(queries.whatIf("a", Optional.empty(), fields(2000, "a"), false)
                            .verdict()
                            .alarm())
                    .isTrue();
            Imagined end = queries.whatIf("a", Optional.empty(), Map.of(), true);
            assertThat(end.verdict().surprise())
                    .as("END surprises by the number of events")
                    .isEqualTo(1);
            assertThat(end.predictionAfter()).isEmpty();
            assertThat(queries.whatIf("new", Optional.empty(), fields(3, "a"), false)
                            .verdict()
                            .surprise())
                    .as("an entity without events has the sum 0")
                    .isEqualTo(3);
            assertThat(rig.store().get("a")).isEqualTo(before);
            assertThat(rig.scores()).hasSize(1);
            rig.poll("a", model.event("a", T0 + 9, 5)).deliver(9);
            assertThat(rig.scores().get(0).getValue().getStep()).isEqualTo(2);
        }
    }

    @Test
    void shouldSayWhatIsWrongWithAnEventThatCouldNotCome() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = rig(model)) {
            rig.poll("a", model.event("a", T0, 5)).deliver(9);
            EntityQueries queries = queries(model, rig);
            assertThatThrownBy(() -> queries.whatIf("a", Optional.empty(), Map.of("kind", "a"), false))
                    .isInstanceOfSatisfying(QueryException.class, e -> {
                        assertThat(e.reason()).isEqualTo(Reason.WRONG);
                        assertThat(e).hasMessage("field value (column value)");
                        assertThat(e.expected()).isEqualTo("a value");
                        assertThat(e.got()).isEqualTo("none");
                    });
            assertThatThrownBy(() -> queries.whatIf("a", Optional.empty(), fields("much", "a"), false))
                    .isInstanceOfSatisfying(QueryException.class, e -> {
                        assertThat(e.expected()).isEqualTo("a number");
                        assertThat(e.got()).isEqualTo("'much'");
                    });
            assertThatThrownBy(() -> queries.whatIf("a", Optional.empty(), Map.of("vlaue", 1), false))
                    .isInstanceOfSatisfying(QueryException.class, e -> {
                        assertThat(e).hasMessageContaining("'vlaue'");
                        assertThat(e.expected()).contains("kind, value");
                    });
            assertThatThrownBy(() -> queries.whatIf("a", Optional.empty(), Map.of(), true))
                    .isInstanceOfSatisfying(
                            QueryException.class, e -> assertThat(e).hasMessageContaining("knows no END"));
            assertThatThrownBy(() -> queries.whatIf("a", Optional.empty(), fields(666, "a"), false))
                    .isInstanceOfSatisfying(
                            QueryException.class, e -> assertThat(e).hasMessageContaining("isn't finite"));
        }
    }

    @Test
    void shouldContinueFromWhereTheEntityStands() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = rig(model)) {
            rig.poll("a", model.event("a", T0, 5))
                    .poll("a", model.event("a", T0 + 60, 1))
                    .deliver(9);
            EntityQueries queries = queries(model, rig);
            // At temperature 0 the expected value comes, which is the sum: it doubles.
            EntityQueries.Ahead ahead = queries.rollout("a", new Rollout.Options(3, 2, 0, 0, 1, true));
            assertThat(ahead.steps()).hasSize(3);
            assertThat(ahead.steps()).extracting(step -> median(step.fields())).containsExactly(6.0, 12.0, 24.0);
            assertThat(ahead.samples().get(0).events().get(1).timeMs())
                    .as("the time between events is held")
                    .isEqualTo(T0 + 60 + 2 * 60);
            assertThatThrownBy(() -> queries.rollout("a", new Rollout.Options(3, 2, 0, 0, 1, false)))
                    .isInstanceOfSatisfying(QueryException.class, e -> {
                        assertThat(e.reason()).isEqualTo(Reason.NOT_POSSIBLE);
                        assertThat(e).hasMessageContaining("kind");
                    });
            assertThatThrownBy(() -> queries.rollout("b", new Rollout.Options(3, 2, 0, 0, 1, true)))
                    .isInstanceOfSatisfying(
                            QueryException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNKNOWN));
        }
    }

    @Test
    void shouldListKeysByPrefixOverPartitionsAndPages() {
        TestModel model = TestModel.endless();
        KeyValueStore<Bytes, byte[]> one = store("a1", "b1", "b3", "c1");
        KeyValueStore<Bytes, byte[]> other = store("b0", "b2", "b\u00e9", "d");
        one.put(Bytes.wrap(new byte[] {(byte) 0xFF}), new byte[1]);
        EntityQueries queries = new EntityQueries(model.model(), LEARNED, () -> List.of(one, other), Optional.empty());
        assertThat(queries.keys("b", null, 3)).containsExactly("b0", "b1", "b2");
        assertThat(queries.keys("b", "b2", 9)).containsExactly("b3", "b\u00e9");
        assertThat(queries.keys("", null, 99)).hasSize(8);
        assertThat(queries.keys("", "c1", 99)).containsExactly("d");
        assertThat(queries.keys("x", null, 99)).isEmpty();
    }

    @Test
    void shouldAskTheLikelyStoreAloneWhereItHasTheEntity() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = rig(model)) {
            rig.poll("a", model.event("a", T0, 5)).deliver(9);
            EntityQueries queries = queries(model, List.of(), () -> Optional.of(stateStore(rig)));
            assertThat(queries.state("a")).map(state -> state.clock().steps()).hasValue(1L);
            assertThat(queries.state("b")).isEmpty();
        }
    }

    @Test
    void shouldAskAllStoresWhereTheLikelyOneLacksTheEntityOrHasMoved() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = rig(model)) {
            rig.poll("a", model.event("a", T0, 5)).deliver(9);
            List<ReadOnlyKeyValueStore<Bytes, byte[]>> all = List.of(store(), stateStore(rig));
            EntityQueries lacking = queries(model, all, () -> Optional.of(store()));
            assertThat(lacking.state("a")).map(state -> state.clock().steps()).hasValue(1L);
            EntityQueries moved = queries(model, all, () -> {
                throw new InvalidStateStoreException("moved");
            });
            assertThat(moved.state("a")).map(state -> state.clock().steps()).hasValue(1L);
        }
    }

    private static ReadOnlyKeyValueStore<Bytes, byte[]> stateStore(TopologyRig rig) {
        return rig.driver().getKeyValueStore("entity-state");
    }

    private EntityQueries queries(
            TestModel model,
            List<ReadOnlyKeyValueStore<Bytes, byte[]>> all,
            Supplier<Optional<ReadOnlyKeyValueStore<Bytes, byte[]>>> likely) {
        EntityQueries.Stores stores = new EntityQueries.Stores() {
            @Override
            public List<ReadOnlyKeyValueStore<Bytes, byte[]>> all() {
                return all;
            }

            @Override
            public Optional<ReadOnlyKeyValueStore<Bytes, byte[]>> likely(String entity) {
                return likely.get();
            }
        };
        return new EntityQueries(model.model(), LEARNED, stores, Optional.of(history));
    }

    @Test
    void shouldNotReadTheStateOfAnotherModel() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = rig(model)) {
            rig.poll("a", model.event("a", T0, 5)).deliver(9);
            EntityQueries other = queries(TestModel.endless("summing-2"), rig);
            assertThatThrownBy(() -> other.state("a"))
                    .isInstanceOf(StateException.class)
                    .hasMessageContainingAll("'a'", "summing-1", "summing-2");
        }
    }

    private static KeyValueStore<Bytes, byte[]> store(String... keys) {
        KeyValueStore<Bytes, byte[]> store = org.apache.kafka.streams.state.Stores.keyValueStoreBuilder(
                        org.apache.kafka.streams.state.Stores.inMemoryKeyValueStore("s"),
                        Serdes.Bytes(),
                        Serdes.ByteArray())
                .withLoggingDisabled()
                .build();
        var context = new org.apache.kafka.streams.processor.api.MockProcessorContext<>();
        store.init(context.getStateStoreContext(), store);
        for (String key : keys) {
            store.put(Bytes.wrap(key.getBytes(java.nio.charset.StandardCharsets.UTF_8)), new byte[1]);
        }
        return store;
    }
}
