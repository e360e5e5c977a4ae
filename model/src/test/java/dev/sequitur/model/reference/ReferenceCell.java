package dev.sequitur.model.reference;

/** A cell in plain Java, in double: written from the papers' equations, one scalar at a time. */
public interface ReferenceCell {
    int stateWidth();

    /** The state after the input; the hidden units stand first. */
    double[] step(double[] input, double[] state);

    static ReferenceCell of(String kind, ReferenceWeights weights, String name, int units) {
        return switch (kind) {
            case "rnn" -> rnn(weights, name, units);
            case "lstm" -> lstm(weights, name, units);
            case "lstm-peephole" -> peephole(weights, name, units);
            case "lstm-coupled" -> coupled(weights, name, units);
            case "gru" -> gru(weights, name, units);
            case "mingru" -> minGru(weights, name, units);
            case "minlstm" -> minLstm(weights, name, units);
            case "mgu" -> minimal(weights, name, units);
            default -> throw new IllegalArgumentException("no reference for cell '" + kind + "'");
        };
    }

    private static ReferenceCell rnn(ReferenceWeights weights, String name, int n) {
        return cell(n, (x, s) -> {
            double[] h = new double[n];
            for (int j = 0; j < n; j++) {
                h[j] = Math.tanh(affine(weights, name, j, x, s));
            }
            return h;
        });
    }

    private static ReferenceCell lstm(ReferenceWeights weights, String name, int n) {
        return cell(2 * n, (x, s) -> {
            double[] h = java.util.Arrays.copyOf(s, n);
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
        return cell(2 * n, (x, s) -> {
            double[] h = java.util.Arrays.copyOf(s, n);
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
        return cell(2 * n, (x, s) -> {
            double[] h = java.util.Arrays.copyOf(s, n);
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
        return cell(n, (x, h) -> {
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
        return cell(n, (x, h) -> {
            double[] next = new double[n];
            for (int j = 0; j < n; j++) {
                double z = sigmoid(affine(weights, name, j, x, new double[0]));
                next[j] = (1 - z) * h[j] + z * affine(weights, name, n + j, x, new double[0]);
            }
            return next;
        });
    }

    private static ReferenceCell minLstm(ReferenceWeights weights, String name, int n) {
        return cell(n, (x, h) -> {
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

    private static ReferenceCell gru(ReferenceWeights weights, String name, int n) {
        return cell(n, (x, h) -> {
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

    /** One step. */
    @FunctionalInterface
    interface Step {
        double[] apply(double[] input, double[] state);
    }

    private static ReferenceCell cell(int stateWidth, Step step) {
        return new ReferenceCell() {
            @Override
            public int stateWidth() {
                return stateWidth;
            }

            @Override
            public double[] step(double[] input, double[] state) {
                return step.apply(input, state);
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
