package dev.sequitur.model.evaluate;

import java.util.Arrays;

/**
 * How well a probability tells yes from no: area under the receiver operating characteristic, and accuracy.
 *
 * <p>Threading: belongs to one thread.
 */
public final class RocCurve {
    private double[] yes = new double[1024];
    private double[] no = new double[1024];
    private int yesCount;
    private int noCount;
    private long right;

    /** @param probability that the answer is yes */
    public void add(double probability, boolean answer) {
        if (answer) {
            yes = yesCount == yes.length ? Arrays.copyOf(yes, 2 * yesCount) : yes;
            yes[yesCount++] = probability;
        } else {
            no = noCount == no.length ? Arrays.copyOf(no, 2 * noCount) : no;
            no[noCount++] = probability;
        }
        right += probability >= 0.5 == answer ? 1 : 0;
    }

    public long size() {
        return (long) yesCount + noCount;
    }

    /**
     * The share of pairs of a yes and a no in which the yes has the higher probability, ties counted half (Mann and
     * Whitney 1947; Hanley and McNeil 1982). NaN without a pair.
     */
    public double area() {
        double[] positives = Arrays.copyOf(yes, yesCount);
        double[] negatives = Arrays.copyOf(no, noCount);
        Arrays.sort(positives);
        Arrays.sort(negatives);
        double won = 0;
        int below = 0;
        int notAbove = 0;
        for (double p : positives) {
            while (below < noCount && negatives[below] < p) {
                below++;
            }
            while (notAbove < noCount && negatives[notAbove] <= p) {
                notAbove++;
            }
            won += (below + notAbove) / 2.0;
        }
        return won / yesCount / noCount;
    }

    /** Share of answers that are yes where the probability is at least one half, and no elsewhere. */
    public double accuracy() {
        return (double) right / size();
    }
}
