package dev.sequitur.deploy.bench;

import java.util.Arrays;
import java.util.List;
import java.util.function.ToLongFunction;

/**
 * Whether a figure stands still once the warm-up is over: by Theil and Sen's line, the median of the slopes between all
 * pairs of samples (Sen 1968, doi:10.1080/01621459.1968.10480934), which single spikes don't bend. It is steady if that
 * line rises over the measured part by no more than a share of the median, or by no more than what a figure may always
 * move.
 *
 * @param median of the measured part
 * @param growth of the line over the measured part; negative where it falls
 * @param allowed the most that counts as steady
 */
record Steadiness(double median, double growth, double allowed) {
    /** The first samples, up to this share of all events: buffers and caches fill, code is compiled. */
    static final double WARM_UP = 0.3;

    private static final int LEAST_SAMPLES = 3;

    boolean steady() {
        return growth <= allowed;
    }

    /** The samples after the warm-up. */
    static List<SoakSample> measured(List<SoakSample> samples) {
        long all = samples.isEmpty() ? 0 : samples.get(samples.size() - 1).events();
        return samples.stream()
                .filter(sample -> sample.events() >= WARM_UP * all)
                .toList();
    }

    /**
     * @param samples all of them, in their order
     * @param share of the median that the line may rise
     * @param always what the line may rise however small the median is
     * @throws IllegalArgumentException when fewer than three samples are left after the warm-up
     */
    static Steadiness of(List<SoakSample> samples, ToLongFunction<SoakSample> figure, double share, double always) {
        List<SoakSample> measured = measured(samples);
        if (measured.size() < LEAST_SAMPLES) {
            throw new IllegalArgumentException("steadiness needs at least " + LEAST_SAMPLES
                    + " samples after the warm-up, got " + measured.size());
        }
        double[] x = measured.stream().mapToDouble(SoakSample::events).toArray();
        double[] y = measured.stream().mapToDouble(figure::applyAsLong).toArray();
        double median = median(y.clone(), y.length);
        double growth = slope(x, y) * (x[x.length - 1] - x[0]);
        return new Steadiness(median, growth, Math.max(share * median, always));
    }

    private static double slope(double[] x, double[] y) {
        double[] slopes = new double[x.length * (x.length - 1) / 2];
        int count = 0;
        for (int i = 0; i < x.length; i++) {
            for (int j = i + 1; j < x.length; j++) {
                if (x[j] > x[i]) {
                    slopes[count++] = (y[j] - y[i]) / (x[j] - x[i]);
                }
            }
        }
        return count == 0 ? 0 : median(slopes, count);
    }

    private static double median(double[] values, int count) {
        Arrays.sort(values, 0, count);
        return (values[(count - 1) / 2] + values[count / 2]) / 2;
    }
}
