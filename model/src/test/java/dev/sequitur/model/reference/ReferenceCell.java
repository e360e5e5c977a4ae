package dev.sequitur.model.reference;

import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** A cell in plain Java, in double: written from the papers' equations, one scalar at a time. */
public interface ReferenceCell {
    int stateWidth();

    /**
     * The state after the input.
     *
     * @param below the state of the layer beneath after the same input; empty at the lowest layer
     */
    double[] step(double[] input, double[] state, double[] below);

    /** The output that goes with a state. */
    double[] output(double[] state);

    /** The cell of a layer; 0 is the lowest. */
    static ReferenceCell of(CellSpec spec, ReferenceWeights weights, int layer) {
        String name = "layer" + layer;
        int units = spec.units().get(layer);
        return switch (spec.kind()) {
            case "rnn" -> rnn(weights, name, units);
            case "lstm" -> lstm(weights, name, units);
            case "lstm-peephole" -> peephole(weights, name, units);
            case "lstm-coupled" -> coupled(weights, name, units);
            case "gru" -> gru(weights, name, units);
            case "mingru" -> minGru(weights, name, units);
            case "minlstm" -> minLstm(weights, name, units);
            case "mgu" -> minimal(weights, name, units);
            case "lstm-depth-gated" -> layer == 0 ? peephole(weights, name, units) : depthGated(weights, name, units);
            case "clockwork" -> clockwork(weights, name, units, spec.periods());
            case "grid-lstm" -> grid(weights, name, units, layer == 0);
            case "vrnn" -> new ReferenceVariational(weights, name, units, spec.latent());
            default -> throw new IllegalArgumentException("no reference for cell '" + spec.kind() + "'");
        };
    }

    private static ReferenceCell rnn(ReferenceWeights weights, String name, int n) {
        return cell(n, n, (x, s) -> {
            double[] h = new double[n];
            for (int j = 0; j < n; j++) {
                h[j] = Math.tanh(affine(weights, name, j, x, s));
            }
            return h;
        });
    }

    private static ReferenceCell lstm(ReferenceWeights weights, String name, int n) {
        return cell(n, 2 * n, (x, s) -> {
            double[] h = Arrays.copyOf(s, n);
            double[] next = new double[2 * n];
            for (int j = 0; j < n; j++) {
                double i = sigmoid(affine(weights, name, j, x, h));
                double candidate = Math.tanh(affine(weights, name, n + j, x, h));
                double f = sigmoid(affine(weights, name, 2 * n + j, x, h));
                double o = sigmoid(affine(weights, name, 3 * n + j, x, h));
                next[n + j] = f * s[n + j] + i * candidate;
                next[j] = o * Math.tanh(next[n + j]);
            }
            return next;
        });
    }

    private static ReferenceCell peephole(ReferenceWeights weights, String name, int n) {
        double[] wci = weights.vector(name + ".peephole.i");
        double[] wcf = weights.vector(name + ".peephole.f");
        double[] wco = weights.vector(name + ".peephole.o");
        return cell(n, 2 * n, (x, s) -> {
            double[] h = Arrays.copyOf(s, n);
            double[] next = new double[2 * n];
            for (int j = 0; j < n; j++) {
                double old = s[n + j];
                double i = sigmoid(affine(weights, name, j, x, h) + wci[j] * old);
                double f = sigmoid(affine(weights, name, 2 * n + j, x, h) + wcf[j] * old);
                next[n + j] = f * old + i * Math.tanh(affine(weights, name, n + j, x, h));
                double o = sigmoid(affine(weights, name, 3 * n + j, x, h) + wco[j] * next[n + j]);
                next[j] = o * Math.tanh(next[n + j]);
            }
            return next;
        });
    }

    private static ReferenceCell coupled(ReferenceWeights weights, String name, int n) {
        return cell(n, 2 * n, (x, s) -> {
            double[] h = Arrays.copyOf(s, n);
            double[] next = new double[2 * n];
            for (int j = 0; j < n; j++) {
                double f = sigmoid(affine(weights, name, n + j, x, h));
                double o = sigmoid(affine(weights, name, 2 * n + j, x, h));
                next[n + j] = f * s[n + j] + (1 - f) * Math.tanh(affine(weights, name, j, x, h));
                next[j] = o * Math.tanh(next[n + j]);
            }
            return next;
        });
    }

