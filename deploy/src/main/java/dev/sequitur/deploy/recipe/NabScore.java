package dev.sequitur.deploy.recipe;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/**
 * The score of the Numenta Anomaly Benchmark: Lavin and Ahmad, "Evaluating real-time anomaly detection algorithms", ICMLA
 * 2015, arXiv 1510.03336, section II, as version 1.1 of its code computes it.
 *
 * <p>A row is a detection when its score is at least the threshold, one for all files. With {@code σ(x) = 2/(1 + e^5x) −
 * 1}, and −1 for x above 3:
 *
 * <ul>
 *   <li>in a window from row a to row b, w rows wide, a detection at row i is worth {@code σ(−(b − i + 1)/w)/σ(−1)}; the
 *       most that one of the window's detections is worth counts, times A_TP;
 *   <li>a window without one counts −A_FN;
 *   <li>a detection outside counts {@code A_FP σ((i − b)/(w − 1))}, of the window before it in the file; −A_FP if there is
 *       none;
 *   <li>rows of the probation count nothing.
 * </ul>
 *
 * <p>The sum is put on a scale where a detector that says nothing has 0 and a perfect one 100.
 */
final class NabScore {
    private static final double STEEPNESS = 5;
    private static final double FARTHEST = 3;
    private static final int OUTSIDE = -1;

    /** What a detection and a miss are worth: {@code config/profiles.json} of the benchmark. */
    enum Profile {
        STANDARD("standard", 1, 1, 0.11),
        REWARD_LOW_FP("low FP", 1, 1, 0.22),
        REWARD_LOW_FN("low FN", 1, 2, 0.11);

        final String title;
        private final double truePositive;
        private final double falseNegative;
        private final double falsePositive;

        Profile(String title, double truePositive, double falseNegative, double falsePositive) {
            this.title = title;
            this.truePositive = truePositive;
            this.falseNegative = falseNegative;
            this.falsePositive = falsePositive;
        }
    }

    /** @param threshold that gives the score; infinite where saying nothing is best */
    record Best(double score, double threshold) {}

    private final List<NabSeries> series;
    private final int windows;
    /** Of each row that counts, the files' one after the other: its window, and what it is worth there or outside. */
    private final int[] windowOf;

    private final double[] worth;

    NabScore(List<NabSeries> series) {
        this.series = series;
        int rows = series.stream().mapToInt(s -> s.rows() - s.probation()).sum();
        windowOf = new int[rows];
        worth = new double[rows];
        int at = 0;
        int before = 0;
        for (NabSeries one : series) {
            for (int row = one.probation(); row < one.rows(); row++) {
                place(one, row, before, at++);
            }
            before += one.windows().size();
        }
        windows = before;
    }

    private void place(NabSeries one, int row, int windowsBefore, int at) {
        windowOf[at] = OUTSIDE;
        worth[at] = -1;
        for (int w = 0; w < one.windows().size(); w++) {
            NabSeries.Window window = one.windows().get(w);
            if (row > window.last()) {
                worth[at] = sigmoid((row - window.last()) / (window.width() - 1.0));
            } else if (row >= window.first()) {
                windowOf[at] = windowsBefore + w;
                worth[at] = sigmoid(-(window.last() - row + 1.0) / window.width()) / sigmoid(-1);
            }
        }
    }

    private static double sigmoid(double x) {
        return x > FARTHEST ? -1 : 2 / (1 + Math.exp(STEEPNESS * x)) - 1;
    }

    /** Of the files alone whose group passes. */
    NabScore of(Predicate<String> group) {
        return new NabScore(series.stream().filter(s -> group.test(s.group())).toList());
    }

    List<NabSeries> series() {
        return series;
    }

    /** Windows of the files. */
    int windows() {
        return windows;
    }

    /**
     * The score with the threshold that is best for it, as published scores have it.
     *
     * @param scores of every row of every file, by the file's name; larger is more abnormal
     */
    Best best(Map<String, double[]> scores, Profile profile) {
        double[] flat = flat(scores);
        int[] order = IntStream.range(0, flat.length)
                .boxed()
                .sorted(Comparator.comparingDouble((Integer i) -> -flat[i]))
                .mapToInt(i -> i)
                .toArray();
        Sum sum = new Sum(profile);
        double best = sum.total;
        double threshold = Double.POSITIVE_INFINITY;
        for (int i = 0; i < order.length; i++) {
            sum.detection(order[i]);
            boolean lastOfItsScore = i + 1 == order.length || flat[order[i + 1]] != flat[order[i]];
            if (lastOfItsScore && sum.total > best) {
                best = sum.total;
                threshold = flat[order[i]];
            }
        }
        return new Best(normalised(best, profile), threshold);
    }

    /** The score with a given threshold. */
    double at(double threshold, Map<String, double[]> scores, Profile profile) {
        double[] flat = flat(scores);
        Sum sum = new Sum(profile);
        for (int i = 0; i < flat.length; i++) {
            if (flat[i] >= threshold) {
                sum.detection(i);
            }
        }
        return normalised(sum.total, profile);
    }

    private double normalised(double sum, Profile profile) {
        return 100
                * (sum + profile.falseNegative * windows)
                / (windows * (profile.truePositive + profile.falseNegative));
    }

    private double[] flat(Map<String, double[]> scores) {
        double[] flat = new double[worth.length];
        int at = 0;
        for (NabSeries one : series) {
            double[] its = scores.get(one.name());
            if (its == null || its.length != one.rows()) {
                throw new IllegalArgumentException(one.name() + " has " + one.rows() + " rows, got "
                        + (its == null ? "no" : its.length) + " scores");
            }
            System.arraycopy(its, one.probation(), flat, at, one.rows() - one.probation());
            at += one.rows() - one.probation();
        }
        return flat;
    }

    /** What the detections so far add up to. */
    private final class Sum {
        private final Profile profile;
        private final double[] best = new double[windows];
        private double total;

        Sum(Profile profile) {
            this.profile = profile;
            Arrays.fill(best, -profile.falseNegative);
            total = -profile.falseNegative * windows;
        }

        void detection(int row) {
            int window = windowOf[row];
            if (window == OUTSIDE) {
                total += profile.falsePositive * worth[row];
            } else {
                double counts = profile.truePositive * worth[row];
                if (counts > best[window]) {
                    total += counts - best[window];
                    best[window] = counts;
                }
            }
        }
    }
}
