package dev.sequitur.topology.scoring;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.schemas.EntityState;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.batch.NaturalBatch;
import dev.sequitur.topology.batch.NaturalBatchInterceptor;
import dev.sequitur.topology.batch.NaturalBatchSerde;
import dev.sequitur.topology.fixture.StoredStates;
import dev.sequitur.topology.fixture.SummingStep;
import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.fixture.TopologyRig;
import dev.sequitur.topology.input.EventFormat;
import dev.sequitur.topology.metrics.StageMetrics;
import dev.sequitur.topology.output.Outcome;
import dev.sequitur.topology.state.EntityStates;
import dev.sequitur.topology.state.OnModelChange;
import dev.sequitur.topology.state.StateSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Crashes under at-least-once. A run is compared with events that are stepped one by one, exactly once; what a crash
 * leaves of the store is the worst that a changelog could hold: of each entity any version written since the commit.
 */
class AtLeastOnceTest {
    /** Before the one that a processor begins with. */
    private static final RestoredStates.Input NO_OTHER_EVENTS = new RestoredStates.Input() {
        @Override
        public boolean hasEvents(TopicPartition partition, long from, long to) {
            return false;
        }

        @Override
        public boolean wasProcessed(TopicPartition partition) {
            throw new AssertionError("there are no events before that could have been processed");
        }
    };

    private static final Duration GAP = Duration.ofMinutes(10);
    /** Shorter than the gap: an entity that is evicted forgets what it would remember over a gap. */
    private static final Duration TIME_TO_LIVE = Duration.ofMinutes(5);

    @TempDir
    Path stateDir;

    private final TestModel model = TestModel.adaptive(GAP, TestModel.FINGERPRINT);

    /** What came of an event: its score and prediction, or why there is none. */
    private record Fate(Score score, Prediction prediction, String rejected) {}

    /** An instance of the application: its store, and what the processor wrote to its topics. */
    private final class Instance {
        private final MockProcessorContext<String, Outcome> context;
        private final KeyValueStore<Bytes, byte[]> store;
        private final Processor<byte[], NaturalBatch, String, Outcome> processor;

        Instance(
                TestModel loaded,
                String guarantee,
                Map<Bytes, byte[]> restored,
                OnModelChange policy,
                Optional<Duration> timeToLive) {
            Properties properties = TopologyRig.properties(stateDir);
            properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, guarantee);
            properties.put(StreamsConfig.ERRORS_DEAD_LETTER_QUEUE_TOPIC_NAME_CONFIG, "dead");
            context = new MockProcessorContext<>(properties, new TaskId(0, 0), stateDir.toFile());
            context.setRecordMetadata("events", 0, 0);
            context.setCurrentSystemTimeMs(T0);
            store = Stores.keyValueStoreBuilder(
                            Stores.inMemoryKeyValueStore(EntityStates.STORE), Serdes.Bytes(), Serdes.ByteArray())
                    .withLoggingDisabled()
                    .build();
            store.init(context.getStateStoreContext(), store);
            context.addStateStore(store);
            restored.forEach(store::put);
            StateSettings states = new StateSettings(
                    true, policy, StatePrecision.FLOAT32, timeToLive, StateSettings.DEFAULT_HOT_BYTES);
            processor = new Scoring(
                            loaded.model(),
                            new ScoringSettings(
                                    true,
                                    states,
                                    NaturalBatchInterceptor.DEFAULT_MAX_EVENTS,
                                    false,
                                    false,
                                    LateEvents.processed(),
                                    900_000,
                                    EventFormat.singleObject()),
                            Optional.empty(),
                            streams -> NO_OTHER_EVENTS)
                    .get();
            processor.init(context);
        }

        void sweep() {
            context.scheduledPunctuators().get(0).getPunctuator().punctuate(0);
        }

        Map<Bytes, byte[]> stored() {
            Map<Bytes, byte[]> all = new HashMap<>();
            try (KeyValueIterator<Bytes, byte[]> entries = store.all()) {
                entries.forEachRemaining(entry -> all.put(entry.key, entry.value));
            }
            return all;
        }

        /** What the events from one offset to another become, by offset. */
        Map<Long, Fate> process(List<ConsumerRecord<byte[], byte[]>> events, long committed) {
            context.resetForwards();
            processor.process(new Record<>(null, batch(events, committed), T0));
            Map<Long, Fate> fates = new TreeMap<>();
            for (var forward : context.forwarded()) {
                Outcome outcome = forward.record().value();
                if (outcome instanceof Outcome.Scored scored) {
                    fates.merge(scored.score().getOffset(), new Fate(scored.score(), null, null), (a, b) -> {
                        throw new AssertionError("two scores of " + a);
                    });
                } else if (outcome instanceof Outcome.Predicted predicted) {
                    Prediction prediction = predicted.prediction();
                    fates.computeIfPresent(
                            prediction.getOffset(), (offset, fate) -> new Fate(fate.score, prediction, null));
                } else {
                    fates.put(
                            Long.valueOf(header(forward.record(), "__streams.errors.offset")),
                            new Fate(null, null, header(forward.record(), "sequitur.reason")));
                }
            }
            return fates;
        }