    private static ReferenceCell minimal(ReferenceWeights weights, String name, int n) {
        return cell(n, n, (x, h) -> {
            double[] f = new double[n];
            double[] gated = new double[n];
            for (int j = 0; j < n; j++) {
                f[j] = sigmoid(affine(weights, name + ".gate", j, x, h));
                gated[j] = f[j] * h[j];
            }
            double[] next = new double[n];
            for (int j = 0; j < n; j++) {
                next[j] = (1 - f[j]) * h[j] + f[j] * Math.tanh(affine(weights, name + ".candidate", j, x, gated));
            }
            return next;
        });
    }

    private static ReferenceCell minGru(ReferenceWeights weights, String name, int n) {
        return cell(n, n, (x, h) -> {
            double[] next = new double[n];
            for (int j = 0; j < n; j++) {
                double z = sigmoid(affine(weights, name, j, x, new double[0]));
                next[j] = (1 - z) * h[j] + z * affine(weights, name, n + j, x, new double[0]);
            }
            return next;
        });
    }

    private static ReferenceCell minLstm(ReferenceWeights weights, String name, int n) {
        return cell(n, n, (x, h) -> {
            double[] next = new double[n];
            for (int j = 0; j < n; j++) {
                double f = sigmoid(affine(weights, name, j, x, new double[0]));
                double i = sigmoid(affine(weights, name, n + j, x, new double[0]));
                double candidate = affine(weights, name, 2 * n + j, x, new double[0]);
                next[j] = f / (f + i) * h[j] + i / (f + i) * candidate;
            }
            return next;
        });
    }

    static ReferenceCell gru(ReferenceWeights weights, String name, int n) {
        return cell(n, n, (x, h) -> {
            double[] gated = new double[n];
            for (int j = 0; j < n; j++) {
                gated[j] = sigmoid(affine(weights, name + ".gates", j, x, h)) * h[j];
            }
            double[] next = new double[n];
            for (int j = 0; j < n; j++) {
                double z = sigmoid(affine(weights, name + ".gates", n + j, x, h));
                double candidate = Math.tanh(affine(weights, name + ".candidate", j, x, gated));
                next[j] = z * h[j] + (1 - z) * candidate;
            }
            return next;
        });
    }

    private static ReferenceCell depthGated(ReferenceWeights weights, String name, int n) {
        double[] wci = weights.vector(name + ".peephole.i");
        double[] wcf = weights.vector(name + ".peephole.f");
        double[] wco = weights.vector(name + ".peephole.o");
        double[] wcd = weights.vector(name + ".depth.cell");
        double[] wld = weights.vector(name + ".depth.below");
        return cell(n, 2 * n, (x, s, below) -> {
            double[] h = Arrays.copyOf(s, n);
            double[] next = new double[2 * n];
            for (int j = 0; j < n; j++) {
                double old = s[n + j];
                double lower = below[n + j];
                double i = sigmoid(affine(weights, name, j, x, h) + wci[j] * old);
                double f = sigmoid(affine(weights, name, 2 * n + j, x, h) + wcf[j] * old);
                double d =
                        sigmoid(affine(weights, name + ".depth", j, x, new double[0]) + wcd[j] * old + wld[j] * lower);
                next[n + j] = d * lower + f * old + i * Math.tanh(affine(weights, name, n + j, x, h));
                double o = sigmoid(affine(weights, name, 3 * n + j, x, h) + wco[j] * next[n + j]);
                next[j] = o * Math.tanh(next[n + j]);
            }
            return next;
        });
    }

