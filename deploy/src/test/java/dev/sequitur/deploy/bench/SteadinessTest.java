package dev.sequitur.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class SteadinessTest {
    private static final int SAMPLES = 101;
    private static final long STEP = 1000;
    private static final double SHARE = 0.03;

    /** A sample each {@value #STEP} events; what is resident is a function of the events. */
    private static List<SoakSample> samples(LongUnaryOperator resident) {
        List<SoakSample> samples = new ArrayList<>();
        for (int i = 0; i < SAMPLES; i++) {
            samples.add(new SoakSample(i, i * STEP, resident.applyAsLong(i * STEP), 0, 100, 10, 0));
        }
        return samples;
    }

    private static Steadiness of(List<SoakSample> samples) {
        return Steadiness.of(samples, SoakSample::resident, SHARE, 0);
    }

    @Test
    void shouldTellByHowMuchALineRisesAfterTheWarmUp() {
        // 70 of 100 steps are measured; the middle one stands at 65.
        Steadiness steadiness = of(samples(events -> 1_000_000 + 3 * events));
        assertThat(steadiness.growth()).isEqualTo(3 * 70 * STEP, within(1e-3));
        assertThat(steadiness.median()).isEqualTo(1_000_000 + 3 * 65 * STEP);
        assertThat(steadiness.allowed()).isEqualTo(SHARE * steadiness.median());
        assertThat(steadiness.steady()).isFalse();
    }

    @Test
    void shouldLeaveTheWarmUpOut() {
        Steadiness steadiness = of(samples(events -> Math.min(events, 30 * STEP) + 1));
        assertThat(steadiness.growth()).isZero();
        assertThat(steadiness.steady()).isTrue();
    }

    @Test
    void shouldNotBeBentBySpikes() {
        Random random = new Random(4);
        Steadiness steadiness = of(samples(events -> random.nextInt(5) == 0 ? 9_000_000 : 1_000_000));
        assertThat(steadiness.growth()).isZero();
        assertThat(steadiness.median()).isEqualTo(1_000_000);
    }

    @Test
    void shouldFindALeakBeneathNoise() {
        Random random = new Random(5);
        // A leak of 700,000 over the measured part. Noise of 300,000, evenly spread, has a standard deviation of
        // 87,000; sqrt(12/71) of that is a fitted line's at its end, and four times that is tolerated.
        Steadiness steadiness = of(samples(events -> 10_000_000 + 10 * events + random.nextInt(300_000)));
        assertThat(steadiness.growth()).isEqualTo(700_000, within(143_000.0));
        assertThat(steadiness.steady()).isFalse();
    }

    @Test
    void shouldCallAFallSteadyAndAllowASmallFigureItsRest() {
        assertThat(of(samples(events -> 1_000_000 - 5 * events)).steady()).isTrue();
        List<SoakSample> samples = samples(events -> 1 + events / 50_000);
        assertThat(Steadiness.of(samples, SoakSample::resident, SHARE, 2).steady())
                .isTrue();
        assertThat(Steadiness.of(samples, SoakSample::resident, SHARE, 2).allowed())
                .isEqualTo(2);
    }

    @Test
    void shouldAskForEnoughSamples() {
        assertThatThrownBy(() -> of(samples(events -> 1).subList(99, 101)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("steadiness needs at least 3 samples after the warm-up, got 2");
    }

    @Test
    void shouldBeSteadyOnlyIfEveryFigureIs() {
        SoakBench.Plan plan = new SoakBench.Plan(1, 1, KeyDistribution.UNIFORM, 1, "1m", SHARE, new Properties());
        assertThat(new SoakReport(plan, samples(events -> 1_000_000_000)).steady())
                .isTrue();
        assertThat(new SoakReport(plan, samples(events -> 1_000_000_000 + 1000 * events)).steady())
                .isFalse();
        List<SoakSample> leakingFiles = samples(events -> 1_000_000_000).stream()
                .map(s -> new SoakSample(s.seconds(), s.events(), s.resident(), 0, s.events() / STEP, 10, 0))
                .toList();
        assertThat(new SoakReport(plan, leakingFiles).steady()).isFalse();
    }
}