        double total(String code) {
            return context.metrics().metrics().entrySet().stream()
                    .filter(e -> e.getKey().group().equals(StageMetrics.GROUP))
                    .filter(e -> e.getKey().name().equals(code + "-total"))
                    .mapToDouble(e -> (Double) e.getValue().metricValue())
                    .sum();
        }
    }

    /** As the consumer's interceptor makes it; {@code committed} -1 where it saw no commit. */
    private static NaturalBatch batch(List<ConsumerRecord<byte[], byte[]>> events, long committed) {
        TopicPartition partition = new TopicPartition("events", 0);
        try (NaturalBatchInterceptor interceptor = new NaturalBatchInterceptor()) {
            interceptor.configure(Map.of(NaturalBatchInterceptor.TOPICS, "events"));
            ConsumerRecord<byte[], byte[]> carrier = interceptor
                    .onConsume(new ConsumerRecords<>(Map.of(partition, events), Map.of()))
                    .records(partition)
                    .get(0);
            if (committed >= 0) {
                // After the batch was made: that is what is known when it is processed.
                interceptor.onCommit(Map.of(partition, new OffsetAndMetadata(committed)));
            }
            return new NaturalBatchSerde().deserializer().deserialize("events", carrier.headers(), carrier.value());
        }
    }

    private static String header(Record<?, ?> record, String name) {
        return new String(record.headers().lastHeader(name).value(), StandardCharsets.UTF_8);
    }

    private Instance atLeastOnce(Map<Bytes, byte[]> restored) {
        return atLeastOnce(restored, Optional.empty());
    }

    private Instance atLeastOnce(Map<Bytes, byte[]> restored, Optional<Duration> timeToLive) {
        return new Instance(model, StreamsConfig.AT_LEAST_ONCE, restored, OnModelChange.FAIL, timeToLive);
    }

    private Instance exactlyOnce(Map<Bytes, byte[]> restored, Optional<Duration> timeToLive) {
        return new Instance(model, StreamsConfig.EXACTLY_ONCE_V2, restored, OnModelChange.FAIL, timeToLive);
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset, String device, byte[] value) {
        return record(offset, T0 + offset, device, value);
    }

    private static ConsumerRecord<byte[], byte[]> record(long offset, long timestamp, String device, byte[] value) {
        return new ConsumerRecord<>(
                "events",
                0,
                offset,
                timestamp,
                TimestampType.CREATE_TIME,
                0,
                0,
                device.getBytes(StandardCharsets.UTF_8),
                value,
                new RecordHeaders(),
                Optional.empty());
    }

    private ConsumerRecord<byte[], byte[]> event(long offset, String device, double value) {
        return record(offset, device, model.event(device, T0 + offset, value));
    }

    private List<ConsumerRecord<byte[], byte[]>> traffic(Random random, int events) {
        List<ConsumerRecord<byte[], byte[]>> traffic = new ArrayList<>();
        long timeMs = T0;
        long offset = 0;
        for (int i = 0; i < events; i++) {
            // Transactions and compaction leave gaps.
            offset += random.nextInt(20) == 0 ? 2 : 1;
            timeMs += random.nextInt(40) == 0 ? GAP.toMillis() + 1 : random.nextInt(2000) - 500;
            String device = "device-" + random.nextInt(5);
            int kind = random.nextInt(30);
            // A device that surprises now and then, so that there is something for its alarms to remember.
            double value = kind < 2 ? 500 : random.nextInt(10) - 5;
            byte[] bytes = kind == 29
                    ? new byte[] {1, 2, 3}
                    : kind == 28
                            ? model.event(device, timeMs, SummingStep.GIVES_NAN)
                            : kind >= 25 ? null : model.event(device, timeMs, value);
            traffic.add(record(offset, timeMs, device, bytes));
        }
        return traffic;
    }

    /** Of each entity any version that was written since the commit. */
    private static Map<Bytes, byte[]> survived(Random random, List<Map<Bytes, byte[]>> versions) {
        Set<Bytes> keys = new HashSet<>();
        versions.forEach(version -> keys.addAll(version.keySet()));
        Map<Bytes, byte[]> left = new HashMap<>();
        for (Bytes key : keys) {
            byte[] value = versions.get(random.nextInt(versions.size())).get(key);
            if (value != null) {
                left.put(key, value);
            }
        }
        return left;
    }

    /** Time of the latest event; the three bytes of a malformed one have none. */
    private static long latest(List<ConsumerRecord<byte[], byte[]>> traffic) {
        return traffic.stream()
                .filter(record -> record.value() != null && record.value().length > 3)
                .mapToLong(ConsumerRecord::timestamp)
                .max()
                .orElseThrow();
    }

    /** Everything but what at-least-once adds. */
    private static Map<String, EntityState> open(KeyValueStore<Bytes, byte[]> store, long idleBefore) {
        Map<String, EntityState> states = new StoredStates(store).all();
        states.values().removeIf(state -> state.getSteps() == 0 || state.getLastEventTime() < idleBefore);
        states.values().forEach(state -> state.setBase(null));
        return states;
    }

    @Test
    void shouldStepEveryEventOnceAndLoseNoResultWhateverCrashes() {
        Random random = new Random(17);
        double duplicates = 0;
        double evicted = 0;
        for (int run = 0; run < 150; run++) {
            List<ConsumerRecord<byte[], byte[]>> traffic = traffic(random, 80);
            Optional<Duration> timeToLive = run % 2 == 0 ? Optional.empty() : Optional.of(TIME_TO_LIVE);
            Instance sequential = exactlyOnce(Map.of(), timeToLive);
            Map<Long, Fate> expected = new TreeMap<>();
            for (ConsumerRecord<byte[], byte[]> event : traffic) {
                expected.putAll(sequential.process(List.of(event), -1));
            }

            Set<Long> seen = new HashSet<>();
            Instance instance = atLeastOnce(Map.of(), timeToLive);
            List<Map<Bytes, byte[]>> versions = new ArrayList<>(List.of(Map.of()));
            int committed = 0;
            int at = 0;
            // What the interceptor knows; nothing until it has seen a commit itself.
            long known = -1;
            while (committed < traffic.size()) {
                int to = Math.min(traffic.size(), at + 1 + random.nextInt(12));
                if (at < to) {
                    Map<Long, Fate> fates = instance.process(traffic.subList(at, to), known);
                    fates.forEach((offset, fate) ->
                            assertThat(fate).as("offset %d of run", offset).isEqualTo(expected.get(offset)));
                    seen.addAll(fates.keySet());
                    versions.add(instance.stored());
                    at = to;
                }
                if (random.nextInt(3) == 0) {
                    instance.sweep();
                    versions.add(instance.stored());
                }
                int happening = random.nextInt(6);
                if (happening < 2) {
                    committed = at;
                    known = at == traffic.size()
                            ? traffic.get(at - 1).offset() + 1
                            : traffic.get(at).offset();
                    versions = new ArrayList<>(List.of(instance.stored()));
                } else if (happening == 2) {
                    duplicates += instance.total("duplicates");
                    assertThat(instance.total("skipped")).isZero();
                    // The same consumer may get the partition back, and remembers; another knows nothing.
                    known = random.nextBoolean() ? known : -1;
                    Map<Bytes, byte[]> left = survived(random, versions);
                    versions = new ArrayList<>(List.of(left));
                    instance = atLeastOnce(left, timeToLive);
                    at = committed;
                }
            }

            assertThat(seen).isEqualTo(expected.keySet());
            long idleBefore = timeToLive.isEmpty() ? Long.MIN_VALUE : latest(traffic) - TIME_TO_LIVE.toMillis();
            assertThat(open(instance.store, idleBefore)).isEqualTo(open(sequential.store, idleBefore));
            evicted += sequential.total("evicted");
        }
        assertThat(duplicates).isGreaterThan(500);
        assertThat(evicted).isGreaterThan(50);
    }

    @Test
    void shouldCountAnEventThatIsDeliveredAgainAndScoreItAsBefore() {
        Instance first = atLeastOnce(Map.of());
        Map<Long, Fate> before = first.process(List.of(event(0, "a", 5), event(1, "b", 2)), -1);
        before.putAll(first.process(List.of(event(2, "a", 7)), 2));

        Instance second = atLeastOnce(first.stored());
        Map<Long, Fate> again = second.process(List.of(event(2, "a", 7), event(3, "b", 1)), -1);

        assertThat(again.get(2L)).isEqualTo(before.get(2L));
        assertThat(second.total("duplicates")).isEqualTo(1);
        assertThat(second.total("consumed")).isEqualTo(second.total("scored")).isEqualTo(2);
        assertThat(new StoredStates(second.store).get("a").getSteps()).isEqualTo(2);
    }

    @Test
    void shouldForgetAnEntityOnceItsEndIsCommitted() {
        Instance instance = atLeastOnce(Map.of());
        instance.process(List.of(event(0, "a", 5)), -1);
        instance.process(List.of(record(1, "a", null)), 1);
        EntityState kept = new StoredStates(instance.store).get("a");
        assertThat(kept.getSteps()).isZero();
        assertThat(kept.getLastOffset()).isEqualTo(1);
        assertThat(kept.getBase().getSteps()).isEqualTo(1);

        instance.process(List.of(event(2, "b", 5)), 2);
        assertThat(new StoredStates(instance.store).get("a")).isNull();
    }

    @Test
    void shouldKeepAnEntityThatStartedAgainAfterItsEnd() {
        Instance instance = atLeastOnce(Map.of());
        instance.process(List.of(event(0, "a", 5), record(1, "a", null)), -1);
        instance.process(List.of(event(2, "a", 3)), 0);
        instance.process(List.of(event(3, "b", 5)), 3);
        assertThat(new StoredStates(instance.store).get("a").getSteps()).isEqualTo(1);
    }

    @Test
    void shouldSkipAnEventFromBeforeTheBaseAndSaySo() {
        Instance first = atLeastOnce(Map.of());
        first.process(List.of(event(0, "a", 5)), -1);
        first.process(List.of(event(1, "a", 7)), 1);

        // As after a reset of offsets by hand.
        Instance second = atLeastOnce(first.stored());
        assertThat(second.process(List.of(event(0, "a", 5)), -1)).isEmpty();
        assertThat(second.total("skipped")).isEqualTo(1);
        assertThat(second.total("duplicates")).isEqualTo(1);
        assertThat(second.process(List.of(event(1, "a", 7), event(2, "a", 1)), -1))
                .containsOnlyKeys(1L, 2L);
        assertThat(second.total("consumed"))
                .isEqualTo(second.total("scored") + second.total("dead-lettered") + second.total("skipped"));
        EntityState state = new StoredStates(second.store).get("a");
        assertThat(state.getSteps()).isEqualTo(3);
    }

    @Test
    void shouldNeverDropAStepWhereTheAnswerToACommitWasLost() {
        Instance first = atLeastOnce(Map.of());
        first.process(List.of(event(0, "a", 5)), -1);
        // The commit of 1 is made, but never heard of.
        first.process(List.of(event(1, "a", 7)), -1);

        Instance second = atLeastOnce(first.stored());
        assertThat(second.process(List.of(event(1, "a", 7)), -1)).isEmpty();
        second.process(List.of(event(2, "a", 1)), -1);

        assertThat(second.total("skipped")).isEqualTo(1);
        assertThat(new StoredStates(second.store).get("a").getSteps()).isEqualTo(3);
    }

    @Test
    void shouldStartAnewFromTheCommitWhereAnotherModelTakesOver() {
        Instance first = atLeastOnce(Map.of());
        first.process(List.of(event(0, "a", 5)), -1);
        first.process(List.of(event(1, "a", 7)), 1);
        TestModel next = TestModel.adaptive(GAP, "summing-2");
        Map<Bytes, byte[]> store = first.stored();
        for (int crash = 0; crash < 2; crash++) {
            Instance after =
                    new Instance(next, StreamsConfig.AT_LEAST_ONCE, store, OnModelChange.RESET, Optional.empty());
            Map<Long, Fate> fates = after.process(List.of(event(1, "a", 7)), -1);
            assertThat(Objects.requireNonNull(fates.get(1L)).score.getStep()).isEqualTo(1);
            store = after.stored();
        }
    }

    @Test
    void shouldReadUnderExactlyOnceWhatAtLeastOnceStored() {
        Instance first = atLeastOnce(Map.of());
        first.process(List.of(event(0, "a", 5), event(1, "b", 3), record(2, "b", null)), -1);

        Instance second = exactlyOnce(first.stored(), Optional.empty());
        second.process(List.of(event(3, "a", 7), event(4, "b", 1)), -1);

        StoredStates states = new StoredStates(second.store);
        assertThat(states.get("a").getSteps()).isEqualTo(2);
        assertThat(states.get("a").getBase()).isNull();
        assertThat(states.get("b").getSteps()).isEqualTo(1);
    }

    @Test
    void shouldDropWhatAnEndLeftWhenTheProcessThatKnewOfItIsGone() {
        Instance first = atLeastOnce(Map.of());
        first.process(List.of(event(0, "a", 5)), -1);
        first.process(List.of(record(1, "a", null)), 1);

        Instance second = atLeastOnce(first.stored());
        second.sweep();
        assertThat(new StoredStates(second.store).get("a"))
                .as("nobody knows of a commit")
                .isNotNull();
        // The partition was taken over at 2, so its events before that are committed.
        second.process(List.of(event(2, "b", 5)), -1);
        second.sweep();
        assertThat(new StoredStates(second.store).get("a")).isNull();
        assertThat(second.context.scheduledPunctuators().get(0).cancelled()).isTrue();
    }
}
