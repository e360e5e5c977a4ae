package dev.sequitur.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.model.graph.VariableWeights;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Variable;
import org.tensorflow.types.TFloat32;

/** On {@code ½ Σ s_i (w_i − c_i)² + u·w_0}, whose weights w are {@code [2,2]} and u is a scalar. */
class AdamTest {
    private static final double[] STIFFNESS = {3, 1, 0.5, 20};
    private static final double[] CENTRE = {1, -2, 0.25, 0.5};
    private static final double[] FIRST = {0.5, 0.1, -1, 1, 2};
    private static final double RATE = 0.05;
    private static final double AVERAGING = 0.3;

    /** What a step gave. */
    private record Step(double loss, double norm, double read, double[] weights) {}

    /** Algorithm 1 of Adam with the decay of AdamW, in double, after clipping. */
    private static final class Reference {
        private final double[] w = FIRST.clone();
        private final double[] m = new double[5];
        private final double[] v = new double[5];
        private final double decay;
        private int t;

        Reference(double decay) {
            this.decay = decay;
        }

        private double[] gradient() {
            double[] g = new double[5];
            for (int i = 0; i < 4; i++) {
                g[i] = STIFFNESS[i] * (w[i] - CENTRE[i]);
            }
            g[0] += w[4];
            g[4] = w[0];
            return g;
        }

        private double loss() {
            double loss = w[4] * w[0];
            for (int i = 0; i < 4; i++) {
                loss += 0.5 * STIFFNESS[i] * Math.pow(w[i] - CENTRE[i], 2);
            }
            return loss;
        }

        Step step(double clipNorm) {
            double[] g = gradient();
            double loss = loss();
            double read = w[0] * w[4];
            double squares = 0;
            for (double each : g) {
                squares += each * each;
            }
            double norm = Math.sqrt(squares);
            double shrink = norm > clipNorm ? clipNorm / norm : 1;
            t++;
            for (int i = 0; i < 5; i++) {
                m[i] = 0.9 * m[i] + 0.1 * shrink * g[i];
                v[i] = 0.999 * v[i] + 0.001 * Math.pow(shrink * g[i], 2);
                double mean = m[i] / (1 - Math.pow(0.9, t));
                double square = v[i] / (1 - Math.pow(0.999, t));
                // w_4 is a scalar, as a bias is a vector: it doesn't decay.
                double decayed = i < 4 ? RATE * decay * w[i] : 0;
                w[i] -= RATE * mean / (Math.sqrt(square) + 1e-8) + decayed;
            }
            return new Step(loss, norm, read, w.clone());
        }
    }

    /** The same in TensorFlow. */
    private static final class Trained implements AutoCloseable {
        private final Graph graph = new Graph();
        private final VariableWeights weights;
        private final VariableWeights slots;
        private final Operand<TFloat32> loss;
        private final Operand<TFloat32> read;
        private final Adam adam;
        private final Session session;

        Trained(double clipNorm, double decay) {
            Ops tf = Ops.create(graph);
            weights = new VariableWeights(tf, 1);
            slots = new VariableWeights(tf, 1);
            Variable<TFloat32> w = weights.get("w", (shape, random) -> floats(FIRST, 0, 4), 2, 2);
            Variable<TFloat32> u = weights.get("u", (shape, random) -> floats(FIRST, 4, 5));
            Operand<TFloat32> flat = tf.reshape(w, tf.constant(new int[] {4}));
            Operand<TFloat32> distance = tf.math.sub(flat, tf.constant(floats(CENTRE, 0, 4)));
            Operand<TFloat32> springs = tf.math.mul(
                    tf.constant(0.5f),
                    tf.reduceSum(
                            tf.math.mul(tf.constant(floats(STIFFNESS, 0, 4)), tf.math.square(distance)),
                            tf.constant(0)));
            Operand<TFloat32> first = tf.reshape(
                    tf.slice(w, tf.constant(new int[] {0, 0}), tf.constant(new int[] {1, 1})), tf.constant(new int[0]));
            loss = tf.math.add(springs, tf.math.mul(u, first));
            read = tf.math.mul(u, first);
            List<Variable<TFloat32>> averages = List.of(
                    slots.get("average/w", (shape, random) -> floats(FIRST, 0, 4), 2, 2),
                    slots.get("average/u", (shape, random) -> floats(FIRST, 4, 5)));
            adam = new Adam(
                    graph,
                    tf,
                    loss,
                    read,
                    weights.variables(),
                    slots,
                    tf.constant((float) RATE),
                    clipNorm,
                    decay,
                    averages,
                    tf.constant((float) AVERAGING));
            session = new Session(graph);
            weights.write(session, weights.initial());
            slots.write(session, slots.initial());
        }

