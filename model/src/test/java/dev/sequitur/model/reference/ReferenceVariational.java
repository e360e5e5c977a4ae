package dev.sequitur.model.reference;

import java.util.Arrays;

/** The VRNN cell in plain Java, in double; as a {@link ReferenceCell} it does what is served, without drawing. */
public final class ReferenceVariational implements ReferenceCell {
    private final ReferenceWeights weights;
    private final String name;
    private final int n;
    private final int latent;

    public ReferenceVariational(ReferenceWeights weights, String name, int n, int latent) {
        this.weights = weights;
        this.name = name;
        this.n = n;
        this.latent = latent;
    }

    /** Means and deviations of a diagonal normal. */
    public record Normals(double[] mean, double[] deviation) {}

    @Override
    public int stateWidth() {
        return n;
    }

    @Override
    public double[] step(double[] input, double[] state, double[] below, Trace trace) {
        put(trace, "input-features", rectified("x", input));
        put(trace, "prior-mean", prior(state).mean());
        put(trace, "prior-deviation", prior(state).deviation());
        put(trace, "posterior-mean", posterior(input, state).mean());
        put(trace, "posterior-deviation", posterior(input, state).deviation());
        put(trace, "latent-features", rectified("z", posterior(input, state).mean()));
        return stepWith(input, state, posterior(input, state).mean(), trace);
    }

    private static void put(Trace trace, String name, double[] values) {
        for (int i = 0; i < values.length; i++) {
            trace.put(name, i, values[i]);
        }
    }

    @Override
    public double[] output(double[] state) {
        return output(state, prior(state).mean());
    }

    /** The state after the input, where the latent variable was z. */
    public double[] stepWith(double[] input, double[] h, double[] z) {
        return stepWith(input, h, z, (name, unit, value) -> {});
    }

    private double[] stepWith(double[] input, double[] h, double[] z, Trace trace) {
        double[] x = join(rectified("x", input), rectified("z", z));
        return ReferenceCell.gru(weights, name + ".recurrence", n).step(x, h, new double[0], trace);
    }

    /** What the heads get where the latent variable is z. */
    public double[] output(double[] h, double[] z) {
        return join(h, rectified("z", z));
    }

    public Normals prior(double[] h) {
        return normals("prior.normal", rectified("prior.hidden", h));
    }

    public Normals posterior(double[] input, double[] h) {
        return normals("posterior.normal", rectified("posterior.hidden", join(rectified("x", input), h)));
    }

    private Normals normals(String layer, double[] hidden) {
        double[] raw = affine(layer, hidden);
        double[] deviation = new double[latent];
        Arrays.setAll(deviation, i -> Math.log1p(Math.exp(raw[latent + i])) + 1e-3);
        return new Normals(Arrays.copyOf(raw, latent), deviation);
    }

    private double[] rectified(String layer, double[] input) {
        return Arrays.stream(affine(layer, input)).map(v -> Math.max(0, v)).toArray();
    }

    private double[] affine(String layer, double[] input) {
        double[][] kernel = weights.matrix(name + "." + layer + ".kernel");
        double[] sum = weights.vector(name + "." + layer + ".bias").clone();
        for (int i = 0; i < input.length; i++) {
            for (int j = 0; j < sum.length; j++) {
                sum[j] += input[i] * kernel[i][j];
            }
        }
        return sum;
    }

    private static double[] join(double[] a, double[] b) {
        double[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }
}
