package dev.sequitur.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.evaluate.OfflineScoring;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.score.AlarmThreshold;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BudgetFitTest {
    private static final double DAY_MS = 86_400_000;
    private static final List<Event> EVENTS = TinyPipeline.events(60, 40, 1);

    @TempDir
    Path directory;

    private Path train(String alarm, List<Event> events) throws IOException {
        String yaml = TinyPipeline.yaml("{kind: gru, units: 5}", TinyPipeline.TRAINING)
                .replace("END], rate: 0.01", "END], " + alarm)
                .replace("epochs: 3", "epochs: 1");
        Path out = directory.resolve("bundle");
        TrainingProgram.run(
                yaml, events, new TrainingProgram.Origin(List.of("tiny"), 0), out, false, TrainingListener.SILENT);
        return out;
    }

    /** Alarms and events of the part that the threshold was measured on. */
    private static long[] alarms(ModelBundle bundle) {
        Timeline timeline = Timeline.of(bundle.spec(), EVENTS, Timeline.Part.VALIDATION);
        long[] counts = new long[2];
        new OfflineScoring(bundle.model()).run(timeline, (step, outcome) -> {
            counts[0] += outcome.alarm() ? 1 : 0;
            counts[1]++;
        });
        return counts;
    }

    @ParameterizedTest
    @ValueSource(strings = {"scorer: tail, ", "scorer: novelty, limit: 100, "})
    void shouldTranslateAlarmsADayByTheEventsOfADay(String scorer) throws IOException {
        double days = (EVENTS.stream().mapToLong(Event::timeMs).max().orElseThrow()
                        - EVENTS.stream().mapToLong(Event::timeMs).min().orElseThrow())
                / DAY_MS;
        double alarmsADay = 0.1 * (EVENTS.size() - 1) / days;

        try (ModelBundle bundle =
                ModelBundle.load(train(scorer + "budget: {alarms: " + alarmsADay + ", per: day}", EVENTS))) {
            AlarmThreshold threshold = bundle.manifest().alarms();
            assertThat(threshold.alarmsPerEvent()).isCloseTo(0.1, org.assertj.core.api.Assertions.within(1e-9));
            long[] counts = alarms(bundle);
            assertThat(threshold.events()).isEqualTo(counts[1]);
            // One in ten, to the alarms that two surprises of almost the same size make.
            assertThat((double) counts[0]).isBetween(0.1 * counts[1] - 3, 0.1 * counts[1]);
        }
    }

    @Test
    void shouldTranslateAlarmsAnEntityAndDayByTheEventsOfOne() throws IOException {
        try (ModelBundle bundle = ModelBundle.load(train("budget: {alarms: 2}", EVENTS))) {
            Map<Integer, long[]> spans = new HashMap<>();
            Timeline timeline = Timeline.of(bundle.spec(), EVENTS, Timeline.Part.VALIDATION);
            for (Timeline.Step step : timeline.steps()) {
                long ms = step.end() ? step.clock().lastEventMs() : step.event().timeMs();
                long[] span = spans.computeIfAbsent(step.sequence(), s -> new long[] {ms, ms, -1});
                span[1] = ms;
                span[2]++;
            }
            double days = spans.values().stream().mapToLong(s -> s[1] - s[0]).sum() / DAY_MS;
            long steps = spans.values().stream().mapToLong(s -> s[2]).sum();

            assertThat(bundle.manifest().alarms().alarmsPerEvent())
                    .isCloseTo(2 * days / steps, org.assertj.core.api.Assertions.within(1e-9));
            assertThat(alarms(bundle)[0]).isLessThanOrEqualTo(Math.round(2 * days) + 1);
        }
    }

    @Test
    void shouldMeasureNothingWithoutABudget() throws IOException {
        try (ModelBundle bundle = ModelBundle.load(train("rate: 0.01", EVENTS))) {
            assertThat(bundle.manifest().alarms()).isNull();
        }
    }

    @Test
    void shouldRefuseABudgetThatIsNone() {
        assertThatThrownBy(() -> train("budget: {alarms: 1000000, per: day}", EVENTS))
                .isInstanceOf(TrainingException.class)
                .hasMessageContainingAll("1000000.0 alarms", "a day;", "Lower alarms");
        List<Event> atOnce = EVENTS.stream()
                .map(e -> new Event(e.entity(), 1_700_000_000_000L, e.values(), e.last()))
                .toList();
        assertThatThrownBy(() -> train("budget: {alarms: 1}", atOnce))
                .isInstanceOf(TrainingException.class)
                .hasMessageContainingAll("days", "one time", "task.alarm.rate");
    }
}
