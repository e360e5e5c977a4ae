package dev.sequitur.topology;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.sequitur.schemas.Score;
import dev.sequitur.topology.fixture.SequentialReference;
import dev.sequitur.topology.fixture.SequentialReference.Expected;
import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.fixture.TopologyRig;
import dev.sequitur.topology.scoring.LateEvents;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Events that wait for others, and are stepped in the order of event time. */
class ReorderingTest {
    private static final long GRACE_MS = 5000;
    private static final Duration GRACE = Duration.ofMillis(GRACE_MS);
    private static final String LATE = "too-late";

    @TempDir
    Path stateDir;

    /** Small whole numbers: float sums of them are exact, so that every comparison can be too. */
    private record Reading(String device, long timeMs, double value, int arrival) {}

    private TopologyRig rig(TestModel model, UnaryOperator<SequiturTopologyBuilder> options) {
        return new TopologyRig(
                model,
                stateDir,
                o -> options.apply(o.late(LateEvents.processed().reorderedWithin(GRACE))));
    }

    private static void poll(TopologyRig rig, TestModel model, Reading reading) {
        RecordHeaders headers = new RecordHeaders();
        headers.add("arrival", Integer.toString(reading.arrival).getBytes(StandardCharsets.UTF_8));
        rig.poll(
                reading.device,
                model.event(reading.device, reading.timeMs, reading.value),
                T0 + reading.arrival,
                headers);
    }

    /** Polls of random sizes, in carriers of random sizes. */
    private static void deliver(TopologyRig rig, TestModel model, List<Reading> readings, Random random) {
        for (int from = 0; from < readings.size(); ) {
            int to = Math.min(readings.size(), from + 1 + random.nextInt(60));
            readings.subList(from, to).forEach(reading -> poll(rig, model, reading));
            rig.deliver(1 + random.nextInt(40));
            from = to;
        }
    }

