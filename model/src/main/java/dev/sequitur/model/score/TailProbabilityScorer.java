package dev.sequitur.model.score;

/**
 * Scores a surprise by the share of normal events that surprise less, and alarms where at most a stated share of normal
 * events would. What the numbers mean is {@link TailCalibration}'s.
 */
public final class TailProbabilityScorer implements Scorer {
    private final TailCalibration calibration;
    private final double threshold;

    /** @param rate share of normal events that may alarm */
    public TailProbabilityScorer(TailCalibration calibration, double rate) {
        this.calibration = calibration;
        this.threshold = calibration.threshold(rate);
    }

    @Override
    public double score(double surprise) {
        return calibration.score(surprise);
    }

    @Override
    public boolean alarm(double surprise) {
        return surprise > threshold;
    }
}
