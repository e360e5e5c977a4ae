package dev.sequitur.topology;

import static dev.sequitur.topology.fixture.TestModel.T0;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.evaluate.OfflineScoring;
import dev.sequitur.model.evaluate.StepOutcome;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.score.Verdict;
import dev.sequitur.schemas.EntityState;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.fixture.TestModel;
import dev.sequitur.topology.fixture.TopologyRig;
import dev.sequitur.topology.state.OnModelChange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What alarms remember of a device: through batches, restarts, session gaps, ends and new models. */
class AlarmMemoryTest {
    private static final Duration GAP = Duration.ofMinutes(10);

    @TempDir
    Path stateDir;

    private final TestModel model = TestModel.adaptive(GAP, TestModel.FINGERPRINT);

    /**
     * Events of a few devices whose values go to and fro, so that a device's sum stays about 0 and the surprise about
     * the value; now and then an outburst, a rest longer than the session gap.
     */
    private static List<Event> events(int n, long seed) {
        Random random = new Random(seed);
        Map<String, Double> sums = new HashMap<>();
        List<Event> events = new ArrayList<>();
        long now = T0;
        for (int i = 0; i < n; i++) {
            String device = "device-" + random.nextInt(5);
            now += random.nextInt(60) == 0 ? GAP.toMillis() + 1 : random.nextInt(5000);
            double value = random.nextInt(40) == 0 ? 300 + random.nextInt(900) : random.nextInt(20);
            double sum = sums.getOrDefault(device, 0.0);
            value = sum > 0 ? -value : value;
            sums.merge(device, value, Double::sum);
            events.add(new Event(device, now, new Object[] {value, "a"}, false));
        }
        return events;
    }

    /** What an offline evaluation says of each step. The ends of the devices are its last steps. */
    private List<Verdict> offline(Timeline timeline) {
        Map<Integer, StepOutcome> outcomes = new TreeMap<>();
        new OfflineScoring(model.model()).run(timeline, outcomes::put);
        assertThat(outcomes).hasSize(timeline.steps().size());
        return outcomes.values().stream().map(StepOutcome::verdict).toList();
    }

    private void send(TopologyRig rig, List<Timeline.Step> steps, int batch) {
        for (Timeline.Step step : steps) {
            rig.poll(
                    step.entity(),
                    step.end()
                            ? null
                            : model.event(step.entity(), step.event().timeMs(), (Double)
                                    step.event().values()[0]));
        }
        rig.deliver(batch);
    }

    private static List<Verdict> verdicts(TopologyRig rig) {
        return rig.scores().stream().map(record -> verdict(record.value())).toList();
    }

    private static Verdict verdict(Score score) {
        return new Verdict(score.getSurprise(), score.getScore(), score.getAlarm(), score.getAlarming());
    }

    @Test
    void shouldJudgeAsAnOfflineEvaluationDoes() {
        Timeline timeline = Timeline.of(model.spec(), events(2000, 1), Timeline.Part.ALL);
        List<Verdict> offline = offline(timeline);
        for (int batch : new int[] {1, 7, 1000}) {
            try (TopologyRig rig = new TopologyRig(model, stateDir.resolve("batches-of-" + batch))) {
                send(rig, timeline.steps(), batch);

                assertThat(verdicts(rig)).isEqualTo(offline);
                assertThat(rig.total("score", "alarms"))
                        .isEqualTo(offline.stream().filter(Verdict::alarm).count())
                        .isGreaterThan(10);
            }
        }
        assertThat(offline).filteredOn(Verdict::alarming).hasSizeGreaterThan((int)
                offline.stream().filter(Verdict::alarm).count());
    }

    @Test
    void shouldGoOnAfterARestartAsIfNothingHadHappened() {
        Timeline timeline = Timeline.of(model.spec(), events(1000, 2), Timeline.Part.ALL);
        Map<String, EntityState> changelog = Map.of();
        List<Verdict> verdicts = new ArrayList<>();
        int restarts = 20;
        for (int run = 0; run < restarts; run++) {
            int size = timeline.steps().size();
            List<Timeline.Step> steps = timeline.steps().subList(size * run / restarts, size * (run + 1) / restarts);
            try (TopologyRig rig = new TopologyRig(model, stateDir.resolve("run-" + run))) {
                changelog.forEach(rig.store()::put);
                send(rig, steps, 50);
                verdicts.addAll(verdicts(rig));
                changelog = rig.store().all();
            }
        }

        assertThat(verdicts).isEqualTo(offline(timeline));
    }

    private void train(TopologyRig rig, String device, long fromMs) {
        for (int i = 0; i < 20; i++) {
            rig.poll(device, model.event(device, fromMs + i, i % 2 == 0 ? 10 + i : -10 - i));
        }
    }

    private double scoreOfAnOutburst(TopologyRig rig, String device, long timeMs) {
        rig.scores();
        rig.poll(device, model.event(device, timeMs, 5000));
        rig.deliver(100);
        return rig.scores().get(0).value().getScore();
    }

    @Test
    void shouldRememberADeviceOverASessionGap() {
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            train(rig, "a", T0);
            rig.deliver(100);
            assertThat(scoreOfAnOutburst(rig, "a", T0 + GAP.toMillis() + 1000)).isGreaterThan(0.999);
        }
    }

    @Test
    void shouldForgetADeviceWithItsEnd() {
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            train(rig, "a", T0);
            rig.poll("a", null);
            rig.deliver(100);
            // It has to be learned anew: until then a score says neither.
            assertThat(scoreOfAnOutburst(rig, "a", T0 + 1000))
                    .isEqualTo(0.5, org.assertj.core.api.Assertions.within(1e-6));
        }
    }

    @Test
    void shouldForgetADeviceWhereAnotherModelTakesOver() {
        EntityState before;
        try (TopologyRig rig = new TopologyRig(model, stateDir.resolve("before"))) {
            train(rig, "a", T0);
            rig.deliver(100);
            before = rig.store().get("a");
            assertThat(before.getMemory().remaining())
                    .isEqualTo(model.model().alarms().memoryBytes());
        }
        TestModel next = TestModel.adaptive(GAP, "summing-2");
        try (TopologyRig rig = new TopologyRig(
                next, stateDir.resolve("after"), builder -> builder.onModelChange(OnModelChange.RESET))) {
            rig.store().put("a", before);
            assertThat(scoreOfAnOutburst(rig, "a", T0 + 1000))
                    .isEqualTo(0.5, org.assertj.core.api.Assertions.within(1e-6));
        }
    }

    @Test
    void shouldNotRememberAnEventThatIsRejected() {
        try (TopologyRig rig = new TopologyRig(model, stateDir)) {
            train(rig, "a", T0);
            rig.deliver(100);
            EntityState before = rig.store().get("a");
            rig.poll("a", model.event("a", T0 + 100, dev.sequitur.topology.fixture.SummingStep.GIVES_NAN));
            rig.deliver(100);
            assertThat(rig.deadLetters()).hasSize(1);
            assertThat(rig.store().get("a")).isEqualTo(before);
        }
    }
}
