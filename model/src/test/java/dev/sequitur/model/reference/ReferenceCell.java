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
     * @param trace is told the gates and the pointwise results
     */
    double[] step(double[] input, double[] state, double[] below, Trace trace);

    /** The state after the input. */
    default double[] step(double[] input, double[] state, double[] below) {
        return step(input, state, below, (name, unit, value) -> {});
    }

    /** Is told what a step computes on its way. */
    @FunctionalInterface
    interface Trace {
        void put(String name, int unit, double value);
    }

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
        return cell(n, n, (x, s, t) -> {
            double[] h = new double[n];
            for (int j = 0; j < n; j++) {
                h[j] = Math.tanh(affine(weights, name, j, x, s));
                t.put("hidden-before", j, s[j]);
            }
            return h;
        });
    }

    private static ReferenceCell lstm(ReferenceWeights weights, String name, int n) {
        return cell(n, 2 * n, (x, s, t) -> {
            double[] h = Arrays.copyOf(s, n);
            double[] next = new double[2 * n];
            for (int j = 0; j < n; j++) {
                double i = sigmoid(affine(weights, name, j, x, h));
                double candidate = Math.tanh(affine(weights, name, n + j, x, h));
                double f = sigmoid(affine(weights, name, 2 * n + j, x, h));
                double o = sigmoid(affine(weights, name, 3 * n + j, x, h));
                next[n + j] = f * s[n + j] + i * candidate;
                next[j] = o * Math.tanh(next[n + j]);
                lstmTrace(t, j, h[j], s[n + j], f, i, candidate, o, next[n + j]);
            }
            return next;
        });
    }

    private static void lstmTrace(
            Trace t, int j, double hidden, double old, double f, double i, double candidate, double o, double cell) {
        t.put("hidden-before", j, hidden);
        t.put("cell-before", j, old);
        t.put("forget", j, f);
        t.put("input", j, i);
        t.put("candidate", j, candidate);
        t.put("output", j, o);
        t.put("kept", j, f * old);
        t.put("written", j, i * candidate);
        t.put("squashed", j, Math.tanh(cell));
    }

    private static Trace under(Trace t, String prefix) {
        return (name, unit, value) -> t.put(prefix + name, unit, value);
    }

    private static ReferenceCell peephole(ReferenceWeights weights, String name, int n) {
        double[] wci = weights.vector(name + ".peephole.i");
        double[] wcf = weights.vector(name + ".peephole.f");
        double[] wco = weights.vector(name + ".peephole.o");
        return cell(n, 2 * n, (x, s, t) -> {
            double[] h = Arrays.copyOf(s, n);
            double[] next = new double[2 * n];
            for (int j = 0; j < n; j++) {
                double old = s[n + j];
                double i = sigmoid(affine(weights, name, j, x, h) + wci[j] * old);
                double f = sigmoid(affine(weights, name, 2 * n + j, x, h) + wcf[j] * old);
                double candidate = Math.tanh(affine(weights, name, n + j, x, h));
                next[n + j] = f * old + i * candidate;
                double o = sigmoid(affine(weights, name, 3 * n + j, x, h) + wco[j] * next[n + j]);
                next[j] = o * Math.tanh(next[n + j]);
                lstmTrace(t, j, h[j], old, f, i, candidate, o, next[n + j]);
            }
            return next;
        });
    }

    private static ReferenceCell coupled(ReferenceWeights weights, String name, int n) {
        return cell(n, 2 * n, (x, s, t) -> {
            double[] h = Arrays.copyOf(s, n);
            double[] next = new double[2 * n];
            for (int j = 0; j < n; j++) {
                double f = sigmoid(affine(weights, name, n + j, x, h));
                double o = sigmoid(affine(weights, name, 2 * n + j, x, h));
                double candidate = Math.tanh(affine(weights, name, j, x, h));
                next[n + j] = f * s[n + j] + (1 - f) * candidate;
                next[j] = o * Math.tanh(next[n + j]);
                lstmTrace(t, j, h[j], s[n + j], f, 1 - f, candidate, o, next[n + j]);
            }
            return next;
        });
    }

    private static ReferenceCell minimal(ReferenceWeights weights, String name, int n) {
        return cell(n, n, (x, h, t) -> {
            double[] f = new double[n];
            double[] gated = new double[n];
            for (int j = 0; j < n; j++) {
                f[j] = sigmoid(affine(weights, name + ".gate", j, x, h));
                gated[j] = f[j] * h[j];
            }
            double[] next = new double[n];
            for (int j = 0; j < n; j++) {
                double candidate = Math.tanh(affine(weights, name + ".candidate", j, x, gated));
                next[j] = (1 - f[j]) * h[j] + f[j] * candidate;
                t.put("hidden-before", j, h[j]);
                t.put("forget", j, f[j]);
                t.put("remembered", j, gated[j]);
                t.put("candidate", j, candidate);
                t.put("kept", j, (1 - f[j]) * h[j]);
                t.put("written", j, f[j] * candidate);
            }
            return next;
        });
    }

    private static ReferenceCell minGru(ReferenceWeights weights, String name, int n) {
        return cell(n, n, (x, h, t) -> {
            double[] next = new double[n];
            for (int j = 0; j < n; j++) {
                double z = sigmoid(affine(weights, name, j, x, new double[0]));
                double candidate = affine(weights, name, n + j, x, new double[0]);
                next[j] = (1 - z) * h[j] + z * candidate;
                t.put("hidden-before", j, h[j]);
                t.put("update", j, z);
                t.put("candidate", j, candidate);
                t.put("kept", j, (1 - z) * h[j]);
                t.put("written", j, z * candidate);
            }
            return next;
        });
    }

    private static ReferenceCell minLstm(ReferenceWeights weights, String name, int n) {
        return cell(n, n, (x, h, t) -> {
            double[] next = new double[n];
            for (int j = 0; j < n; j++) {
                double f = sigmoid(affine(weights, name, j, x, new double[0]));
                double i = sigmoid(affine(weights, name, n + j, x, new double[0]));
                double candidate = affine(weights, name, 2 * n + j, x, new double[0]);
                next[j] = f / (f + i) * h[j] + i / (f + i) * candidate;
                t.put("hidden-before", j, h[j]);
                t.put("forget", j, f);
                t.put("input", j, i);
                t.put("candidate", j, candidate);
                t.put("forget-share", j, f / (f + i));
                t.put("input-share", j, i / (f + i));
                t.put("kept", j, f / (f + i) * h[j]);
                t.put("written", j, i / (f + i) * candidate);
            }
            return next;
        });
    }

    static ReferenceCell gru(ReferenceWeights weights, String name, int n) {
        return cell(n, n, (x, h, t) -> {
            double[] gated = new double[n];
            for (int j = 0; j < n; j++) {
                double r = sigmoid(affine(weights, name + ".gates", j, x, h));
                gated[j] = r * h[j];
                t.put("reset", j, r);
            }
            double[] next = new double[n];
            for (int j = 0; j < n; j++) {
                double z = sigmoid(affine(weights, name + ".gates", n + j, x, h));
                double candidate = Math.tanh(affine(weights, name + ".candidate", j, x, gated));
                next[j] = z * h[j] + (1 - z) * candidate;
                t.put("hidden-before", j, h[j]);
                t.put("update", j, z);
                t.put("remembered", j, gated[j]);
                t.put("candidate", j, candidate);
                t.put("kept", j, z * h[j]);
                t.put("written", j, (1 - z) * candidate);
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
        return cell(n, 2 * n, (x, s, below, t) -> {
            double[] h = Arrays.copyOf(s, n);
            double[] next = new double[2 * n];
            for (int j = 0; j < n; j++) {
                double old = s[n + j];
                double lower = below[n + j];
                double i = sigmoid(affine(weights, name, j, x, h) + wci[j] * old);
                double f = sigmoid(affine(weights, name, 2 * n + j, x, h) + wcf[j] * old);
                double d =
                        sigmoid(affine(weights, name + ".depth", j, x, new double[0]) + wcd[j] * old + wld[j] * lower);
                double candidate = Math.tanh(affine(weights, name, n + j, x, h));
                next[n + j] = d * lower + f * old + i * candidate;
                double o = sigmoid(affine(weights, name, 3 * n + j, x, h) + wco[j] * next[n + j]);
                next[j] = o * Math.tanh(next[n + j]);
                lstmTrace(t, j, h[j], old, f, i, candidate, o, next[n + j]);
                t.put("depth", j, d);
                t.put("cell-below", j, lower);
                t.put("lifted", j, d * lower);
            }
            return next;
        });
    }

    private static ReferenceCell clockwork(ReferenceWeights weights, String name, int n, List<Integer> periods) {
        int width = n / periods.size();
        return cell(n, n + 1, (x, s, t) -> {
            double[] next = s.clone();
            for (int j = 0; j < n; j++) {
                int period = periods.get(j / width);
                double[] heard = new double[n];
                for (int i = 0; i < n; i++) {
                    heard[i] = periods.get(i / width) >= period ? s[i] : 0;
                }
                double candidate = Math.tanh(affine(weights, name, j, x, heard));
                boolean ticks = Math.round(s[n]) % period == 0;
                if (ticks) {
                    next[j] = candidate;
                }
                t.put("hidden-before", j, s[j]);
                t.put("candidate", j, candidate);
                t.put("ticks", j, ticks ? 1 : 0);
            }
            t.put("clock-before", 0, s[n]);
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
        return cell(n, 4 * n, (x, s, below, t) -> {
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
                t.put("depth-hidden-before", j, hiddens[j]);
                t.put("depth-memory-before", j, memory[j]);
                t.put("time-hidden-before", j, s[2 * n + j]);
                t.put("time-memory-before", j, s[3 * n + j]);
            }
            double[] next = new double[4 * n];
            gridLstm(weights, name + ".depth", n, hiddens, memory, next, 0, under(t, "depth-"));
            double[] past = Arrays.copyOfRange(s, 3 * n, 4 * n);
            gridLstm(weights, name + ".time", n, hiddens, past, next, 2 * n, under(t, "time-"));
            return next;
        });
    }

    private static void gridLstm(
            ReferenceWeights weights,
            String name,
            int n,
            double[] hiddens,
            double[] memory,
            double[] to,
            int at,
            Trace t) {
        double[] none = new double[0];
        for (int j = 0; j < n; j++) {
            double u = sigmoid(affine(weights, name, j, hiddens, none));
            double c = Math.tanh(affine(weights, name, n + j, hiddens, none));
            double f = sigmoid(affine(weights, name, 2 * n + j, hiddens, none));
            double o = sigmoid(affine(weights, name, 3 * n + j, hiddens, none));
            to[at + n + j] = f * memory[j] + u * c;
            to[at + j] = Math.tanh(o * to[at + n + j]);
            t.put("forget", j, f);
            t.put("input", j, u);
            t.put("candidate", j, c);
            t.put("output", j, o);
            t.put("kept", j, f * memory[j]);
            t.put("written", j, u * c);
        }
    }

    /** One step of a cell that doesn't look at the layer beneath. */
    @FunctionalInterface
    interface Step {
        double[] apply(double[] input, double[] state, Trace trace);
    }

    /** One step of a cell that does. */
    @FunctionalInterface
    interface StepAbove {
        double[] apply(double[] input, double[] state, double[] below, Trace trace);
    }

    private static ReferenceCell cell(int n, int stateWidth, Step step) {
        return cell(n, stateWidth, (x, s, below, trace) -> step.apply(x, s, trace));
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
            public double[] step(double[] input, double[] state, double[] below, Trace trace) {
                return step.apply(input, state, below, trace);
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
