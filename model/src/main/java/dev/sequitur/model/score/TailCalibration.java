package dev.sequitur.model.score;

import java.util.Arrays;

/**
 * The surprise of normal events, measured on the calibration part of the data: an empirical distribution with an
 * exponential tail, so that scores go on to tell rare from rarer beyond the largest surprise that was seen.
 *
 * <p>The tail above the quantile u at 1 − p_u is {@code P(s > u + x) = p_u exp(−x/β)}, β the mean excess over u:
 * peaks over a threshold with a generalised Pareto tail of shape 0 (Siffer et al., "Anomaly detection in streams with
 * extreme value theory", KDD 2017, section 3).
 *
 * @param events number of events measured
 * @param quantiles of the surprise at {@code i/(n−1)·(1 − p_u)}, ascending; the last is u
 * @param tailShare p_u
 * @param tailScale β, nats
 */
public record TailCalibration(long events, double[] quantiles, double tailShare, double tailScale) {
    private static final int POINTS = 201;
    private static final double TAIL = 0.05;

    /** One event's surprise differs by up to 1e-5 between batches; the tail must not tell such differences apart. */
    private static final double NARROWEST_TAIL = 1e-3;

    public TailCalibration {
        if (events < 1
                || quantiles.length < 2
                || !(tailShare > 0 && tailShare < 1)
                || !(tailScale > 0 && tailScale <= Double.MAX_VALUE)) {
            throw new IllegalArgumentException(
                    "a calibration needs events >= 1, >= 2 quantiles, a tail share in (0,1) and a tail scale > 0, got "
                            + events + ", " + quantiles.length + ", " + tailShare + ", " + tailScale);
        }
        for (int i = 0; i < quantiles.length; i++) {
            if (!Double.isFinite(quantiles[i]) || i > 0 && quantiles[i] < quantiles[i - 1]) {
                throw new IllegalArgumentException("the quantiles of a calibration must be finite and ascending, got "
                        + quantiles[i] + " at " + i);
            }
        }
    }

    /** @throws IllegalArgumentException when there is no surprise to calibrate on, or one that is not finite */
    public static TailCalibration of(double[] surprises) {
        if (surprises.length == 0) {
            throw new IllegalArgumentException("no event to calibrate on");
        }
        for (double surprise : surprises) {
            if (!Double.isFinite(surprise)) {
                throw new IllegalArgumentException("an event to calibrate on has the surprise " + surprise
                        + "; expected a finite one. Look for extreme values in the data, or lower the learning rate");
            }
        }
        double[] sorted = surprises.clone();
        Arrays.sort(sorted);
        double[] quantiles = new double[POINTS];
        for (int i = 0; i < POINTS; i++) {
            quantiles[i] = quantile(sorted, (1 - TAIL) * i / (POINTS - 1));
        }
        double u = quantiles[POINTS - 1];
        double excess = Arrays.stream(sorted)
                .filter(s -> s > u)
                .map(s -> s - u)
                .average()
                .orElse(0);
        return new TailCalibration(surprises.length, quantiles, TAIL, Math.max(excess, NARROWEST_TAIL));
    }

    private static double quantile(double[] sorted, double p) {
        double at = p * (sorted.length - 1);
        int below = (int) Math.floor(at);
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }

    /** Share of normal events that surprise at most as much. */
    public double score(double surprise) {
        double u = quantiles[quantiles.length - 1];
        if (surprise >= u) {
            return 1 - tailShare * Math.exp(-(surprise - u) / tailScale);
        }
        int below = lastAtMost(surprise);
        if (below < 0) {
            return 0;
        }
        double low = quantiles[below];
        double share = (below + (surprise - low) / (quantiles[below + 1] - low)) / (quantiles.length - 1);
        return (1 - tailShare) * share;
    }

    /**
     * −ln of the share of normal events that surprise more, nats: 0 for the least surprising event, ln 1000 for one in a
     * thousand, and so on without an end where the score has no digits left.
     */
    public double rarity(double surprise) {
        double u = quantiles[quantiles.length - 1];
        return surprise >= u ? (surprise - u) / tailScale - Math.log(tailShare) : -Math.log1p(-score(surprise));
    }

    /** Index of the last quantile that is not above; -1 where all are. */
    private int lastAtMost(double surprise) {
        int low = 0;
        int high = quantiles.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (quantiles[middle] <= surprise) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low - 1;
    }

    /** The surprise that a share {@code rate} of normal events exceeds. */
    public double threshold(double rate) {
        if (rate < tailShare) {
            return quantiles[quantiles.length - 1] + tailScale * Math.log(tailShare / rate);
        }
        double at = (1 - rate) / (1 - tailShare) * (quantiles.length - 1);
        int below = (int) Math.floor(at);
        int above = Math.min(below + 1, quantiles.length - 1);
        return quantiles[below] + (at - below) * (quantiles[above] - quantiles[below]);
    }
}
