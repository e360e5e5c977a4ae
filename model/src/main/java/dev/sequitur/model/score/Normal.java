package dev.sequitur.model.score;

/** The normal distribution, and mixtures of it. */
final class Normal {
    private static final double SQRT_2 = Math.sqrt(2);

    /** Coefficients of the fit, lowest power first. */
    private static final double[] ERFC = {
        -1.26551223,
        1.00002368,
        0.37409196,
        0.09678418,
        -0.18628806,
        0.27886807,
        -1.13520398,
        1.48851587,
        -0.82215223,
        0.17087277
    };

    private Normal() {}

    /**
     * Φ(z), to 1.2e-7 of the tail's size: Chebyshev fit of erfc in Press et al., Numerical Recipes in C, 2nd ed.,
     * section 6.2.
     */
    static double cdf(double z) {
        double x = Math.abs(z) / SQRT_2;
        double t = 1 / (1 + 0.5 * x);
        double fit = 0;
        for (int i = ERFC.length - 1; i >= 0; i--) {
            fit = fit * t + ERFC[i];
        }
        double tail = 0.5 * t * Math.exp(-x * x + fit);
        return z > 0 ? 1 - tail : tail;
    }

    /** The z with Φ(z) = p, to 1e-9 of where {@link #cdf} has it; between −9 and 9. */
    static double quantile(double p) {
        return mixtureQuantile(new float[] {1, 0, 1}, 0, 1, p);
    }

    /**
     * The value below which a share {@code p} of a mixture lies, by bisection to 1e-9; the share is as exact as
     * {@link #cdf}.
     *
     * @param parameters weights [C], means [C], standard deviations [C] from {@code at} on
     */
    static double mixtureQuantile(float[] parameters, int at, int components, double p) {
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int c = 0; c < components; c++) {
            double mean = parameters[at + components + c];
            double reach = 9 * parameters[at + 2 * components + c];
            low = Math.min(low, mean - reach);
            high = Math.max(high, mean + reach);
        }
        while (high - low > 1e-9) {
            double middle = 0.5 * (low + high);
            if (middle == low || middle == high) {
                break;
            }
            double below = 0;
            for (int c = 0; c < components; c++) {
                below += parameters[at + c]
                        * cdf((middle - parameters[at + components + c]) / parameters[at + 2 * components + c]);
            }
            if (below < p) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return 0.5 * (low + high);
    }
}
