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

    public TailCalibration {
        if (events < 1 || quantiles.length < 2 || !(tailShare > 0 && tailShare < 1) || !(tailScale > 0)) {
            throw new IllegalArgumentException(
                    "a calibration needs events >= 1, >= 2 quantiles, a tail share in (0,1) and a tail scale > 0, got "
                            + events + ", " + quantiles.length + ", " + tailShare + ", " + tailScale);
        }
    }

    /** @throws IllegalArgumentException when there is no surprise to calibrate on */
    public static TailCalibration of(double[] surprises) {
        if (surprises.length == 0) {
            throw new IllegalArgumentException("no event to calibrate on");
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
        return new TailCalibration(surprises.length, quantiles, TAIL, Math.max(excess, 1e-6));
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
        if (surprise <= quantiles[0]) {
            return 0;
        }
        int at = Arrays.binarySearch(quantiles, surprise);
        int above = at >= 0 ? at : -at - 1;
        double low = quantiles[above - 1];
        double share = (above - 1 + (surprise - low) / (quantiles[above] - low)) / (quantiles.length - 1);
        return (1 - tailShare) * share;
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
