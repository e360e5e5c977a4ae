package dev.sequitur.model.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class TailProbabilityScorerTest {
    /** Uniform on [0,2] up to 0.8, then an exponential tail of 3 nats. */
    private static final TailCalibration CALIBRATION = new TailCalibration(100, new double[] {0, 1, 2}, 0.2, 3);

    @Test
    void shouldScoreByTheCalibration() {
        Scorer scorer = new TailProbabilityScorer(CALIBRATION, 0.01);

        assertThat(scorer.score(0.5)).isCloseTo(0.2, within(1e-12));
        assertThat(scorer.score(1)).isCloseTo(0.4, within(1e-12));
        assertThat(scorer.score(2)).isCloseTo(0.8, within(1e-12));
        assertThat(scorer.score(2 + 3 * Math.log(2))).isCloseTo(0.9, within(1e-12));
    }

    @Test
    void shouldAlarmOnlyAboveTheThresholdOfItsRate() {
        // A tail of 0.2 falls to 0.01 within 3·ln 20.
        double threshold = 2 + 3 * Math.log(20);
        Scorer scorer = new TailProbabilityScorer(CALIBRATION, 0.01);

        assertThat(scorer.alarm(threshold - 1e-9)).isFalse();
        assertThat(scorer.alarm(threshold + 1e-9)).isTrue();
        assertThat(scorer.alarm(Double.POSITIVE_INFINITY)).isTrue();
    }

    @Test
    void shouldTakeARateAboveTheTails() {
        // Half of the events lie below 1.25.
        Scorer scorer = new TailProbabilityScorer(CALIBRATION, 0.5);

        assertThat(scorer.alarm(1.25 - 1e-9)).isFalse();
        assertThat(scorer.alarm(1.25 + 1e-9)).isTrue();
    }
}
