package dev.sequitur.model.train;

import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Draws classes for a sampled softmax: a class is in a draw with a share that goes with how often training sees it, and a
 * frequent one in every draw. Systematic sampling (Madow 1949, "On the theory of systematic sampling, II") of a shuffled
 * list: draws have one size, no class twice, and a class's share is exact.
 */
final class ClassSampler {
    private final double[] shares;
    private final float[] logShares;

    /**
     * @param counts of each class in the training data; one is added to each, so that any may be drawn
     * @param size classes of a draw, below the number of classes
     */
    ClassSampler(long[] counts, int size) {
        shares = shares(counts, size);
        logShares = new float[shares.length];
        for (int c = 0; c < shares.length; c++) {
            logShares[c] = (float) Math.log(shares[c]);
        }
    }

    /** {@code min(1, k·(n_c + 1))}, k such that the sum is {@code size}. */
    private static double[] shares(long[] counts, int size) {
        int[] frequentFirst = IntStream.range(0, counts.length)
                .boxed()
                .sorted((a, b) -> Long.compare(counts[b], counts[a]))
                .mapToInt(Integer::intValue)
                .toArray();
        double rest = Arrays.stream(counts).mapToDouble(n -> n + 1).sum();
        int left = size;
        double[] shares = new double[counts.length];
        for (int c : frequentFirst) {
            double count = counts[c] + 1.0;
            if (count * left >= rest && left > 0) {
                shares[c] = 1;
                left--;
                rest -= count;
            } else {
                shares[c] = count * left / rest;
            }
        }
        return shares;
    }

    /** Probability that a class is in a draw. */
    double share(int c) {
        return shares[c];
    }

    /** Classes, each once, in no order that means anything. */
    int[] draw(Random random) {
        int[] shuffled = IntStream.range(0, shares.length).toArray();
        double sum = random.nextDouble();
        int[] drawn = new int[shares.length];
        int size = 0;
        for (int i = 0; i < shuffled.length; i++) {
            int other = i + random.nextInt(shuffled.length - i);
            int c = shuffled[other];
            shuffled[other] = shuffled[i];
            double before = Math.floor(sum);
            sum += shares[c];
            if (Math.floor(sum) > before) {
                drawn[size++] = c;
            }
        }
        return Arrays.copyOf(drawn, size);
    }

    /** Logarithms of {@link #share} for a draw. */
    float[] logShares(int[] drawn) {
        float[] logs = new float[drawn.length];
        for (int i = 0; i < drawn.length; i++) {
            logs[i] = logShares[drawn[i]];
        }
        return logs;
    }
}
