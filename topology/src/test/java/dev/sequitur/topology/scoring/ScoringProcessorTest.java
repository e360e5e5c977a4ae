package dev.sequitur.topology.scoring;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.schemas.EntityState;
import dev.sequitur.topology.batch.Feed;
import dev.sequitur.topology.batch.NaturalBatch;
import dev.sequitur.topology.fixture.StoredStates;
import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.fixture.TopologyRig;
import dev.sequitur.topology.input.EventFormat;
import dev.sequitur.topology.metrics.DeviceMetric;
import dev.sequitur.topology.output.Outcome;
import dev.sequitur.topology.state.EntityStates;
import dev.sequitur.topology.state.HeldEvents;
import dev.sequitur.topology.state.OnModelChange;
import dev.sequitur.topology.state.StateException;
import dev.sequitur.topology.state.StateSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.LogAndContinueProcessingExceptionHandler;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the processor does to its store and its context, call by call. */
class ScoringProcessorTest {
    @TempDir
    Path stateDir;

    private MockProcessorContext<String, Outcome> context;
    private StoredStates store;

    @BeforeEach
    void open() {
        open(properties());
    }

    private Properties properties() {
        Properties properties = TopologyRig.properties(stateDir);
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, "dead");
        return properties;
    }

    private void open(Properties properties) {
        context = new MockProcessorContext<>(
                properties, new org.apache.kafka.streams.processor.TaskId(0, 0), stateDir.toFile());
        context.setRecordMetadata("events", 0, 0);
        context.setCurrentSystemTimeMs(TestModel.T0);
        KeyValueStore<Bytes, byte[]> states = Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(EntityStates.STORE), Serdes.Bytes(), Serdes.ByteArray())
                .withLoggingDisabled()
                .build();
        states.init(context.getStateStoreContext(), states);
        context.addStateStore(states);
        store = new StoredStates(states);
    }

    private void openHeldEvents() {
        KeyValueStore<Bytes, byte[]> held =
                HeldEvents.storeBuilder().withLoggingDisabled().build();
        held.init(context.getStateStoreContext(), held);
        context.addStateStore(held);
    }

    private static List<Long> offsets(List<? extends MockProcessorContext.CapturedForward<?, ?>> forwards) {
        return forwards.stream()
                .map(forward -> forward.record().value())
                .filter(Outcome.Scored.class::isInstance)
                .map(outcome -> ((Outcome.Scored) outcome).score().getOffset())
                .toList();
    }

    @Test
    void shouldTakeUpWhatWaitsAndHowFarTimeHasComeWhenItStartsAgain() {
        TestModel model = TestModel.endingWithTombstone();
        ScoringSettings inOrder = settings(
                false, false, LateEvents.processed().reorderedWithin(Duration.ofSeconds(10)), OnModelChange.FAIL);
        openHeldEvents();
        var before = new Scoring(model.model(), inOrder).get();
        before.init(context);
        before.process(carrier(model, 0, T0 + 9000, T0 + 7000, T0 + 20_000, T0 + 15_000));
        assertThat(offsets(context.forwarded())).containsExactly(1L, 0L);
        before.close();
        context.resetForwards();

        var after = new Scoring(model.model(), inOrder).get();
        after.init(context);
        // Time stands at 20 s: what is 10 s before it waits no longer, and what waited goes before what comes.
        after.process(carrier(model, 4, T0 + 10_000, T0 + 15_000));
        assertThat(offsets(context.forwarded())).containsExactly(4L);
        // An END follows what waited before it.
        after.process(end(6));
        after.process(carrier(model, 7, T0 + 40_000));
        assertThat(offsets(context.forwarded())).containsExactly(4L, 3L, 5L, 2L, 6L);
        assertThat(store.get("a")).isNull();
    }

    private static Record<byte[], NaturalBatch> end(long offset) {
        byte[] key = "a".getBytes(StandardCharsets.UTF_8);
        return new Record<>(
                null,
                new NaturalBatch.Polled(List.of(new ConsumerRecord<>("events", 0, offset, key, null)), new Feed()),
                T0);
    }

    /** Events of one entity. */
    private static Record<byte[], NaturalBatch> carrier(TestModel model, long firstOffset, long... times) {
        List<ConsumerRecord<byte[], byte[]>> events = new ArrayList<>();
        for (long timeMs : times) {
            events.add(new ConsumerRecord<>(
                    "events",
                    0,
                    firstOffset + events.size(),
                    "a".getBytes(StandardCharsets.UTF_8),
                    model.event("a", timeMs, 1)));
        }
        return new Record<>(null, new NaturalBatch.Polled(events, new Feed()), T0);
    }

    private Processor<byte[], NaturalBatch, String, Outcome> processor(TestModel model, OnModelChange policy) {
        Processor<byte[], NaturalBatch, String, Outcome> processor =
                new Scoring(model.model(), settings(false, false, LateEvents.processed(), policy)).get();
        processor.init(context);
        return processor;
    }

    private static ScoringSettings settings(
            boolean collecting, boolean derived, LateEvents late, OnModelChange policy) {
        StateSettings states = new StateSettings(true, policy, StatePrecision.FLOAT32);
        return new ScoringSettings(true, states, 10, collecting, derived, late, 900_000, EventFormat.singleObject());
    }

    private static Record<byte[], NaturalBatch> carrier(TestModel model, String... devices) {
        List<ConsumerRecord<byte[], byte[]>> events = new java.util.ArrayList<>();
        for (String device : devices) {
            events.add(new ConsumerRecord<>(
                    "events",
                    0,
                    events.size(),
                    T0,
                    TimestampType.CREATE_TIME,
                    0,
                    0,
                    device.getBytes(StandardCharsets.UTF_8),
                    model.event(device, T0, 1),
                    new RecordHeaders(),
                    Optional.empty()));
        }
        return new Record<>(null, new NaturalBatch.Polled(events, new Feed()), T0);
    }

    @Test
    void shouldWriteAndForwardNothingWhenTheStepFunctionThrows() {
        TestModel model = TestModel.endless();
        var processor = processor(model, OnModelChange.FAIL);
        processor.process(carrier(model, "a"));
        EntityState before = store.get("a");
        context.resetForwards();

        model.step().fail();
        assertThatThrownBy(() -> processor.process(carrier(model, "b", "a", "a")))
                .hasMessageContaining("no more steps");
        assertThat(context.forwarded()).isEmpty();
        assertThat(store.get("a")).isEqualTo(before);
        assertThat(store.get("b")).isNull();
    }

    @Test
    void shouldHaveNothingPendingAfterACall() {
        TestModel model = TestModel.endless();
        var processor = processor(model, OnModelChange.FAIL);
        processor.process(carrier(model, "a", "b", "a"));
        // A score and a prediction of each event.
        assertThat(context.forwarded()).hasSize(6);
        // The sweep's alone.
        assertThat(context.scheduledPunctuators()).hasSize(1);
        assertThat(store.get("a").getSteps()).isEqualTo(2);
        assertThat(store.get("a").getLastOffset()).isEqualTo(2);
    }

    @Test
    void shouldStopBeforeAnythingIsWrittenOnTheStateOfAnotherModel() {
        TestModel old = TestModel.endless("old-model");
        processor(old, OnModelChange.FAIL).process(carrier(old, "a"));
        context.resetForwards();
        TestModel loaded = TestModel.endless("new-model");
        var processor = processor(loaded, OnModelChange.FAIL);
        assertThatThrownBy(() -> processor.process(carrier(loaded, "b", "a")))
                .isInstanceOf(StateException.class)
                .hasMessageContainingAll("'a'", "old-model", "new-model");
        assertThat(context.forwarded()).isEmpty();
        assertThat(store.get("b")).isNull();
    }

    @Test
    void shouldStartAnewOnTheStateOfAnotherModelWherePolicySaysSo() {
        TestModel old = TestModel.endless("old-model");
        processor(old, OnModelChange.FAIL).process(carrier(old, "a", "a"));
        TestModel loaded = TestModel.endless("new-model");
        processor(loaded, OnModelChange.RESET).process(carrier(loaded, "a"));
        assertThat(store.get("a").getModel()).isEqualTo("new-model");
        assertThat(store.get("a").getSteps()).isEqualTo(1);
    }

    @Test
    void shouldRefuseAGuaranteeThatItDoesNotKnow() {
        Properties properties = properties();
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, "exactly_once");
        assertThatThrownBy(() -> RequiredSettings.check(properties))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("processing.guarantee", "exactly_once_v2", "at_least_once");
    }

    @Test
    void shouldRefuseAnEventAtLeastOnceWhereNobodyKnowsWhatIsCommitted() {
        Properties properties = properties();
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        open(properties);
        TestModel model = TestModel.endless();
        var processor = processor(model, OnModelChange.FAIL);
        var single = new Record<byte[], NaturalBatch>(
                "a".getBytes(StandardCharsets.UTF_8), new NaturalBatch.Single(model.event("a", T0, 1)), T0);
        assertThatThrownBy(() -> processor.process(single))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContainingAll("SequiturTopology.configure", "TopologyTestDriver");
        assertThat(context.forwarded()).isEmpty();
    }

    @Test
    void shouldRefuseToStartAtLeastOnceWhereOffsetsDoNotTellEventsApart() {
        Properties properties = properties();
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        open(properties);
        LateEvents inOrder = LateEvents.processed().reorderedWithin(Duration.ofSeconds(1));
        Map<String, ScoringSettings> settingsByReason = Map.of(
                "collecting", settings(true, false, LateEvents.processed(), OnModelChange.FAIL),
                "applyTo", settings(false, true, LateEvents.processed(), OnModelChange.FAIL),
                "reordering", settings(false, false, inOrder, OnModelChange.FAIL));
        settingsByReason.forEach((reason, settings) -> {
            var processor = new Scoring(TestModel.endless().model(), settings).get();
            assertThatThrownBy(() -> processor.init(context))
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContainingAll("at_least_once", "exactly_once_v2")
                    .hasMessageContaining(reason);
        });
    }

    @Test
    void shouldRefuseToStartWithAHandlerThatSkipsBatches() {
        Properties properties = properties();
        properties.put(
                StreamsConfig.PROCESSING_EXCEPTION_HANDLER_CLASS_CONFIG,
                LogAndContinueProcessingExceptionHandler.class);
        open(properties);
        assertThatThrownBy(() -> processor(TestModel.endless(), OnModelChange.FAIL))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll("processing.exception.handler", "LogAndFailProcessingExceptionHandler");
    }

    @Test
    void shouldTakeItsMetricsAlongWhenItCloses() {
        var processor = processor(TestModel.endless(), OnModelChange.FAIL);
        assertThat(sequiturMetrics()).isPositive();
        processor.close();
        assertThat(sequiturMetrics()).isZero();
    }

    @Test
    void shouldSayAsAMetricWhereItsNetworkComputes() {
        processor(TestModel.endless(), OnModelChange.FAIL);
        assertThat(context.metrics().metrics().entrySet().stream()
                        .filter(e -> e.getKey().name().equals(DeviceMetric.NAME)))
                .singleElement()
                .satisfies(e -> {
                    // Plain Java computes here.
                    assertThat(e.getKey().tags()).containsEntry("device", "cpu").containsEntry("stage", "score");
                    assertThat(e.getValue().metricValue()).isEqualTo(1.0);
                });
    }

    private long sequiturMetrics() {
        return context.metrics().metrics().keySet().stream()
                .filter(name -> name.group().equals("stream-sequitur-metrics"))
                .count();
    }
}
