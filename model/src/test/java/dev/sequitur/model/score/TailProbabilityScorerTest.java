package dev.sequitur.model.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.nio.ByteBuffer;
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

        assertThat(scorer.threshold()).isCloseTo(threshold, within(1e-9));
        assertThat(scorer.level(new Observation(7, 1), ByteBuffer.allocate(0))).isEqualTo(7);
        assertThat(scorer.memoryBytes()).isZero();
    }

    @Test
    void shouldTakeARateAboveTheTails() {
        // Half of the events lie below 1.25.
        Scorer scorer = new TailProbabilityScorer(CALIBRATION, 0.5);

        assertThat(scorer.threshold()).isCloseTo(1.25, within(1e-9));
    }

    @Test
    void shouldBeCalmWhereTenTimesAsManyNormalEventsSurpriseAsMuch() {
        Scorer scorer = new TailProbabilityScorer(CALIBRATION, 0.01);

        assertThat(scorer.clear(scorer.threshold())).isCloseTo(0.9, within(1e-9));
        // Never above the threshold itself, and never below the median.
        assertThat(scorer.clear(CALIBRATION.threshold(0.2))).isCloseTo(0.5, within(1e-9));
        assertThat(scorer.clear(CALIBRATION.threshold(0.7))).isCloseTo(0.3, within(1e-9));
    }
}
