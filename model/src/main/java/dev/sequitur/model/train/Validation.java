package dev.sequitur.model.train;

import java.util.Arrays;
import java.util.List;

/** Runs segments through the network as it stands and hands out the surprise of every event that counts. */
final class Validation {
    private final TrainingGraph graph;
    private final List<Segment> segments;
    private final int window;
    private final int startColumn;

    Validation(TrainingGraph graph, List<Segment> segments, int window, int startColumn) {
        this.graph = graph;
        this.segments = segments;
        this.window = window;
        this.startColumn = startColumn;
    }

    /** Hears the surprises {@code [F]} of an event at {@code surprise[at ..]}, the n-th of its session, from 0. */
    @FunctionalInterface
    interface Visitor {
        void event(float[] surprise, int at, int n);
    }

    void run(Visitor visitor) {
        int lanes = graph.lanes();
        int width = graph.shape().features();
        int fields = graph.shape().surprises();
        Lanes feed = new Lanes(segments, lanes, window, width, startColumn);
        float[] rows = new float[window * lanes * width];
        float[] weights = new float[window * lanes];
        float[] state = new float[lanes * graph.shape().state()];
        float[] surprise = new float[window * lanes * fields];
        int[] sinceStart = new int[lanes];
        while (feed.next(rows, weights)) {
            graph.evaluate(rows, weights, state, surprise);
            for (int slot = 0; slot < weights.length; slot++) {
                int lane = slot % lanes;
                sinceStart[lane] = rows[slot * width + startColumn] == 1f ? 0 : sinceStart[lane] + 1;
                if (weights[slot] > 0) {
                    visitor.event(surprise, slot * fields, sinceStart[lane]);
                }
            }
        }
    }

    /** Mean loss per event, nats: surprises times the fields' weights. */
    double loss(float[] fieldWeights) {
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
    double[] surprises(boolean[] counted, int warmUp) {
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
