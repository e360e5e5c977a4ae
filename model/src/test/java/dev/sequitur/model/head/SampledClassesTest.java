package dev.sequitur.model.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** Against the formula in plain Java, and against the softmax over all classes. */
class SampledClassesTest {
    private static final int CLASSES = 9;
    private static final int INPUTS = 4;
    private static final float[][] KNOWN = matrix(6, INPUTS, 1);
    private static final float[][] KERNEL = matrix(INPUTS, CLASSES, 2);
    private static final float[] BIAS = matrix(1, CLASSES, 3)[0];
    private static final float[][] CAME = {{0}, {3}, {8}, {3}, {5}, {1}};

    private static float[][] matrix(int rows, int columns, long seed) {
        Random random = new Random(seed);
        float[][] values = new float[rows][columns];
        for (float[] row : values) {
            for (int i = 0; i < columns; i++) {
                row[i] = (float) random.nextGaussian();
            }
        }
        return values;
    }

    /** Nats {@code [N]}, and the gradient of their sum by the kernel {@code [inputs][classes]}. */
    private record Run(double[] nats, float[][] gradient) {}

    private interface Loss {
        Operand<TFloat32> of(Ops tf, Operand<TFloat32> kernel);
    }

    private static Run run(Loss loss) {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            Operand<TFloat32> kernel = tf.constant(KERNEL);
            Operand<TFloat32> nats = loss.of(tf, kernel);
            Output<?> gradient = graph.addGradients(nats.asOutput(), new Output<?>[] {kernel.asOutput()})[0];
            try (Session session = new Session(graph);
                    var result = session.runner().fetch(nats).fetch(gradient).run()) {
                double[] values = new double[KNOWN.length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = ((TFloat32) result.get(0)).getFloat(i, 0);
                }
                return new Run(values, StdArrays.array2dCopyOf((TFloat32) result.get(1)));
            }
        }
    }

    private static Run sampled(int[] slots, float[] logShares) {
        return run((tf, kernel) -> new SampledClasses(tf.constant(slots), tf.constant(logShares))
                .surprise(tf, tf.constant(KNOWN), kernel, tf.constant(BIAS), tf.constant(CAME)));
    }

    private static Run full() {
        return run((tf, kernel) -> new SoftmaxHead(CLASSES)
                .surprise(
                        tf,
                        tf.nn.biasAdd(tf.linalg.matMul(tf.constant(KNOWN), kernel), tf.constant(BIAS)),
                        tf.constant(CAME)));
    }

    private static double logit(int row, int slot) {
        double sum = BIAS[slot];
        for (int i = 0; i < INPUTS; i++) {
            sum += (double) KNOWN[row][i] * KERNEL[i][slot];
        }
        return sum;
    }

    @Test
    void shouldBeTheSoftmaxWhereEveryClassIsDrawn() {
        Run all = sampled(IntStream.range(0, CLASSES).toArray(), new float[CLASSES]);
        Run softmax = full();

        // Sums of a few float32 in another order.
        assertThat(all.nats()).containsExactly(softmax.nats(), within(1e-5));
        for (int i = 0; i < INPUTS; i++) {
            assertThat(all.gradient()[i]).containsExactly(softmax.gradient()[i], within(1e-5f));
        }
    }

    @Test
    void shouldDivideByTheShareAndCountTheClassThatCameOnce() {
        int[] slots = {3, 5, 7};
        double[] shares = {0.5, 0.25, 0.1};
        float[] logs = {(float) Math.log(0.5), (float) Math.log(0.25), (float) Math.log(0.1)};

        double[] nats = sampled(slots, logs).nats();

        for (int row = 0; row < KNOWN.length; row++) {
            int came = (int) CAME[row][0];
            double sum = Math.exp(logit(row, came));
            for (int s = 0; s < slots.length; s++) {
                sum += slots[s] == came ? 0 : Math.exp(logit(row, slots[s])) / shares[s];
            }
            assertThat(nats[row]).isCloseTo(Math.log(sum) - logit(row, came), within(1e-5));
        }
    }

    @Test
    void shouldTouchTheSampledClassesAndThoseThatCameAlone() {
        float[][] gradient = sampled(new int[] {6}, new float[1]).gradient();

        for (int i = 0; i < INPUTS; i++) {
            for (int slot : new int[] {2, 4, 7}) {
                assertThat(gradient[i][slot]).isZero();
            }
            assertThat(gradient[i][6]).isNotZero();
            assertThat(gradient[i][8]).isNotZero();
        }
    }

    /** All samples of two among the classes, each alike: the sum over them is right on average, its logarithm too low. */
    @Test
    void shouldEstimateTheSumWithoutBias() {
        double share = 2.0 / CLASSES;
        float[] logs = {(float) Math.log(share), (float) Math.log(share)};
        List<double[]> runs = new ArrayList<>();
        for (int a = 0; a < CLASSES; a++) {
            for (int b = a + 1; b < CLASSES; b++) {
                runs.add(sampled(new int[] {a, b}, logs).nats());
            }
        }
        double[] softmax = full().nats();
        for (int row = 0; row < KNOWN.length; row++) {
            int r = row;
            double ofCame = Math.exp(logit(row, (int) CAME[row][0]));
            double sum = runs.stream()
                    .mapToDouble(nats -> Math.exp(nats[r]) * ofCame)
                    .average()
                    .orElseThrow();
            double trueSum = IntStream.range(0, CLASSES)
                    .mapToDouble(slot -> Math.exp(logit(r, slot)))
                    .sum();
            assertThat(sum).isCloseTo(trueSum, within(1e-4 * trueSum));
            assertThat(runs.stream().mapToDouble(nats -> nats[r]).average().orElseThrow())
                    .isLessThan(softmax[row]);
        }
    }
}
