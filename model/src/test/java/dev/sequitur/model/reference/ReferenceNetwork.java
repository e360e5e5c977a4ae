package dev.sequitur.model.reference;

import dev.sequitur.model.feature.FeatureLayout;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.Slice;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** A whole pipeline's network in plain Java, in double: one entity, one event at a time. */
public final class ReferenceNetwork implements ReferenceModel {
    private final PipelineSpec spec;
    private final Map<String, LearnedField> learned;
    private final FeatureLayout layout;
    private final ReferenceWeights weights;
    private final ReferenceStack stack;

    public ReferenceNetwork(PipelineSpec spec, Map<String, LearnedField> learned, ReferenceWeights weights) {
        this.spec = spec;
        this.learned = learned;
        this.layout = new FeatureLayout(spec);
        this.weights = weights;
        this.stack = new ReferenceStack(spec.cell(), weights);
    }

    @Override
    public double[] initialState() {
        return new double[stack.stateWidth()];
    }

    @Override
    public double[] attention(double[] state) {
        return stack.attention(state);
    }

    @Override
    public double[] step(float[] row, double[] state, ReferenceCell.Trace trace) {
        return stack.step(inputs(row, Role.INPUT), begin(row, state), trace);
    }

    private double[] begin(float[] row, double[] state) {
        return row[layout.start().offset()] == 1f ? new double[state.length] : state;
    }

    @Override
    public double[] surprise(float[] row, double[] state) {
        double[] raw = raw(begin(row, state), row);
        boolean end = layout.end().isPresent() && row[layout.end().get().offset()] == 1f;
        List<Double> nats = new ArrayList<>();
        int at = 0;
        for (FieldSpec field : spec.fields(Role.TARGET)) {
            Slice slice = layout.of(field);
            double sum = 0;
            if (field instanceof FieldSpec.Numeric numeric && numeric.components() == 1) {
                double deviation = deviation(raw[at + 1]);
                sum = row[slice.offset() + 1] == 0 ? 0 : -logNormal(row[slice.offset()], raw[at], deviation);
                at += 2;
            } else if (field instanceof FieldSpec.Categorical) {
                int n = ((LearnedField.Vocabulary) learned.get(field.name())).size();
                double[] p = softmax(Arrays.copyOfRange(raw, at, at + n));
                sum = -Math.log(p[(int) row[slice.offset()]]);
                at += n;
            } else if (field instanceof FieldSpec.Flags flags) {
                for (int i = 0; i < flags.flags().size(); i++) {
                    double p = ReferenceCell.sigmoid(raw[at + i]);
                    sum -= Math.log(row[slice.offset() + i] == 1f ? p : 1 - p);
                }
                at += flags.flags().size();
            } else {
                int c = field instanceof FieldSpec.SincePrevious time
                        ? time.components()
                        : ((FieldSpec.Numeric) field).components();
                double[] w = softmax(Arrays.copyOfRange(raw, at, at + c));
                double[] logs = new double[c];
                for (int i = 0; i < c; i++) {
                    logs[i] = Math.log(w[i])
                            + logNormal(row[slice.offset()], raw[at + c + i], deviation(raw[at + 2 * c + i]));
                }
                sum = row[slice.offset() + 1] == 0 ? 0 : -logSum(logs);
                at += 3 * c;
            }
            nats.add(end ? 0 : sum);
        }
        if (layout.end().isPresent()) {
            double p = ReferenceCell.sigmoid(raw[at]);
            nats.add(-Math.log(end ? p : 1 - p));
        }
        return nats.stream().mapToDouble(v -> v).toArray();
    }

    private double[] raw(double[] state, float[] row) {
        double[] hidden = stack.output(state);
        int units = hidden.length;
        double[] known = hidden;
        if (!spec.fields(Role.GIVEN).isEmpty()) {
            double[] given = inputs(row, Role.GIVEN);
            double[] g = Arrays.copyOf(given, given.length + 1);
            g[given.length] = 1;
            double[][] modulation = weights.matrix("given.modulation");
            known = Arrays.copyOf(hidden, 2 * units + g.length);
            for (int j = 0; j < units; j++) {
                double sum = 0;
                for (int i = 0; i < g.length; i++) {
                    sum += g[i] * modulation[i][j];
                }
                known[units + j] = hidden[j] * sum;
            }
            System.arraycopy(g, 0, known, 2 * units, g.length);
        }
        double[][] kernel = weights.matrix("heads.kernel");
        double[] raw = weights.vector("heads.bias").clone();
        for (int j = 0; j < raw.length; j++) {
            for (int i = 0; i < known.length; i++) {
                raw[j] += known[i] * kernel[i][j];
            }
        }
        return raw;
    }

    private double[] inputs(float[] row, Role role) {
        List<Double> values = new ArrayList<>();
        for (FieldSpec field : spec.fields(role)) {
            Slice slice = layout.of(field);
            if (field instanceof FieldSpec.Categorical) {
                for (double v : weights.matrix("embedding." + field.name())[(int) row[slice.offset()]]) {
                    values.add(v);
                }
            } else {
                for (int i = 0; i < slice.width(); i++) {
                    values.add(Math.max(-10, Math.min(10, (double) row[slice.offset() + i])));
                }
            }
        }
        return values.stream().mapToDouble(v -> v).toArray();
    }

    private static double deviation(double raw) {
        return Math.exp(6 * Math.tanh(raw / 6));
    }

    private static double logNormal(double y, double mean, double deviation) {
        double z = (y - mean) / deviation;
        return -0.5 * z * z - Math.log(deviation) - 0.5 * Math.log(2 * Math.PI);
    }

    /** Of densities that themselves may be below what a double can hold. */
    private static double logSum(double[] logs) {
        double max = Arrays.stream(logs).max().orElseThrow();
        return max + Math.log(Arrays.stream(logs).map(l -> Math.exp(l - max)).sum());
    }

    private static double[] softmax(double[] logits) {
        double max = Arrays.stream(logits).max().orElseThrow();
        double[] e = Arrays.stream(logits).map(l -> Math.exp(l - max)).toArray();
        double sum = Arrays.stream(e).sum();
        return Arrays.stream(e).map(v -> v / sum).toArray();
    }
}