    private static ReferenceCell clockwork(ReferenceWeights weights, String name, int n, List<Integer> periods) {
        int width = n / periods.size();
        return cell(n, n + 1, (x, s) -> {
            double[] next = s.clone();
            for (int j = 0; j < n; j++) {
                int period = periods.get(j / width);
                double[] heard = new double[n];
                for (int i = 0; i < n; i++) {
                    heard[i] = periods.get(i / width) >= period ? s[i] : 0;
                }
                if (Math.round(s[n]) % period == 0) {
                    next[j] = Math.tanh(affine(weights, name, j, x, heard));
                }
            }
            next[n] = (s[n] + 1) % cycle(periods);
            return next;
        });
    }

    /** The first step after 0 at which every module ticks. */
    private static int cycle(List<Integer> periods) {
        int t = 1;
        while (!divides(periods, t)) {
            t++;
        }
        return t;
    }

    private static boolean divides(List<Integer> periods, int t) {
        return periods.stream().allMatch(p -> t % p == 0);
    }

    /** State: depth hidden, depth memory, time hidden, time memory. */
    private static ReferenceCell grid(ReferenceWeights weights, String name, int n, boolean lowest) {
        return cell(n, 4 * n, (x, s, below) -> {
            double[] hiddens = Arrays.copyOf(x, 2 * n);
            double[] memory = new double[n];
            for (int j = 0; j < n; j++) {
                if (lowest) {
                    hiddens[j] = affine(weights, name + ".input", j, x, new double[0]);
                    memory[j] = affine(weights, name + ".input", n + j, x, new double[0]);
                } else {
                    memory[j] = below[n + j];
                }
                hiddens[n + j] = s[2 * n + j];
            }
            double[] next = new double[4 * n];
            gridLstm(weights, name + ".depth", n, hiddens, memory, next, 0);
            gridLstm(weights, name + ".time", n, hiddens, Arrays.copyOfRange(s, 3 * n, 4 * n), next, 2 * n);
            return next;
        });
    }

    private static void gridLstm(
            ReferenceWeights weights, String name, int n, double[] hiddens, double[] memory, double[] to, int at) {
        double[] none = new double[0];
        for (int j = 0; j < n; j++) {
            double u = sigmoid(affine(weights, name, j, hiddens, none));
            double c = Math.tanh(affine(weights, name, n + j, hiddens, none));
            double f = sigmoid(affine(weights, name, 2 * n + j, hiddens, none));
            double o = sigmoid(affine(weights, name, 3 * n + j, hiddens, none));
            to[at + n + j] = f * memory[j] + u * c;
            to[at + j] = Math.tanh(o * to[at + n + j]);
        }
    }

    /** One step of a cell that doesn't look at the layer beneath. */
    @FunctionalInterface
    interface Step {
        double[] apply(double[] input, double[] state);
    }

    /** One step of a cell that does. */
    @FunctionalInterface
    interface StepAbove {
        double[] apply(double[] input, double[] state, double[] below);
    }

    private static ReferenceCell cell(int n, int stateWidth, Step step) {
        return cell(n, stateWidth, (x, s, below) -> step.apply(x, s));
    }

    /** A cell whose output is the first n of its state. */
    private static ReferenceCell cell(int n, int stateWidth, StepAbove step) {
        return cell(stateWidth, step, s -> Arrays.copyOf(s, n));
    }

    private static ReferenceCell cell(int stateWidth, StepAbove step, UnaryOperator<double[]> output) {
        return new ReferenceCell() {
            @Override
            public int stateWidth() {
                return stateWidth;
            }

            @Override
            public double[] step(double[] input, double[] state, double[] below) {
                return step.apply(input, state, below);
            }

            @Override
            public double[] output(double[] state) {
                return output.apply(state);
            }
        };
    }

    /** Column j of {@code [x, h] · kernel + bias}. */
    private static double affine(ReferenceWeights weights, String name, int j, double[] x, double[] h) {
        double[][] kernel = weights.matrix(name + ".kernel");
        double sum = weights.vector(name + ".bias")[j];
        for (int i = 0; i < x.length; i++) {
            sum += x[i] * kernel[i][j];
        }
        for (int i = 0; i < h.length; i++) {
            sum += h[i] * kernel[x.length + i][j];
        }
        return sum;
    }

    static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }
}
