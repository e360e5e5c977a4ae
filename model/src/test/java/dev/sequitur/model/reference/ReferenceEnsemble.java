package dev.sequitur.model.reference;

import java.math.BigDecimal;
import java.math.MathContext;
import java.util.Arrays;
import java.util.List;

/** The mean of several networks' likelihoods, field by field; the state is theirs, one after the other. */
final class ReferenceEnsemble implements ReferenceModel {
    private final List<ReferenceModel> members;

    ReferenceEnsemble(List<ReferenceModel> members) {
        this.members = members;
    }

    @Override
    public double[] initialState() {
        return new double
                [members.stream().mapToInt(m -> m.initialState().length).sum()];
    }

    private double[] part(int member, double[] state) {
        int width = state.length / members.size();
        return Arrays.copyOfRange(state, member * width, (member + 1) * width);
    }

    @Override
    public double[] step(float[] row, double[] state, ReferenceCell.Trace trace) {
        double[] after = new double[state.length];
        int at = 0;
        for (int m = 0; m < members.size(); m++) {
            String prefix = "member" + m + "/";
            double[] own = members.get(m)
                    .step(row, part(m, state), (name, unit, value) -> trace.put(prefix + name, unit, value));
            System.arraycopy(own, 0, after, at, own.length);
            at += own.length;
        }
        return after;
    }

    @Override
    public double[] surprise(float[] row, double[] state) {
        double[] first = members.get(0).surprise(row, part(0, state));
        BigDecimal[] likelihood = new BigDecimal[first.length];
        Arrays.fill(likelihood, BigDecimal.ZERO);
        for (int m = 0; m < members.size(); m++) {
            double[] nats = members.get(m).surprise(row, part(m, state));
            for (int f = 0; f < nats.length; f++) {
                likelihood[f] = likelihood[f].add(exp(-nats[f]));
            }
        }
        double[] mixed = new double[first.length];
        for (int f = 0; f < mixed.length; f++) {
            mixed[f] = -log(likelihood[f].divide(BigDecimal.valueOf(members.size()), MathContext.DECIMAL64));
        }
        return mixed;
    }

    @Override
    public double[] attention(double[] state) {
        double[] mean = new double[members.get(0).attention(part(0, state)).length];
        for (int m = 0; m < members.size(); m++) {
            double[] own = members.get(m).attention(part(m, state));
            for (int i = 0; i < mean.length; i++) {
                mean[i] += own[i] / members.size();
            }
        }
        return mean;
    }

    /** Likelihoods of thousands of nats are no doubles; a decimal has room for their exponents. */
    private static BigDecimal exp(double x) {
        double tens = x / Math.log(10);
        int power = (int) Math.floor(tens);
        return BigDecimal.valueOf(Math.pow(10, tens - power)).scaleByPowerOfTen(power);
    }

    private static double log(BigDecimal x) {
        int power = x.precision() - x.scale();
        return Math.log(x.scaleByPowerOfTen(-power).doubleValue()) + power * Math.log(10);
    }
}