        private static float[] floats(double[] values, int from, int to) {
            float[] floats = new float[to - from];
            for (int i = from; i < to; i++) {
                floats[i - from] = (float) values[i];
            }
            return floats;
        }

        Step step() {
            Session.Runner runner =
                    session.runner().fetch(loss).fetch(adam.norm()).fetch(read);
            adam.update().forEach(runner::addTarget);
            try (var result = runner.run()) {
                return new Step(
                        ((TFloat32) result.get(0)).getFloat(),
                        ((TFloat32) result.get(1)).getFloat(),
                        ((TFloat32) result.get(2)).getFloat(),
                        values());
            }
        }

        double[] averages() {
            return values(slots.read(session));
        }

        private double[] values() {
            return values(weights.read(session));
        }

        private static double[] values(List<NamedWeight> read) {
            double[] values = new double[5];
            for (int i = 0; i < 4; i++) {
                values[i] = read.get(0).values()[i];
            }
            values[4] = read.get(1).values()[0];
            return values;
        }

        @Override
        public void close() {
            session.close();
            graph.close();
        }
    }

    @ParameterizedTest
    @CsvSource({"0.1, 0", "4, 0", "1e6, 0", "0.1, 0.5", "4, 2"})
    void shouldFollowThePapersStepByStep(double clipNorm, double decay) {
        Reference reference = new Reference(decay);
        try (Trained trained = new Trained(clipNorm, decay)) {
            for (int t = 1; t <= 60; t++) {
                Step expected = reference.step(clipNorm);
                Step actual = trained.step();

                // A step is 0.05; float32 loses 1e-7 of each.
                assertThat(actual.weights())
                        .as("weights after step %s", t)
                        .containsExactly(expected.weights(), within(2e-5));
                assertThat(actual.norm()).as("norm before clipping").isCloseTo(expected.norm(), within(1e-3));
                assertThat(actual.loss()).as("loss before the update").isCloseTo(expected.loss(), within(1e-3));
                assertThat(actual.read()).as("what was read beside it").isCloseTo(expected.read(), within(1e-4));
            }
        }
    }

    @Test
    void shouldAverageTheWeightsThatEachStepLeaves() {
        Reference reference = new Reference(0);
        double[] average = FIRST.clone();
        try (Trained trained = new Trained(4, 0)) {
            for (int t = 0; t < 20; t++) {
                double[] weights = reference.step(4).weights();
                trained.step();
                for (int i = 0; i < average.length; i++) {
                    average[i] = (1 - AVERAGING) * average[i] + AVERAGING * weights[i];
                }
                assertThat(trained.averages()).containsExactly(average, within(2e-5));
            }
        }
    }

    @Test
    void shouldClipInSomeStepsAndNotInOthers() {
        Reference reference = new Reference(0);
        List<Double> norms = new ArrayList<>();
        for (int t = 0; t < 60; t++) {
            norms.add(reference.step(4).norm());
        }

        assertThat(norms)
                .as("what the middle of the cases above covers")
                .anyMatch(n -> n > 5)
                .anyMatch(n -> n < 3);
    }

    @Test
    void shouldGoOnFromItsSlotsAsIfNeverStopped() {
        Reference reference = new Reference(0);
        List<NamedWeight> weights;
        List<NamedWeight> slots;
        try (Trained before = new Trained(4, 0)) {
            for (int t = 0; t < 10; t++) {
                reference.step(4);
                before.step();
            }
            weights = before.weights.read(before.session);
            slots = before.slots.read(before.session);
        }
        try (Trained after = new Trained(4, 0)) {
            after.weights.write(after.session, weights);
            after.slots.write(after.session, slots);
            for (int t = 0; t < 10; t++) {
                assertThat(after.step().weights())
                        .containsExactly(reference.step(4).weights(), within(2e-5));
            }
        }
    }
}
