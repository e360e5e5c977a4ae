package dev.sequitur.model.generate;

import dev.sequitur.model.head.HeadLayout;
import dev.sequitur.model.score.Explainer;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * Draws a field's value from its P parameters. Temperature τ sharpens (below 1) or flattens what is drawn from:
 * probabilities become {@code p^(1/τ)}, normalised, and variances {@code τ σ²} (Ha and Eck, "A neural representation of
 * sketch drawings", 2017, arXiv 1704.03477, section 3.3). At 0 the likeliest is taken: of a mixture the mean of the
 * normal with the largest weight.
 */
final class Draw {
    private final RandomGenerator random;
    private final double temperature;
    private final int topK;

    /** @param topK only so many of a categorical field's likeliest slots are drawn from; 0: all */
    Draw(RandomGenerator random, double temperature, int topK) {
        this.random = random;
        this.temperature = temperature;
        this.topK = topK;
    }

    /** Whether something comes true that has this probability. */
    boolean yes(double probability) {
        if (temperature == 0) {
            return probability > 0.5;
        }
        double power = 1 / temperature;
        double odds = Math.pow(Math.min(probability, 1 - probability) / Math.max(probability, 1 - probability), power);
        double rarer = odds / (1 + odds);
        return random.nextDouble() < (probability > 0.5 ? 1 - rarer : rarer);
    }

    /** An index of the {@code n} probabilities from {@code at} on. */
    int category(float[] probabilities, int at, int n) {
        return index(probabilities, at, n, topK == 0 ? n : Math.min(topK, n));
    }

    /** An index of the {@code k} largest of {@code n} probabilities; ties go to the first. */
    private int index(float[] probabilities, int at, int n, int k) {
        int likeliest = Explainer.top(probabilities, at, n, 1)[0];
        if (temperature == 0 || k == 1) {
            return likeliest;
        }
        int[] among = k < n
                ? Explainer.top(probabilities, at, n, k)
                : IntStream.range(0, n).toArray();
        double[] shares = new double[among.length];
        double sum = 0;
        for (int i = 0; i < shares.length; i++) {
            // Against the largest: powers of small probabilities underflow.
            double share = (double) probabilities[at + among[i]] / probabilities[at + likeliest];
            shares[i] = Math.pow(share, 1 / temperature);
            sum += shares[i];
        }
        double left = random.nextDouble() * sum;
        for (int i = 0; i < shares.length; i++) {
            left -= shares[i];
            if (left < 0) {
                return among[i];
            }
        }
        return likeliest;
    }

    /** A number on the scale that the field is modelled on. */
    double number(HeadLayout.Target target, float[] parameters, int at) {
        int n = target.normals();
        if (target.plainNormal()) {
            return normal(parameters[at], parameters[at + 1]);
        }
        // Top k is about categories: every component of a mixture stays.
        int component = index(parameters, at, n, n);
        return normal(parameters[at + n + component], parameters[at + 2 * n + component]);
    }

    private double normal(double mean, double deviation) {
        return temperature == 0 ? mean : mean + Math.sqrt(temperature) * deviation * random.nextGaussian();
    }
}
