package dev.sequitur.topology;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.fixture.SequentialReference;
import dev.sequitur.topology.fixture.SequentialReference.Expected;
import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.fixture.TopologyRig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Events to scores, predictions and states, through the topology as it is deployed. */
class ScoringTest {
    @TempDir
    Path stateDir;

    /** Small whole numbers: float sums of them are exact, so that every comparison can be too. */
    private record Reading(String device, long timeMs, double value) {}

    private static List<Reading> readings(int n) {
        Random random = new Random(11);
        List<Reading> readings = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            int device = (int) (9 * Math.pow(random.nextDouble(), 2));
            readings.add(new Reading("device-" + device, T0 + 1000L * i, random.nextInt(20) - 5));
        }
        return readings;
    }

    private static RecordHeaders headers(int i) {
        RecordHeaders headers = new RecordHeaders();
        headers.add("trace", ("t" + i).getBytes(StandardCharsets.UTF_8));
        return headers;
    }

    private static String trace(TestRecord<?, ?> record) {
        return new String(record.headers().lastHeader("trace").value(), StandardCharsets.UTF_8);
    }

    private static double median(List<dev.sequitur.schemas.Expectation> fields) {
        return ((Continuous) fields.get(0).getDistribution()).getMedian();
    }

    private static void assertSequential(TopologyRig rig, List<Reading> readings) {
        SequentialReference reference = new SequentialReference();
        Map<String, Boolean> alarming = new HashMap<>();
        List<TestRecord<String, Score>> scores = rig.scores();
        List<TestRecord<String, Prediction>> predictions = rig.predictions();
        assertThat(scores).hasSameSizeAs(readings);
        assertThat(predictions).hasSameSizeAs(readings);
        for (int i = 0; i < readings.size(); i++) {
            Reading reading = readings.get(i);
            Expected expected = reference.step(reading.device, reading.value);
            Score score = scores.get(i).value();
            assertThat(scores.get(i).key()).isEqualTo(reading.device);
            assertThat(scores.get(i).timestamp()).isEqualTo(reading.timeMs);
            assertThat(trace(scores.get(i))).isEqualTo("t" + i);
            assertThat(score.getEntity()).isEqualTo(reading.device);
            assertThat(score.getEventTime()).isEqualTo(Instant.ofEpochMilli(reading.timeMs));
            assertThat(score.getOffset()).isEqualTo(i);
            assertThat(score.getStep()).isEqualTo(expected.step());
            assertThat(score.getSurprise()).isEqualTo(expected.surprise());
            assertThat(score.getScore()).isEqualTo(expected.surprise() / (1 + expected.surprise()));
            boolean abnormal = expected.surprise() > TestModel.ALARM;
            assertThat(score.getAlarming()).isEqualTo(abnormal);
            Boolean before = alarming.put(reading.device, abnormal);
            assertThat(score.getAlarm()).isEqualTo(abnormal && !Boolean.TRUE.equals(before));
            assertThat(score.getModel()).isEqualTo(TestModel.FINGERPRINT);
            assertThat(score.getEnd()).isFalse();

            Prediction prediction = predictions.get(i).value();
            assertThat(predictions.get(i).key()).isEqualTo(reading.device);
            assertThat(predictions.get(i).timestamp()).isEqualTo(reading.timeMs);
            assertThat(trace(predictions.get(i))).isEqualTo("t" + i);
            assertThat(prediction.getOffset()).isEqualTo(i);
            assertThat(prediction.getStep()).isEqualTo(expected.step());
            assertThat(median(prediction.getFields())).isEqualTo(expected.nextValue());
        }
        for (String device : reference.devices()) {
            assertThat(rig.row(device))
                    .containsExactly((float) reference.events(device), (float) reference.sum(device));
            assertThat(rig.store().get(device).getSteps()).isEqualTo(reference.events(device));
        }
    }

    @Test
    void shouldScoreSingleRecordsAsASequentialReferenceDoes() {
        TestModel model = TestModel.endless();
        List<Reading> readings = readings(300);
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            for (int i = 0; i < readings.size(); i++) {
                Reading r = readings.get(i);
                rig.pipe(r.device, model.event(r.device, r.timeMs, r.value), T0, headers(i));
            }
            assertSequential(rig, readings);
        }
    }

    @Test
    void shouldScoreNaturalBatchesAsASequentialReferenceDoes() {
        List<Reading> readings = readings(1000);
        for (int maxEvents : new int[] {1, 7, 64, 1000}) {
            TestModel model = TestModel.endless();
            try (TopologyRig rig = new TopologyRig(model, stateDir.resolve("batches-of-" + maxEvents))) {
                for (int i = 0; i < readings.size(); i++) {
                    Reading r = readings.get(i);
                    rig.poll(r.device, model.event(r.device, r.timeMs, r.value), T0, headers(i));
                }
                assertThat(rig.deliver(maxEvents)).isEqualTo((1000 + maxEvents - 1) / maxEvents);
                assertSequential(rig, readings);
            }
        }
    }

    @Test
    void shouldStepDistinctEntitiesSideBySideAndEachEntityInOrder() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            for (String device : List.of("a", "b", "a", "c", "a", "b")) {
                rig.poll(device, model.event(device, T0, 1));
            }
            rig.deliver(1000);
            assertThat(model.step().calls()).containsExactly(3, 2, 1);
            // One block: each entity's events one after the other.
            assertThat(rig.total("score", "blocks")).isEqualTo(1);
            assertThat(rig.total("score", "waves")).isZero();
            assertThat(rig.total("score", "slots")).isEqualTo(9);
            assertThat(rig.total("score", "batches")).isEqualTo(1);
            assertThat(rig.metric("score", "batch-size-avg")).isEqualTo(6);
            assertThat(rig.metric("score", "padding-share-max")).isCloseTo(1 / 3.0, within(1e-9));
            assertThat(rig.metric("score", "backlog")).isZero();
        }
    }

    @Test
    void shouldReportTheExpectationThatTheEventFound() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.pipe("a", model.event("a", T0, 4), T0);
            rig.pipe("a", model.event("a", T0, 6), T0);
            var field = rig.scores().get(1).value().getFields().get(0);
            assertThat(field.getObserved()).isEqualTo("6.0");
            assertThat(field.getSurprise()).isEqualTo(2);
            assertThat(((Continuous) field.getExpected().getDistribution()).getMedian())
                    .isEqualTo(4);
        }
    }

    @Test
    void shouldWriteNoPredictionsWhereNoTopicIsNamed() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = new TopologyRig(model, stateDir, options -> options.predictions(null))) {
            rig.pipe("a", model.event("a", T0, 4), T0);
            assertThat(rig.scores()).hasSize(1);
            assertThat(rig.predictions()).isEmpty();
        }
    }

    @Test
    void shouldStartAnewAfterASessionGap() {
        TestModel model = TestModel.withGap(Duration.ofMinutes(10));
        long gap = Duration.ofMinutes(10).toMillis();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.poll("a", model.event("a", T0, 5))
                    .poll("a", model.event("a", T0 + gap, 7))
                    .poll("a", model.event("a", T0 + 2 * gap + 1, 3))
                    .poll("a", model.event("a", T0 + 2 * gap + 2, 4));
            rig.deliver(1000);
            assertThat(rig.scores()).extracting(s -> s.value().getStep()).containsExactly(1L, 2L, 1L, 2L);
            assertThat(rig.row("a")).containsExactly(2f, 7f);
            assertThat(rig.store().get("a").getSessionStart()).isEqualTo(T0 + 2 * gap + 1);
        }
    }

    @Test
    void shouldScoreALateEventInTheOrderOfArrivalAndCountIt() {
        TestModel model = TestModel.endless();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.poll("a", model.event("a", T0 + 5000, 5))
                    .poll("a", model.event("a", T0, 7))
                    .poll("a", model.event("a", T0 + 4000, 1));
            rig.deliver(1000);
            assertThat(rig.scores())
                    .extracting(s -> s.value().getSurprise(), TestRecord::timestamp)
                    .containsExactly(
                            org.assertj.core.groups.Tuple.tuple(5.0, T0 + 5000),
                            org.assertj.core.groups.Tuple.tuple(2.0, T0),
                            org.assertj.core.groups.Tuple.tuple(11.0, T0 + 4000));
            assertThat(rig.store().get("a").getLastEventTime()).isEqualTo(T0 + 5000);
            assertThat(rig.total("score", "late")).isEqualTo(2);
        }
    }

    @Test
    void shouldScoreATombstoneAsTheEndAndDropTheState() {
        TestModel model = TestModel.endingWithTombstone();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.poll("a", model.event("a", T0, 5))
                    .poll("a", model.event("a", T0 + 1, 5))
                    .poll("b", model.event("b", T0 + 2, 9))
                    .poll("a", null);
            rig.deliver(1000);
            List<TestRecord<String, Score>> scores = rig.scores();
            assertThat(scores).hasSize(4);
            TestRecord<String, Score> end = scores.get(3);
            assertThat(end.timestamp()).isEqualTo(T0 + 1);
            assertThat(end.value().getEnd()).isTrue();
            assertThat(end.value().getStep()).isEqualTo(3);
            // SummingStep: END surprises by the number of events before it.
            assertThat(end.value().getSurprise()).isEqualTo(2);
            assertThat(end.value().getFields()).hasSize(1);
            assertThat(rig.predictions()).hasSize(3);
            assertThat(rig.row("a")).isNull();
            assertThat(rig.row("b")).containsExactly(1f, 9f);
            assertThat(rig.total("score", "ended")).isEqualTo(1);
        }
    }

    @Test
    void shouldStartAnewAfterAnEndInTheSameBatch() {
        TestModel model = TestModel.endingWithTombstone();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.poll("a", model.event("a", T0, 5)).poll("a", null).poll("a", model.event("a", T0 + 3, 8));
            rig.deliver(1000);
            assertThat(rig.scores()).extracting(s -> s.value().getStep()).containsExactly(1L, 2L, 1L);
            assertThat(rig.row("a")).containsExactly(1f, 8f);
        }
    }

    @Test
    void shouldDropTheStateAfterAnEventThatEndsTheSequence() {
        TestModel model = TestModel.endingWithKindB();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            rig.pipe("a", model.event("a", T0, 5), T0);
            rig.pipe("a", TestModel.bytes(model.record("a", T0 + 1, 6, "b")), T0);
            assertThat(rig.row("a")).isNull();
            List<TestRecord<String, Score>> scores = rig.scores();
            assertThat(scores).extracting(s -> s.value().getSurprise()).containsExactly(5.0, 1.0);
            assertThat(scores).extracting(s -> s.value().getEnd()).containsExactly(false, false);
            assertThat(rig.predictions()).hasSize(1);
            rig.pipe("a", model.event("a", T0 + 2, 3), T0);
            assertThat(rig.row("a")).containsExactly(1f, 3f);
        }
    }

    @Test
    void shouldAccountForEveryEvent() {
        TestModel model = TestModel.endingWithTombstone();
        Random random = new Random(3);
        int events = 500;
        int alarms = 0;
        Map<String, Double> sums = new HashMap<>();
        Map<String, Boolean> alarming = new HashMap<>();
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            for (int i = 0; i < events; i++) {
                String device = "device-" + random.nextInt(5);
                switch (random.nextInt(8)) {
                    case 0 -> rig.poll(device, new byte[] {1, 2, 3});
                    case 1 -> rig.poll(null, model.event(device, T0, 1));
                    default -> {
                        // Around the alarm's threshold, so that devices go into alarms and out of them.
                        double value = random.nextInt(5) * 600 - 1200;
                        double sum = sums.merge(device, value, Double::sum) - value;
                        boolean abnormal = Math.abs(value - sum) > TestModel.ALARM;
                        Boolean before = alarming.put(device, abnormal);
                        alarms += abnormal && !Boolean.TRUE.equals(before) ? 1 : 0;
                        rig.poll(device, model.event(device, T0 + i, value));
                    }
                }
            }
            rig.deliver(100);
            int letters = rig.deadLetters().size();
            assertThat(rig.total("score", "consumed")).isEqualTo(events);
            assertThat(rig.total("score", "scored")).isEqualTo(rig.scores().size());
            assertThat(rig.total("score", "dead-lettered")).isEqualTo(letters);
            assertThat(rig.total("score", "consumed"))
                    .isEqualTo(rig.total("score", "scored") + rig.total("score", "dead-lettered"));
            assertThat(rig.deadLettered("score", "undecodable") + rig.deadLettered("score", "null-key"))
                    .isEqualTo(letters);
            assertThat(rig.total("score", "alarms")).isEqualTo(alarms).isPositive();
            assertThat(rig.total("score", "batches")).isEqualTo(5);
        }
    }
}
