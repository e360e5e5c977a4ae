package dev.sequitur.model.score;

import java.nio.ByteBuffer;

/**
 * Scores a surprise by the share of normal events that surprise at most as much, and alarms where at most a stated share
 * of normal events would. The level is the surprise, in nats; there is no memory. What the numbers mean is {@link
 * TailCalibration}'s.
 */
public final class TailProbabilityScorer implements Scorer {
    /** An event is calm when ten times as many normal events surprise as much as those that alarm. */
    private static final double CALM = 10;

    private final TailCalibration calibration;
    private final double threshold;

    /** @param rate share of normal events that may alarm */
    public TailProbabilityScorer(TailCalibration calibration, double rate) {
        this.calibration = calibration;
        this.threshold = calibration.threshold(rate);
    }

    @Override
    public int memoryBytes() {
        return 0;
    }

    @Override
    public double level(Observation event, ByteBuffer memory) {
        return event.surprise();
    }

    @Override
    public double score(double surprise) {
        return calibration.score(surprise);
    }

    @Override
    public double threshold() {
        return threshold;
    }

    @Override
    public double clear(double ofThreshold) {
        return calmer(score(ofThreshold));
    }

    /** The score whose tail is ten times that of {@code score}, and at least a half. */
    static double calmer(double score) {
        return 1 - Math.max(1 - score, Math.min(0.5, CALM * (1 - score)));
    }
}
