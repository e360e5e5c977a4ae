package dev.sequitur.model.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.graph.ConstantWeights;
import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.model.graph.Noise;
import dev.sequitur.model.graph.Weights;
import dev.sequitur.model.reference.ReferenceVariational;
import dev.sequitur.model.reference.ReferenceWeights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** What a variational cell does in training; what it serves is {@link CellReferenceTest}'s. */
class VariationalCellTest {
    private static final int ROWS = 6;
    private static final int INPUTS = 3;
    private static final int UNITS = 4;
    private static final int LATENT = 2;
    private static final int PLACE = 3;

    private final List<NamedWeight> values = new ArrayList<>();
    private final double[][] inputs = new double[ROWS][INPUTS];
    private final double[][] hidden = new double[ROWS][UNITS];
    private final ReferenceVariational reference;

    VariationalCellTest() {
        Random random = new Random(3);
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            Weights recorder = (String name, Initializer initializer, int... shape) -> {
                float[] weight = initializer.values(shape, random);
                for (int i = 0; i < weight.length; i++) {
                    weight[i] = (float) (0.7 * random.nextGaussian());
                }
                values.add(new NamedWeight(name, shape, weight));
                return tf.constant(0f);
            };
            cell(recorder);
        }
        for (int row = 0; row < ROWS; row++) {
            Arrays.setAll(inputs[row], i -> (float) random.nextGaussian());
            Arrays.setAll(hidden[row], i -> (float) (0.5 * random.nextGaussian()));
        }
        reference = new ReferenceVariational(ReferenceWeights.of(values), "layer0", UNITS, LATENT);
    }

    private static VariationalCell cell(Weights weights) {
        return new VariationalCell(weights, "layer0", INPUTS, UNITS, LATENT);
    }

    /** Output, state and penalty of an observed event, the noise; then output and state as they are served. */
    private float[][] observe(float scale, long seed) {
        try (Graph graph = new Graph();
                Session session = new Session(graph)) {
            Ops tf = Ops.create(graph);
            VariationalCell cell = cell(new ConstantWeights(tf, values));
            List<Operand<TFloat32>> state = List.of(constant(tf, hidden));
            Noise noise = new Noise(tf.constant(scale), tf.constant(seed)).at(PLACE);
            Cell.Observation seen = cell.observe(tf, constant(tf, inputs), state, List.of(), noise);
            List<Operand<TFloat32>> fetched = List.of(
                    seen.output(),
                    seen.state().get(0),
                    seen.penalty().orElseThrow(),
                    noise.normal(tf, constant(tf, new double[ROWS][LATENT])),
                    cell.output(tf, state),
                    cell.step(tf, constant(tf, inputs), state).get(0));
            Session.Runner runner = session.runner();
            fetched.forEach(runner::fetch);
            try (var result = runner.run()) {
                float[][] all = new float[fetched.size()][];
                for (int i = 0; i < all.length; i++) {
                    all[i] = new float[Math.toIntExact(result.get(i).size())];
                    ((TFloat32) result.get(i)).copyTo(DataBuffers.of(all[i]));
                }
                return all;
            }
        }
    }

    private static Operand<TFloat32> constant(Ops tf, double[][] rows) {
        float[] flat = new float[rows.length * rows[0].length];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) rows[i / rows[0].length][i % rows[0].length];
        }
        return tf.constant(Shape.of(rows.length, rows[0].length), DataBuffers.of(flat));
    }

    @Test
    void shouldDrawTheLatentVariableFromThePosterior() {
        float[][] seen = observe(1, 17);
        for (int row = 0; row < ROWS; row++) {
            ReferenceVariational.Normals q = reference.posterior(inputs[row], hidden[row]);
            double[] z = new double[LATENT];
            for (int i = 0; i < LATENT; i++) {
                z[i] = q.mean()[i] + q.deviation()[i] * seen[3][row * LATENT + i];
            }
            same(seen[0], row, reference.output(hidden[row], z));
            same(seen[1], row, reference.stepWith(inputs[row], hidden[row], z));
        }
    }

    private static void same(float[] got, int row, double[] expected) {
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) got[row * expected.length + i]).isCloseTo(expected[i], within(5e-6));
        }
    }

    @Test
    void shouldDrawAnewForEachStep() {
        assertThat(observe(1, 17)[3]).isNotEqualTo(observe(1, 18)[3]);
        assertThat(observe(1, 17)[3]).isEqualTo(observe(1, 17)[3]);
    }

    @Test
    void shouldComputeWhatIsServedWhereThereIsNoNoise() {
        float[][] seen = observe(0, 17);
        assertThat(seen[0]).containsExactly(seen[4]);
        assertThat(seen[1]).containsExactly(seen[5]);
    }

    @Test
    void shouldPenaliseTheDivergenceOfThePosteriorFromThePrior() {
        float[] penalty = observe(1, 17)[2];
        assertThat(penalty).hasSize(ROWS);
        for (int row = 0; row < ROWS; row++) {
            ReferenceVariational.Normals q = reference.posterior(inputs[row], hidden[row]);
            ReferenceVariational.Normals p = reference.prior(hidden[row]);
            double sum = 0;
            for (int i = 0; i < LATENT; i++) {
                sum += divergence(q.mean()[i], q.deviation()[i], p.mean()[i], p.deviation()[i]);
            }
            assertThat(sum).isGreaterThan(0.01);
            assertThat((double) penalty[row]).isCloseTo(sum, within(1e-5 * Math.max(1, sum)));
        }
    }

    /** ∫ q log (q/p), by Simpson's rule over twelve deviations of q to either side. */
    private static double divergence(double meanOfQ, double deviationOfQ, double meanOfP, double deviationOfP) {
        int intervals = 4000;
        double from = meanOfQ - 12 * deviationOfQ;
        double step = 24 * deviationOfQ / intervals;
        double sum = 0;
        for (int i = 0; i <= intervals; i++) {
            double x = from + i * step;
            double logQ = logDensity(x, meanOfQ, deviationOfQ);
            double value = Math.exp(logQ) * (logQ - logDensity(x, meanOfP, deviationOfP));
            sum += value * (i == 0 || i == intervals ? 1 : i % 2 == 1 ? 4 : 2);
        }
        return sum * step / 3;
    }

    private static double logDensity(double x, double mean, double deviation) {
        double z = (x - mean) / deviation;
        return -0.5 * z * z - Math.log(deviation) - 0.5 * Math.log(2 * Math.PI);
    }
}
