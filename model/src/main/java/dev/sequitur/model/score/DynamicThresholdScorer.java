package dev.sequitur.model.score;

import dev.sequitur.model.spec.AlarmSpec;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Scores by a threshold that each entity's recent errors give, without a distribution assumed of them: Hundman,
 * Constantinou, Laporte, Colwell, Soderstrom, "Detecting spacecraft anomalies using LSTMs and nonparametric dynamic
 * thresholding", KDD 2018 (arXiv 1802.04431), sections 3.2 and 3.3. With e_s the last h smoothed errors:
 *
 * <pre>
 *   ε = argmax_{ε = μ(e_s) + zσ(e_s)}  (Δμ/μ(e_s) + Δσ/σ(e_s)) / (|e_a| + |E_seq|²)
 *   Δμ  = μ(e_s) − μ({e ∈ e_s | e &lt; ε}),   Δσ = σ(e_s) − σ({e ∈ e_s | e &lt; ε})
 *   e_a = {e ∈ e_s | e &gt; ε},   E_seq = the continuous sequences of e_a
 *   s   = (max(e_seq) − ε) / (μ(e_s) + σ(e_s))
 * </pre>
 *
 * <p>Pruning: the maxima of the sequences, in descending order, followed by the largest e that is in none of them. Each
 * drops from the one before by d(i), relative to that one. The sequences before the last d(i) &gt; p stay; those after
 * it are no anomalies.
 *
 * <p>The level is s of the sequence that the newest error is in, 0 where it is in none; the score is s / (1 + s). What
 * differs from the paper:
 *
 * <ul>
 *   <li>Errors are judged one by one as they come, the newest being the last of e_s; the paper takes them in batches of
 *       70. What comes later doesn't change a verdict.
 *   <li>The error is the rarity of the event, −ln P(a normal event surprises at least as much), in nats: shares of a mean
 *       need errors that are not negative, which the surprise of a continuous field may be.
 *   <li>Smoothing is an exponentially weighted mean with α = 2/(n + 1), its weights normalised from the first event on.
 *   <li>z runs from 2 to 10 in steps of a half, of equal ones the largest counts. The newest error is judged only where
 *       it lies above the smallest threshold, so most events cost two passes over e_s.
 *   <li>The first {@code learning} events of an entity have level 0.
 * </ul>
 *
 * <p>Memory: events so far, int64; the smoothed error, float64; e_s, a ring of float32.
 */
public final class DynamicThresholdScorer implements Scorer {
    private static final double LOWEST_Z = 2;
    private static final double HIGHEST_Z = 10;
    private static final double STEP_Z = 0.5;
    private static final int RING = Long.BYTES + Double.BYTES;

    private final AlarmSpec.Dynamic spec;
    private final TailCalibration calibration;
    private final double alpha;

    public DynamicThresholdScorer(AlarmSpec.Dynamic spec, TailCalibration calibration) {
        this.spec = spec;
        this.calibration = calibration;
        this.alpha = 2.0 / (spec.smoothing() + 1);
    }

    @Override
    public int memoryBytes() {
        return RING + Float.BYTES * spec.window();
    }

    @Override
    public double level(Observation event, ByteBuffer memory) {
        long events = memory.getLong(0) + 1;
        double smoothed = memory.getDouble(Long.BYTES);
        double weight = alpha / (1 - Math.pow(1 - alpha, events));
        smoothed += weight * (calibration.rarity(event.surprise()) - smoothed);
        memory.putLong(0, events);
        memory.putDouble(Long.BYTES, smoothed);
        float newest = (float) Math.min(smoothed, Float.MAX_VALUE);
        memory.putFloat(ring(events - 1), newest);
        if (events <= spec.learning()) {
            return 0;
        }
        int size = (int) Math.min(events, spec.window());
        double sum = 0;
        for (int i = 0; i < size; i++) {
            sum += memory.getFloat(RING + Float.BYTES * i);
        }
        double mean = sum / size;
        double squares = 0;
        for (int i = 0; i < size; i++) {
            double off = memory.getFloat(RING + Float.BYTES * i) - mean;
            squares += off * off;
        }
        double deviation = Math.sqrt(squares / size);
        if (!(newest > mean + LOWEST_Z * deviation)) {
            return 0;
        }
        return severity(errors(events, size, memory), mean, deviation);
    }

    /** Where the n-th smoothed error stands, n from 0. */
    private int ring(long n) {
        return RING + Float.BYTES * (int) (n % spec.window());
    }

    /** The last {@code size} smoothed errors, oldest first. */
    private double[] errors(long events, int size, ByteBuffer memory) {
        double[] errors = new double[size];
        for (int i = 0; i < size; i++) {
            errors[i] = memory.getFloat(ring(events - size + i));
        }
        return errors;
    }

    private double severity(double[] errors, double mean, double deviation) {
        double best = Double.NEGATIVE_INFINITY;
        double threshold = Double.POSITIVE_INFINITY;
        for (double z = LOWEST_Z; z <= HIGHEST_Z; z += STEP_Z) {
            double candidate = mean + z * deviation;
            double gain = gain(errors, candidate, mean, deviation);
            if (gain >= best) {
                best = gain;
                threshold = candidate;
            }
        }
        if (!(errors[errors.length - 1] > threshold)) {
            return 0;
        }
        int first = errors.length - 1;
        double max = errors[first];
        while (first > 0 && errors[first - 1] > threshold) {
            max = Math.max(max, errors[--first]);
        }
        return max > smallestAnomaly(errors, threshold) ? (max - threshold) / (mean + deviation) : 0;
    }

    /** What a threshold gains; −∞ where it finds nothing. */
    private static double gain(double[] errors, double threshold, double mean, double deviation) {
        int above = 0;
        int sequences = 0;
        int below = 0;
        double sum = 0;
        for (int i = 0; i < errors.length; i++) {
            if (errors[i] > threshold) {
                above++;
                sequences += i == 0 || !(errors[i - 1] > threshold) ? 1 : 0;
            } else if (errors[i] < threshold) {
                below++;
                sum += errors[i];
            }
        }
        if (above == 0) {
            return Double.NEGATIVE_INFINITY;
        }
        double meanBelow = sum / below;
        double squares = 0;
        for (double error : errors) {
            squares += error < threshold ? (error - meanBelow) * (error - meanBelow) : 0;
        }
        double deviationBelow = Math.sqrt(squares / below);
        return ((mean - meanBelow) / mean + (deviation - deviationBelow) / deviation)
                / (above + (double) sequences * sequences);
    }

    /** Pruning: a sequence whose maximum is above this is an anomaly. */
    private double smallestAnomaly(double[] errors, double threshold) {
        double[] maxima = new double[errors.length + 1];
        int sequences = 0;
        double largestNormal = 0;
        for (int i = 0; i < errors.length; i++) {
            if (!(errors[i] > threshold)) {
                largestNormal = Math.max(largestNormal, errors[i]);
            } else if (i > 0 && errors[i - 1] > threshold) {
                maxima[sequences - 1] = Math.max(maxima[sequences - 1], errors[i]);
            } else {
                maxima[sequences++] = errors[i];
            }
        }
        // Ascending: the largest error of no sequence first.
        Arrays.sort(maxima, 0, sequences);
        double lower = largestNormal;
        for (int i = 0; i < sequences; i++) {
            if ((maxima[i] - lower) / maxima[i] > spec.prune()) {
                return lower;
            }
            lower = maxima[i];
        }
        return Double.POSITIVE_INFINITY;
    }

    @Override
    public double score(double level) {
        return level / (1 + level);
    }

    @Override
    public double threshold() {
        return 0;
    }
}
