package dev.sequitur.model.reference;

import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The network that a spec's {@code cell} asks for, wrappers included, in plain Java, in double: one entity, one event at a
 * time.
 */
public final class ReferenceStack {
    private final CellSpec spec;
    private final ReferenceWeights weights;
    private final List<ReferenceCell> layers = new ArrayList<>();

    public ReferenceStack(CellSpec spec, ReferenceWeights weights) {
        this.spec = spec;
        this.weights = weights;
        for (int l = 0; l < spec.units().size(); l++) {
            layers.add(ReferenceCell.of(spec, weights, l));
        }
    }

    public int stateWidth() {
        int attention = spec.attention() == 0 ? 0 : (spec.attention() - 1) * topWidth() + 1;
        return layersWidth() + attention;
    }

    private int layersWidth() {
        return layers.stream().mapToInt(ReferenceCell::stateWidth).sum();
    }

    private int topWidth() {
        ReferenceCell top = layers.get(layers.size() - 1);
        return top.output(new double[top.stateWidth()]).length;
    }

    public double[] step(double[] input, double[] state) {
        return step(input, state, (name, unit, value) -> {});
    }

    /** @param trace is told what each layer gets and does, {@code 1.x}, {@code 1.forget} and so on */
    public double[] step(double[] input, double[] state, ReferenceCell.Trace trace) {
        double[] after = new double[stateWidth()];
        double[] carried = input;
        double[] below = new double[0];
        int at = 0;
        for (int l = 0; l < layers.size(); l++) {
            ReferenceCell layer = layers.get(l);
            double[] x = l > 0 && spec.layerNorm() ? normalised(carried, "layer" + l + ".norm") : carried;
            String prefix = (l + 1) + ".";
            for (int i = 0; i < x.length; i++) {
                trace.put(prefix + "x", i, x[i]);
            }
            below = layer.step(
                    x,
                    Arrays.copyOfRange(state, at, at + layer.stateWidth()),
                    below,
                    (name, unit, value) -> trace.put(prefix + name, unit, value));
            System.arraycopy(below, 0, after, at, below.length);
            double[] output = layer.output(below);
            carried = l > 0 && spec.residual() ? sum(carried, output) : output;
            at += below.length;
        }
        if (spec.attention() > 0) {
            // The window moves on by one; what was the present output is the newest of it.
            int n = topWidth();
            System.arraycopy(top(state), 0, after, at, n);
            System.arraycopy(state, at, after, at + n, (spec.attention() - 2) * n);
            after[after.length - 1] = Math.min(spec.attention(), state[state.length - 1] + 1);
        }
        return after;
    }

    /** What the heads get. */
    public double[] output(double[] state) {
        if (spec.attention() == 0) {
            return top(state);
        }
        double[] h = top(state);
        int n = h.length;
        double[] a = attention(state);
        double[] both = new double[2 * n];
        for (int i = 0; i < a.length; i++) {
            for (int j = 0; j < n; j++) {
                both[j] += a[i] * past(state, i)[j];
            }
        }
        System.arraycopy(h, 0, both, n, n);
        return Arrays.stream(times(both, weights.matrix("attention.combine")))
                .map(Math::tanh)
                .toArray();
    }

    /** Weights of the last outputs, newest first. */
    public double[] attention(double[] state) {
        int filled = (int) Math.round(state[state.length - 1]);
        double[] query = times(top(state), weights.matrix("attention.query"));
        double[] a = new double[spec.attention()];
        double sum = 0;
        for (int i = 0; i < filled; i++) {
            double score = 0;
            for (int j = 0; j < query.length; j++) {
                score += query[j] * past(state, i)[j];
            }
            a[i] = Math.exp(score / Math.sqrt(query.length));
            sum += a[i];
        }
        for (int i = 0; i < filled; i++) {
            a[i] /= sum;
        }
        return a;
    }

    /** The output i events ago; 0 is the present one. */
    private double[] past(double[] state, int i) {
        int n = topWidth();
        int from = layersWidth() + (i - 1) * n;
        return i == 0 ? top(state) : Arrays.copyOfRange(state, from, from + n);
    }

    /** The output of the layers, without attention. */
    private double[] top(double[] state) {
        double[] y = new double[0];
        int at = 0;
        for (ReferenceCell layer : layers) {
            double[] output = layer.output(Arrays.copyOfRange(state, at, at + layer.stateWidth()));
            y = at > 0 && spec.residual() ? sum(y, output) : output;
            at += layer.stateWidth();
        }
        return spec.layerNorm() ? normalised(y, "norm") : y;
    }

    private double[] normalised(double[] a, String name) {
        double mean = Arrays.stream(a).average().orElseThrow();
        double variance =
                Arrays.stream(a).map(v -> (v - mean) * (v - mean)).average().orElseThrow();
        double[] gain = weights.vector(name + ".gain");
        double[] bias = weights.vector(name + ".bias");
        double[] normalised = new double[a.length];
        for (int i = 0; i < a.length; i++) {
            normalised[i] = gain[i] * (a[i] - mean) / Math.sqrt(variance + 1e-5) + bias[i];
        }
        return normalised;
    }

    private static double[] sum(double[] a, double[] b) {
        double[] sum = new double[a.length];
        Arrays.setAll(sum, i -> a[i] + b[i]);
        return sum;
    }

    private static double[] times(double[] row, double[][] matrix) {
        double[] product = new double[matrix[0].length];
        for (int i = 0; i < row.length; i++) {
            for (int j = 0; j < product.length; j++) {
                product[j] += row[i] * matrix[i][j];
            }
        }
        return product;
    }
}
