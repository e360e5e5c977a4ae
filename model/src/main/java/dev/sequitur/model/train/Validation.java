package dev.sequitur.model.train;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/**
 * Runs segments through a network as it stands, or through the mixture of several, and hands out the surprise of every
 * event that counts.
 */
final class Validation {
    private final List<TrainingGraph> graphs;
    private final List<Segment> segments;
    private final RowFile file;
    private final int window;
    private final int startColumn;

    /** @param graphs at least one, all of the same spec and lanes */
    Validation(List<TrainingGraph> graphs, List<Segment> segments, RowFile file, int window, int startColumn) {
        this.graphs = List.copyOf(graphs);
        this.segments = segments;
        this.file = file;
        this.window = window;
        this.startColumn = startColumn;
    }

    /** Hears the surprises {@code [F]} of an event at {@code surprise[at ..]}, the n-th of its session, from 0. */
    @FunctionalInterface
    interface Visitor {
        void event(float[] surprise, int at, int n);
    }

    void run(Visitor visitor) throws IOException {
        TrainingGraph graph = graphs.get(0);
        int lanes = graph.lanes();
        int width = graph.shape().features();
        int fields = graph.shape().surprises();
        Lanes feed = new Lanes(segments, file, lanes, window, width, startColumn);
        float[] rows = new float[window * lanes * width];
        float[] weights = new float[window * lanes];
        float[][] states = new float[graphs.size()][lanes * graph.shape().state()];
        float[][] surprises = new float[graphs.size()][window * lanes * fields];
        int[] sinceStart = new int[lanes];
        while (feed.next(rows, weights)) {
            for (int m = 0; m < surprises.length; m++) {
                graphs.get(m).evaluate(rows, weights, states[m], surprises[m]);
            }
            float[] surprise = mixed(surprises);
            for (int slot = 0; slot < weights.length; slot++) {
                int lane = slot % lanes;
                sinceStart[lane] = rows[slot * width + startColumn] == 1f ? 0 : sinceStart[lane] + 1;
                if (weights[slot] > 0) {
                    visitor.event(surprise, slot * fields, sinceStart[lane]);
                }
            }
        }
    }

    /** {@code −log 1/M Σ_m exp(−s_m)} of each value: what {@link dev.sequitur.model.head.MemberMixture} serves. */
    private static float[] mixed(float[][] surprises) {
        if (surprises.length == 1) {
            return surprises[0];
        }
        float[] mixed = new float[surprises[0].length];
        for (int i = 0; i < mixed.length; i++) {
            double least = Double.POSITIVE_INFINITY;
            for (float[] member : surprises) {
                least = Math.min(least, member[i]);
            }
            double shares = 0;
            for (float[] member : surprises) {
                shares += Math.exp(least - member[i]);
            }
            mixed[i] = (float) (least - Math.log(shares / surprises.length));
        }
        return mixed;
    }

    /** Mean loss per event, nats: surprises times the fields' weights. */
    double loss(float[] fieldWeights) throws IOException {
        double[] sums = new double[2];
        run((surprise, at, n) -> {
            for (int f = 0; f < fieldWeights.length; f++) {
                sums[0] += surprise[at + f] * fieldWeights[f];
            }
            sums[1]++;
        });
        return sums[0] / Math.max(1, sums[1]);
    }

    /**
     * Surprise of each event, summed over some fields.
     *
     * @param warmUp events at the start of a session that are left out
     */
    double[] surprises(boolean[] counted, int warmUp) throws IOException {
        double[][] values = {new double[1024]};
        int[] size = {0};
        run((surprise, at, n) -> {
            if (n < warmUp) {
                return;
            }
            double sum = 0;
            for (int f = 0; f < counted.length; f++) {
                sum += counted[f] ? surprise[at + f] : 0;
            }
            if (size[0] == values[0].length) {
                values[0] = Arrays.copyOf(values[0], 2 * size[0]);
            }
            values[0][size[0]++] = sum;
        });
        return Arrays.copyOf(values[0], size[0]);
    }
}