    /** In the order of arrival; each comes at most so long after its time as the clock of the stream tells it. */
    private static List<Reading> shuffled(int n, long mostDelayMs, Random random) {
        record Delayed(String device, long timeMs, double value, long comesMs) {}
        List<Delayed> delayed = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            // Whole seconds: many have the same time.
            long timeMs = T0 + 1000L * (i / 4);
            long delay = random.nextInt(3) == 0 ? 0 : (long) (random.nextDouble() * mostDelayMs);
            delayed.add(new Delayed("device-" + random.nextInt(5), timeMs, random.nextInt(20) - 5, timeMs + delay));
        }
        delayed.sort(Comparator.comparingLong(Delayed::comesMs));
        List<Reading> readings = new ArrayList<>();
        for (Delayed one : delayed) {
            readings.add(new Reading(one.device, one.timeMs, one.value, readings.size()));
        }
        return readings;
    }

    private static void quiet(TopologyRig rig) {
        rig.driver().advanceWallClockTime(GRACE.multipliedBy(2));
    }

    private static void assertStepped(TopologyRig rig, List<Reading> inOrder) {
        SequentialReference reference = new SequentialReference();
        List<TestRecord<String, Score>> scores = rig.scores();
        assertThat(scores)
                .extracting(score -> score.value().getOffset())
                .containsExactlyElementsOf(
                        inOrder.stream().map(r -> (long) r.arrival).toList());
        for (int i = 0; i < scores.size(); i++) {
            Reading reading = inOrder.get(i);
            Expected expected = reference.step(reading.device, reading.value);
            Score score = scores.get(i).value();
            assertThat(scores.get(i).key()).isEqualTo(reading.device);
            assertThat(scores.get(i).timestamp()).isEqualTo(reading.timeMs);
            assertThat(new String(scores.get(i).headers().lastHeader("arrival").value(), StandardCharsets.UTF_8))
                    .isEqualTo(Integer.toString(reading.arrival));
            assertThat(score.getEventTime().toEpochMilli()).isEqualTo(reading.timeMs);
            assertThat(score.getStep()).isEqualTo(expected.step());
            assertThat(score.getSurprise()).isEqualTo(expected.surprise());
        }
        for (String device : reference.devices()) {
            assertThat(rig.row(device))
                    .containsExactly((float) reference.events(device), (float) reference.sum(device));
        }
    }

    private static double held(TopologyRig rig) {
        return rig.level("score", "held");
    }

    private static void assertAccounted(TopologyRig rig, double heldBefore, int events) {
        assertThat(rig.total("score", "consumed")).isEqualTo(events);
        assertThat(heldBefore + rig.total("score", "consumed"))
                .isEqualTo(rig.total("score", "scored")
                        + rig.total("score", "dead-lettered")
                        + rig.total("score", "late-dropped")
                        + held(rig));
    }

    /** Oracle: a stable sort by event time. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void shouldGiveTheResultsOfTheSortedOrderWhereEventsComeWithinTheGrace(long seed) {
        Random random = new Random(seed);
        TestModel model = TestModel.endless();
        List<Reading> readings = shuffled(600, GRACE_MS, random);
        List<Reading> sorted = new ArrayList<>(readings);
        sorted.sort(Comparator.comparingLong(Reading::timeMs));
        assertThat(readings).isNotEqualTo(sorted);
        try (TopologyRig rig = rig(model, o -> o.maxBatchEvents(16).collecting(seed % 2 == 0))) {
            deliver(rig, model, readings, random);
            assertThat(held(rig)).isPositive();
            assertAccounted(rig, 0, 600);
            quiet(rig);
            assertThat(held(rig)).isZero();
            assertStepped(rig, sorted);
            assertThat(rig.total("score", "late")).isZero();
            assertAccounted(rig, 0, 600);
        }
    }

    /** What the documentation says, one event at a time. */
    private static List<Reading> oneByOne(List<Reading> readings) {
        List<Reading> waiting = new ArrayList<>();
        List<Reading> stepped = new ArrayList<>();
        long latestMs = Long.MIN_VALUE;
        for (Reading reading : readings) {
            waiting.add(reading);
            latestMs = Math.max(latestMs, reading.timeMs);
            long upToMs = latestMs - GRACE_MS;
            List<Reading> go = new ArrayList<>(
                    waiting.stream().filter(r -> r.timeMs <= upToMs).toList());
            go.sort(Comparator.comparingLong(Reading::timeMs));
            waiting.removeAll(go);
            stepped.addAll(go);
        }
        waiting.sort(Comparator.comparingLong(Reading::timeMs));
        stepped.addAll(waiting);
        return stepped;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4})
    void shouldComeOutTheSameHoweverBatchesAreCutAndEventsAreDelayed(long seed) {
        Random random = new Random(seed);
        TestModel model = TestModel.endless();
        List<Reading> readings = shuffled(600, 3 * GRACE_MS, random);
        try (TopologyRig rig = rig(model, o -> o.maxBatchEvents(7))) {
            deliver(rig, model, readings, random);
            quiet(rig);
            assertStepped(rig, oneByOne(readings));
            assertThat(rig.total("score", "late")).isPositive();
            assertAccounted(rig, 0, 600);
        }
    }

    @Test
    void shouldKeepTheOrderOfArrivalOfEqualTimes() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = rig(model, o -> o)) {
            List<Reading> readings = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                readings.add(new Reading("a", T0, i, i));
            }
            deliver(rig, model, readings, new Random(1));
            quiet(rig);
            assertStepped(rig, readings);
        }
    }

    @Test
    void shouldDropWhatIsLateAfterTheGrace() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = new TopologyRig(
                model, stateDir, o -> o.late(LateEvents.droppedTo(LATE).reorderedWithin(GRACE)))) {
            poll(rig, model, new Reading("a", T0 + 2000, 1, 0));
            poll(rig, model, new Reading("b", T0 + 20_000, 2, 1));
            poll(rig, model, new Reading("a", T0 + 1999, 4, 2));
            // Beyond the grace, but its entity was stepped with nothing later.
            poll(rig, model, new Reading("c", T0, 8, 3));
            rig.deliver(1000);
            assertThat(rig.driver()
                            .createOutputTopic(LATE, new ByteArrayDeserializer(), new ByteArrayDeserializer())
                            .readRecordsToList())
                    .singleElement()
                    .satisfies(record -> assertThat(TopologyRig.header(record, "__streams.errors.offset"))
                            .isEqualTo("2"));
            assertThat(held(rig)).isEqualTo(1);
            assertAccounted(rig, 0, 4);
            quiet(rig);
            assertThat(rig.scores())
                    .extracting(score -> score.value().getOffset())
                    .containsExactly(0L, 3L, 1L);
            assertAccounted(rig, 0, 4);
        }
    }

    @Test
    void shouldEndASequenceAfterItsEventsThatWait() {
        TestModel model = TestModel.endingWithTombstone();
        try (TopologyRig rig = rig(model, o -> o)) {
            poll(rig, model, new Reading("a", T0 + 1000, 1, 0));
            poll(rig, model, new Reading("a", T0, 2, 1));
            rig.poll("a", null);
            // By its time an event of the next sequence, though another entity's clock is ahead of it.
            poll(rig, model, new Reading("b", T0 + 4000, 4, 3));
            poll(rig, model, new Reading("a", T0 + 2000, 8, 4));
            rig.deliver(2);
            assertThat(held(rig)).isEqualTo(5);
            poll(rig, model, new Reading("b", T0 + 10_000, 4, 5));
            rig.deliver(1000);
            assertThat(rig.scores())
                    .extracting(
                            score -> score.value().getOffset(),
                            score -> score.value().getStep(),
                            score -> score.value().getEnd())
                    .containsExactly(
                            tuple(1L, 1L, false),
                            tuple(0L, 2L, false),
                            tuple(2L, 3L, true),
                            tuple(4L, 1L, false),
                            tuple(3L, 1L, false));
            assertThat(rig.row("a")).containsExactly(1f, 8f);
            assertAccounted(rig, 0, 6);
        }
    }

    @Test
    void shouldEndASequenceAtOnceWhereNothingOfItWaits() {
        TestModel model = TestModel.endingWithTombstone();
        try (TopologyRig rig = rig(model, o -> o)) {
            poll(rig, model, new Reading("ahead", T0 + 100_000, 1, 0));
            poll(rig, model, new Reading("behind", T0, 2, 1));
            rig.poll("behind", null);
            poll(rig, model, new Reading("behind", T0 + 1000, 4, 3));
            rig.poll("never came", null);
            rig.deliver(1000);
            assertThat(rig.scores())
                    .extracting(score -> score.value().getOffset(), score -> score.value()
                            .getStep())
                    .containsExactly(tuple(1L, 1L), tuple(2L, 2L), tuple(3L, 1L));
            assertThat(rig.deadLetters())
                    .extracting(letter -> TopologyRig.header(letter, "sequitur.reason"))
                    .containsExactly("null-value");
            assertThat(held(rig)).isEqualTo(1);
            assertAccounted(rig, 0, 5);
        }
    }

    @Test
    void shouldStartAnewAfterASessionGapOfEventTime() {
        TestModel model = TestModel.withGap(Duration.ofMinutes(10));
        long gap = Duration.ofMinutes(10).toMillis();
        try (TopologyRig rig = rig(model, o -> o)) {
            // In the order of arrival the gap would lie before the last one.
            poll(rig, model, new Reading("a", T0, 5, 0));
            poll(rig, model, new Reading("a", T0 + gap + 2, 3, 1));
            poll(rig, model, new Reading("a", T0 + gap + 1, 4, 2));
            rig.deliver(1000);
            quiet(rig);
            assertThat(rig.scores())
                    .extracting(score -> score.value().getOffset(), score -> score.value()
                            .getStep())
                    .containsExactly(tuple(0L, 1L), tuple(2L, 1L), tuple(1L, 2L));
            assertThat(rig.store().get("a").getSessionStart()).isEqualTo(T0 + gap + 1);
        }
    }

    @Test
    void shouldLetEventsGoWhenEventTimeHasStoodStillForTheGrace() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = rig(model, o -> o)) {
            poll(rig, model, new Reading("a", T0 + 1000, 1, 0));
            rig.deliver(1000);
            rig.driver().advanceWallClockTime(GRACE.dividedBy(2));
            // Event time goes on, and the wait begins anew.
            poll(rig, model, new Reading("a", T0 + 2000, 1, 1));
            rig.deliver(1000);
            rig.driver().advanceWallClockTime(GRACE.dividedBy(2));
            assertThat(rig.scores()).isEmpty();
            rig.driver().advanceWallClockTime(GRACE);
            assertThat(rig.scores())
                    .extracting(score -> score.value().getOffset())
                    .containsExactly(0L, 1L);
            // What is older than what went comes too late to be put in order.
            poll(rig, model, new Reading("a", T0 + 1500, 1, 2));
            rig.deliver(1000);
            assertThat(rig.scores())
                    .extracting(score -> score.value().getOffset())
                    .containsExactly(2L);
            assertThat(rig.total("score", "late")).isEqualTo(1);
            assertAccounted(rig, 0, 3);
        }
    }

    @Test
    void shouldDeadLetterAtOnceWhatIsMalformedOrTooLargeToBeHeld() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = rig(model, o -> o.maxRecordBytes(2048))) {
            RecordHeaders large = new RecordHeaders();
            large.add("large", new byte[3000]);
            rig.poll("a", new byte[] {1}).poll("a", model.event("a", T0 + 100_000, 1), T0, large);
            poll(rig, model, new Reading("a", T0, 1, 2));
            rig.deliver(1000);
            assertThat(rig.deadLetters())
                    .extracting(letter -> TopologyRig.header(letter, "sequitur.reason"))
                    .containsExactly("undecodable", "too-large");
            // A rejected event moves no clock.
            assertThat(held(rig)).isEqualTo(1);
            assertAccounted(rig, 0, 3);
        }
    }
}
