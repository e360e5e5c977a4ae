package dev.sequitur.model.graph;

import java.util.Random;

/** First values of a weight. */
@FunctionalInterface
public interface Initializer {
    /** Row-major values of an array of this shape. */
    float[] values(int[] shape, Random random);

    static Initializer constant(float value) {
        return (shape, random) -> {
            float[] values = new float[size(shape)];
            java.util.Arrays.fill(values, value);
            return values;
        };
    }

    /** Uniform in ±√(6 / (rows + columns)); Glorot and Bengio 2010, equation 16. */
    static Initializer glorotUniform() {
        return (shape, random) -> uniform(size(shape), Math.sqrt(6.0 / (shape[0] + shape[1])), random);
    }

    /** Uniform in ±limit. */
    static Initializer uniform(double limit) {
        return (shape, random) -> uniform(size(shape), limit, random);
    }

    /** A kernel that takes the input and the hidden state at once, see {@link #recurrent(int, int, int)}. */
    static Initializer recurrentKernel(int inputs, int hidden, int gates) {
        return (shape, random) -> recurrent(inputs, hidden, gates, random);
    }

    /** Values, concatenated by columns: the bias of each gate. */
    static Initializer gateBias(int hidden, float... gates) {
        return (shape, random) -> {
            float[] values = new float[hidden * gates.length];
            for (int g = 0; g < gates.length; g++) {
                java.util.Arrays.fill(values, g * hidden, (g + 1) * hidden, gates[g]);
            }
            return values;
        };
    }

    private static float[] uniform(int size, double limit, Random random) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) ((2 * random.nextDouble() - 1) * limit);
        }
        return values;
    }

    /**
     * {@code [(inputs + hidden), gates·hidden]}: for each gate the input rows Glorot uniform, the hidden rows an
     * orthogonal matrix (Saxe et al. 2014, arXiv 1312.6120).
     */
    private static float[] recurrent(int inputs, int hidden, int gates, Random random) {
        int columns = gates * hidden;
        float[] values = new float[(inputs + hidden) * columns];
        double limit = Math.sqrt(6.0 / (inputs + hidden));
        for (int g = 0; g < gates; g++) {
            float[] kernel = uniform(inputs * hidden, limit, random);
            for (int i = 0; i < inputs; i++) {
                System.arraycopy(kernel, i * hidden, values, i * columns + g * hidden, hidden);
            }
            double[][] rotation = orthogonal(hidden, random);
            for (int i = 0; i < hidden; i++) {
                for (int j = 0; j < hidden; j++) {
                    values[(inputs + i) * columns + g * hidden + j] = (float) rotation[i][j];
                }
            }
        }
        return values;
    }

    /** Modified Gram-Schmidt of a Gaussian matrix. */
    private static double[][] orthogonal(int n, Random random) {
        double[][] rows = new double[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                rows[i][j] = random.nextGaussian();
            }
            for (int k = 0; k < i; k++) {
                double dot = 0;
                for (int j = 0; j < n; j++) {
                    dot += rows[i][j] * rows[k][j];
                }
                for (int j = 0; j < n; j++) {
                    rows[i][j] -= dot * rows[k][j];
                }
            }
            double norm = 0;
            for (double v : rows[i]) {
                norm += v * v;
            }
            norm = Math.sqrt(norm);
            for (int j = 0; j < n; j++) {
                rows[i][j] /= norm;
            }
        }
        return rows;
    }

    private static int size(int[] shape) {
        int size = 1;
        for (int dimension : shape) {
            size *= dimension;
        }
        return size;
    }
}
