package dev.sequitur.topology.scoring;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.fixture.StoredStates;
import dev.sequitur.topology.fixture.SummingStep;
import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.fixture.TopologyRig;
import dev.sequitur.topology.state.EntityStates;
import dev.sequitur.topology.state.OnModelChange;
import dev.sequitur.topology.state.StateSettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.processor.api.MockProcessorContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/** A batch stepped in waves and blocks comes out as its events do one by one. */
class BatchStepperTest {
    private static final Duration GAP = Duration.ofMinutes(1);

    /** What happens; {@code value} null is an END. */
    private record Happening(String device, int secondsLater, Float value) {}

    /** What became of an event: its score, or why it has none. */
    private record Fate(Score score, String reason, boolean late) {}

    /** One way to step, with states of its own. */
    private static final class Run {
        private final EntityStates states;
        private final BatchStepper stepper;
        private final StoredStates store;

        Run(TestModel model, long toleranceMs) {
            MockProcessorContext<Object, Object> context;
            try {
                Path unused = Files.createTempDirectory("sequitur-test-");
                context = new MockProcessorContext<>(TopologyRig.properties(unused), new TaskId(0, 0), unused.toFile());
                Files.delete(unused);
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            KeyValueStore<Bytes, byte[]> inMemory = Stores.keyValueStoreBuilder(
                            Stores.inMemoryKeyValueStore(EntityStates.STORE), Serdes.Bytes(), Serdes.ByteArray())
                    .withLoggingDisabled()
                    .build();
            inMemory.init(context.getStateStoreContext(), inMemory);
            store = new StoredStates(inMemory);
            states = new EntityStates(
                    inMemory, model.model(), new StateSettings(true, OnModelChange.FAIL, StatePrecision.FLOAT32));
            stepper = new BatchStepper(model.model(), true, toleranceMs, states, null);
        }

        List<Fate> step(List<Arrival> arrivals) {
            stepper.step(arrivals).forEach(states::save);
            return arrivals.stream()
                    .map(a -> new Fate(a.score(), a.reason(), a.late()))
                    .toList();
        }

        String stored() {
            return store.all().toString();
        }
    }

    @Provide
    Arbitrary<List<Happening>> happenings() {
        Arbitrary<String> devices = Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.just("busy")), Tuple.of(4, Arbitraries.of("a", "b", "c", "d", "e", "f")));
        Arbitrary<Integer> later = Arbitraries.frequencyOf(
                Tuple.of(20, Arbitraries.integers().between(-5, 20)), Tuple.of(1, Arbitraries.just(90)));
        Arbitrary<Float> values = Arbitraries.frequencyOf(
                Tuple.of(30, Arbitraries.floats().between(-9, 9)),
                Tuple.of(1, Arbitraries.of(SummingStep.GIVES_NAN, SummingStep.GIVES_INFINITY)),
                Tuple.of(2, Arbitraries.just((Float) null)));
        return Combinators.combine(devices, later, values.injectNull(0.03))
                .as(Happening::new)
                .list()
                .ofMaxSize(150);
    }

    /** How late an event may be before it is dropped. */
    @Provide
    Arbitrary<Long> tolerances() {
        return Arbitraries.of(Long.MAX_VALUE, 0L, 3000L);
    }

    private static List<Arrival> arrivals(List<Happening> happenings, long firstOffset) {
        List<Arrival> arrivals = new ArrayList<>();
        long timeMs = T0;
        for (Happening happening : happenings) {
            timeMs += 1000L * happening.secondsLater;
            ConsumerRecord<byte[], byte[]> record =
                    new ConsumerRecord<>("events", 0, firstOffset + arrivals.size(), new byte[0], new byte[0]);
            arrivals.add(
                    happening.value == null
                            ? Arrival.end(record, happening.device)
                            : Arrival.of(
                                    record,
                                    new Event(
                                            happening.device,
                                            timeMs,
                                            new Object[] {(double) happening.value, "a"},
                                            false)));
        }
        return arrivals;
    }

    @Property(tries = 200, edgeCases = EdgeCasesMode.NONE)
    void shouldGiveTheStatesAndResultsOfSteppingOneByOne(
            @ForAll("happenings") List<Happening> first,
            @ForAll("happenings") List<Happening> second,
            @ForAll("tolerances") long toleranceMs) {
        Run together = new Run(TestModel.adaptive(GAP, "m"), toleranceMs);
        Run alone = new Run(TestModel.adaptive(GAP, "m"), toleranceMs);
        long offset = 0;
        for (List<Happening> batch : List.of(first, second)) {
            List<Fate> fates = new ArrayList<>();
            for (Arrival arrival : arrivals(batch, offset)) {
                fates.addAll(alone.step(List.of(arrival)));
            }
            assertThat(together.step(arrivals(batch, offset))).isEqualTo(fates);
            assertThat(together.stored()).isEqualTo(alone.stored());
            offset += batch.size();
        }
    }

    @Example
    void shouldStepABusyEntityInBlocksAndTheRestBesideIt() {
        TestModel model = TestModel.endless();
        List<Happening> busy = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            busy.add(new Happening("busy", 1, 1f));
        }
        busy.add(new Happening("a", 1, 1f));
        new Run(model, Long.MAX_VALUE).step(arrivals(busy, 0));
        // At most 5 events an entity and call: 20 events are 4 calls, of which one has the other entity too.
        assertThat(model.step().calls()).hasSize(20).contains(2);
    }
}
