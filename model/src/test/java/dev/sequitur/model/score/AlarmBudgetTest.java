package dev.sequitur.model.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.spec.AlarmSpec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class AlarmBudgetTest {
    private static final long SECOND = 1000;
    private static final TailCalibration CALIBRATION = new TailCalibration(100, new double[] {0, 0.7, 3}, 0.05, 1);

    private record Judged(Observation event, EntityClock clock, long timeMs, boolean counted) {}

    private static AlarmThreshold threshold(AlarmSpec spec, List<List<Judged>> entities, double alarmsPerEvent) {
        AlarmBudget budget = new AlarmBudget(spec, CALIBRATION);
        for (List<Judged> events : entities) {
            AlarmBudget.Entity entity = budget.entity();
            events.forEach(at -> entity.add(at.event(), at.clock(), at.timeMs(), at.counted()));
        }
        return budget.threshold(alarmsPerEvent);
    }

    private static AlarmSpec spec(AlarmSpec.ScorerSpec scorer, Double clear, int quietSeconds) {
        return new AlarmSpec(
                List.of("x"),
                2,
                scorer,
                Optional.of(new AlarmSpec.BudgetSpec(1, AlarmSpec.BudgetSpec.Per.DAY)),
                new AlarmSpec.HysteresisSpec(Optional.ofNullable(clear), Duration.ofSeconds(quietSeconds)));
    }

    /** Events a second apart, whose surprises come in clusters: exponential, each the larger of two with a common part. */
    private static List<List<Judged>> normal(int entities, int perEntity, long seed) {
        Random random = new Random(seed);
        List<List<Judged>> all = new ArrayList<>();
        for (int e = 0; e < entities; e++) {
            List<Judged> events = new ArrayList<>();
            EntityClock clock = EntityClock.START;
            double shared = 0;
            for (int i = 0; i < perEntity; i++) {
                if (i % 500 == 0) {
                    clock = EntityClock.START;
                }
                double fresh = -Math.log(random.nextDouble());
                double surprise = Math.max(fresh, shared - 0.3);
                shared = surprise;
                events.add(new Judged(new Observation(surprise, 1), clock, i * SECOND, i >= 100));
                clock = clock.after(i * SECOND);
            }
            all.add(events);
        }
        return all;
    }

    private static long alarms(AlarmSpec spec, AlarmThreshold threshold, List<List<Judged>> entities) {
        Alarms alarms = Alarms.of(spec, CALIBRATION, Optional.of(threshold));
        long count = 0;
        for (List<Judged> entity : entities) {
            ByteBuffer memory = alarms.memory();
            for (Judged at : entity) {
                boolean alarm = alarms.judge(at.event(), at.clock(), at.timeMs(), memory)
                        .alarm();
                count += alarm && at.counted() ? 1 : 0;
            }
        }
        return count;
    }

    private static long counted(List<List<Judged>> entities) {
        return entities.stream().flatMap(List::stream).filter(Judged::counted).count();
    }

    static List<Arguments> budgets() {
        AlarmSpec.ScorerSpec tail = new AlarmSpec.Tail(0.001);
        AlarmSpec.ScorerSpec adaptive = new AlarmSpec.Adaptive(400, 3, 50, 10, 0.99);
        AlarmSpec.ScorerSpec dynamic = new AlarmSpec.Dynamic(60, 3, 30, 0.13);
        // The last column: alarms that the measured events may have. Less than 20 is beyond what they show.
        return List.of(
                Arguments.of(tail, null, 0, 200.0),
                Arguments.of(tail, 0.6, 0, 60.0),
                Arguments.of(tail, 0.6, 5, 4.0),
                Arguments.of(adaptive, null, 0, 60.0),
                Arguments.of(adaptive, 0.9, 3, 4.0),
                Arguments.of(dynamic, null, 0, 60.0),
                Arguments.of(dynamic, null, 3, 5.0));
    }

    @ParameterizedTest
    @MethodSource("budgets")
    void shouldKeepToTheBudgetOnNormalEventsItWasNotMeasuredOn(
            AlarmSpec.ScorerSpec scorer, Double clear, int quietSeconds, double allowed) {
        AlarmSpec spec = spec(scorer, clear, quietSeconds);
        List<List<Judged>> seen = normal(20, 1100, 1);
        int more = 10;
        List<List<Judged>> heldOut = normal(20 * more, 1100, 2);

        AlarmThreshold threshold = threshold(spec, seen, allowed / counted(seen));

        double expected = threshold.alarmsPerEvent() * counted(heldOut);
        assertThat(expected).isBetween(0.99 * more * allowed, 1.01 * more * allowed);
        // Three deviations of the count that the level was measured on, at least 20, and of the held-out one; beyond
        // those 20 the tail is continued, which is good to a factor of two.
        double relative = 3 * Math.sqrt(1 / Math.max(20, allowed) + 1 / expected);
        double slack = allowed < 20 ? 2 * (1 + relative) : 1 + relative;
        assertThat((double) alarms(spec, threshold, heldOut)).isBetween(expected / slack, expected * slack);
    }

    @Test
    void shouldTakeTheLowestLevelThatKeepsToTheBudget() {
        AlarmSpec spec = spec(new AlarmSpec.Tail(0.001), 0.7, 2);
        List<List<Judged>> seen = normal(10, 600, 3);
        double allowed = 37;

        AlarmThreshold threshold = threshold(spec, seen, allowed / counted(seen));

        assertThat(threshold.events()).isEqualTo(counted(seen));
        assertThat(alarms(spec, threshold, seen)).isLessThanOrEqualTo(37);
        double nextLower = seen.stream()
                .flatMap(List::stream)
                .filter(Judged::counted)
                .map(at -> at.event().surprise())
                .filter(surprise -> surprise < threshold.level())
                .max(Comparator.naturalOrder())
                .orElseThrow();
        assertThat(alarms(spec, new AlarmThreshold(nextLower, 1, 1), seen)).isGreaterThan(37);
    }

    @Test
    void shouldSpendTheBudgetOnAlarmsNotOnEvents() {
        List<List<Judged>> seen = normal(20, 1100, 4);
        double perEvent = 100.0 / counted(seen);
        AlarmThreshold ofAlarms = threshold(spec(new AlarmSpec.Tail(0.001), 0.5, 60), seen, perEvent);
        long eventsAbove = seen.stream()
                .flatMap(List::stream)
                .filter(at -> at.counted() && at.event().surprise() > ofAlarms.level())
                .count();

        // Clusters of surprising events are one alarm each.
        assertThat(eventsAbove).isGreaterThan(150);
    }

    @Test
    void shouldNotKeepToTheBudgetByAnAlarmThatNeverEnds() {
        // Hardly ever calm for a minute: below some level each session is one alarm from its start to its end.
        AlarmSpec sticky = spec(new AlarmSpec.Tail(0.001), 0.7, 60);
        List<List<Judged>> seen = normal(20, 1100, 5);

        AlarmThreshold threshold = threshold(sticky, seen, 0.1);

        assertThat(threshold.level()).isGreaterThan(1);
    }

    @Test
    void shouldNotNeedMoreEventsThanOne() {
        AlarmSpec spec = spec(new AlarmSpec.Tail(0.001), null, 0);
        List<List<Judged>> one = List.of(List.of(new Judged(new Observation(2, 1), new EntityClock(3, 0, 0), 0, true)));

        assertThat(threshold(spec, one, 0.01).level()).isEqualTo(2);
    }

    @Test
    void shouldRefuseWhatIsNoThreshold() {
        assertThatThrownBy(() -> new AlarmThreshold(Double.NaN, 1, 1)).hasMessageContaining("NaN");
        assertThatThrownBy(() -> threshold(spec(new AlarmSpec.Tail(0.1), null, 0), List.of(), 0.1))
                .hasMessageContaining("no event");
        assertThatThrownBy(() -> new AlarmThreshold(1, 0, 1)).hasMessageContaining("got 1.0 and 0.0");
    }
}
