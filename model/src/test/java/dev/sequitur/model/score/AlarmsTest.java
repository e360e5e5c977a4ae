package dev.sequitur.model.score;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.spec.AlarmSpec;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AlarmsTest {
    private static final long SECOND = 1000;

    /** Level and score are the surprise; the memory counts events. */
    private static final Scorer COUNTING = new Scorer() {
        @Override
        public int memoryBytes() {
            return Long.BYTES;
        }

        @Override
        public double level(Observation event, ByteBuffer memory) {
            memory.putLong(0, memory.getLong(0) + 1);
            return event.surprise();
        }

        @Override
        public double score(double level) {
            return level;
        }

        @Override
        public double threshold() {
            return 0.9;
        }
    };

    private static Alarms alarms(int warmUp, Double clear, Duration quiet) {
        AlarmSpec spec = new AlarmSpec(
                List.of("x"),
                warmUp,
                new AlarmSpec.Tail(0.5),
                Optional.empty(),
                new AlarmSpec.HysteresisSpec(Optional.ofNullable(clear), quiet));
        return new Alarms(COUNTING, COUNTING.threshold(), spec);
    }

    /** One letter an event, a second apart: A starts an alarm, a is in one, . is in none. */
    private static String run(Alarms alarms, double... surprises) {
        return run(alarms, alarms.memory(), surprises);
    }

    private static String run(Alarms alarms, ByteBuffer memory, double... surprises) {
        StringBuilder letters = new StringBuilder();
        EntityClock clock = EntityClock.START;
        for (int i = 0; i < surprises.length; i++) {
            letters.append(letter(alarms, memory, clock, i * SECOND, surprises[i]));
            clock = clock.after(i * SECOND);
        }
        return letters.toString();
    }

    private static char letter(Alarms alarms, ByteBuffer memory, EntityClock clock, long timeMs, double surprise) {
        Verdict verdict = alarms.judge(new Observation(surprise, 1), clock, timeMs, memory);
        assertThat(verdict.surprise()).isEqualTo(surprise);
        assertThat(verdict.score()).isEqualTo(surprise);
        assertThat(verdict.alarming() || !verdict.alarm()).isTrue();
        return verdict.alarm() ? 'A' : verdict.alarming() ? 'a' : '.';
    }

    @Test
    void shouldRaiseOneAlarmForATroubleOfManyEvents() {
        double[] surprises = new double[100];
        for (int i = 20; i < 70; i++) {
            surprises[i] = i % 3 == 0 ? 0.7 : 0.95;
        }

        String letters = run(alarms(0, 0.5, Duration.ZERO), surprises);

        assertThat(letters).isEqualTo(".".repeat(20) + "A" + "a".repeat(49) + ".".repeat(30));
    }

    @Test
    void shouldEndAnAlarmAtOnceWhereTheSpecSaysNothing() {
        assertThat(run(alarms(0, null, Duration.ZERO), 0.9, 0.91, 0.92, 0.9, 0.91, 0.1))
                .isEqualTo(".Aa.A.");
    }

    @Test
    void shouldNotEndAnAlarmUntilTheScoreIsCalm() {
        assertThat(run(alarms(0, 0.5, Duration.ZERO), 0.6, 0.95, 0.6, 0.51, 0.5, 0.6, 0.95))
                .isEqualTo(".Aaa..A");
    }

    @Test
    void shouldNotEndAnAlarmUntilItWasQuiet() {
        Alarms patient = alarms(0, 0.5, Duration.ofSeconds(3));

        assertThat(run(patient, 0.95, 0, 0, 0, 0.95)).isEqualTo("Aaa.A");
        assertThat(run(patient, 0.95, 0, 0, 0.6, 0, 0, 0, 0)).isEqualTo("Aaaaaa..");
    }

    @Test
    void shouldNotTakeALateEventForQuiet() {
        Alarms patient = alarms(0, 0.5, Duration.ofSeconds(3));
        ByteBuffer memory = patient.memory();
        EntityClock clock = new EntityClock(5, 0, 0);

        assertThat(letter(patient, memory, clock, 100 * SECOND, 0.95)).isEqualTo('A');
        assertThat(letter(patient, memory, clock, 10 * SECOND, 0)).isEqualTo('a');
        // Nor does a late event that isn't calm move the time back.
        assertThat(letter(patient, memory, clock, 20 * SECOND, 0.8)).isEqualTo('a');
        assertThat(letter(patient, memory, clock, 102 * SECOND, 0)).isEqualTo('a');
        assertThat(letter(patient, memory, clock, 103 * SECOND, 0)).isEqualTo('.');
        Alarms hasty = alarms(0, 0.5, Duration.ZERO);
        memory = hasty.memory();
        assertThat(letter(hasty, memory, clock, 100 * SECOND, 0.95)).isEqualTo('A');
        assertThat(letter(hasty, memory, clock, 10 * SECOND, 0)).isEqualTo('.');
    }

    @Test
    void shouldEndAnAlarmWithItsSessionButKeepWhatTheScorerRemembers() {
        Alarms alarms = alarms(0, 0.5, Duration.ofDays(1));
        ByteBuffer memory = alarms.memory();

        assertThat(run(alarms, memory, 0, 0.95, 0.2)).isEqualTo(".Aa");
        // A new session: run starts a new clock.
        assertThat(run(alarms, memory, 0.95, 0)).isEqualTo("Aa");
        assertThat(memory.getLong(0)).isEqualTo(5);
    }

    @Test
    void shouldNeitherAlarmNorRememberWhileASessionWarmsUp() {
        Alarms alarms = alarms(3, 0.5, Duration.ZERO);
        ByteBuffer memory = alarms.memory();

        assertThat(run(alarms, memory, 0.95, 0.95, 0.95, 0.95, 0.1)).isEqualTo("...A.");
        assertThat(memory.getLong(0)).isEqualTo(2);
    }

    @Test
    void shouldLeaveNothingBehindWhereNothingIsToBeRemembered() {
        AlarmSpec spec = new AlarmSpec(
                List.of("x"),
                0,
                new AlarmSpec.Tail(0.01),
                Optional.empty(),
                new AlarmSpec.HysteresisSpec(Optional.empty(), Duration.ZERO));
        Alarms alarms = Alarms.of(spec, new TailCalibration(100, new double[] {0, 1, 2}, 0.2, 3), Optional.empty());
        ByteBuffer memory = alarms.memory();

        assertThat(alarms.memoryBytes()).isEqualTo(9);
        for (double surprise : new double[] {1, 100, 50, 1}) {
            alarms.judge(new Observation(surprise, 1), new EntityClock(4, 0, 0), SECOND, memory);
        }
        assertThat(memory.array()).containsOnly(0);
    }

    @Test
    void shouldGoOnFromItsBytesAsIfNothingHadHappened() {
        AlarmSpec spec = new AlarmSpec(
                List.of("x"),
                2,
                new AlarmSpec.Adaptive(60, 4, 10, 10, 0.999),
                Optional.empty(),
                new AlarmSpec.HysteresisSpec(Optional.of(0.9), Duration.ofSeconds(2)));
        java.util.Random random = new java.util.Random(3);
        double[] surprises = random.doubles(500)
                .map(p -> -Math.log(p) * (random.nextInt(30) == 0 ? 20 : 1))
                .toArray();
        List<List<Verdict>> runs = new ArrayList<>();
        for (boolean restarting : new boolean[] {false, true}) {
            Alarms alarms = Alarms.of(spec, null, Optional.empty());
            ByteBuffer memory = alarms.memory();
            List<Verdict> verdicts = new ArrayList<>();
            for (int i = 0; i < surprises.length; i++) {
                if (restarting) {
                    alarms = Alarms.of(spec, null, Optional.empty());
                    memory = alarms.memory().put(0, memory.array());
                }
                verdicts.add(alarms.judge(
                        new Observation(surprises[i], 1), new EntityClock(i % 200, 0, 0), i * SECOND, memory));
            }
            runs.add(verdicts);
        }

        assertThat(runs.get(1)).isEqualTo(runs.get(0));
        assertThat(runs.get(0)).filteredOn(Verdict::alarm).hasSizeGreaterThan(2);
    }
}
