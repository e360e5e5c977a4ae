package dev.sequitur.model.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.model.reference.RandomWeights;
import dev.sequitur.model.reference.ReferenceStack;
import dev.sequitur.model.reference.ReferenceWeights;
import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.Tensor;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/** The fused kernels against the plain cell (which has its own test) and against the reference in double. */
class FusedCellTest {
    private static final int INPUTS = 3;
    private static final int ROWS = 5;
    private static final int STEPS = 7;

    /** Steps [row] before which a session starts. */
    private static final int[][] STARTS = {{}, {0}, {3}, {1, 2, 6}, {5}};

    /** How a window is stepped. */
    private enum Form {
        PLAIN,
        FUSED_STEPS,
        SWEEP
    }

    /** A window whose events find the states before, and a loss of those and of the last state. */
    private static final class Run implements AutoCloseable {
        final CellSpec spec;
        final Graph graph = new Graph();
        final Ops tf = Ops.create(graph);
        final RandomWeights weights = new RandomWeights(tf, 7);
        final List<Placeholder<TFloat32>> fed = new ArrayList<>();
        final List<float[]> values = new ArrayList<>();
        final List<Shape> shapes = new ArrayList<>();
        final float[] inputs = new float[STEPS * ROWS * INPUTS];
        final float[] starts = new float[STEPS * ROWS];
        final List<float[]> initial = new ArrayList<>();
        final StackedCell cell;
        /** Output before each step, then the parts of the last state. */
        final List<Operand<TFloat32>> ends = new ArrayList<>();

        Run(CellSpec spec, Form form) {
            this.spec = spec;
            StackedCell plain = StackedCell.of(spec, weights, INPUTS);
            cell = form == Form.PLAIN ? plain : plain.fused();
            for (NamedWeight weight : weights.values().values()) {
                fed.add(weights.placeholders().get(weight.name()));
                values.add(weight.values());
                shapes.add(Shape.of(Arrays.stream(weight.shape()).asLongStream().toArray()));
            }
            Random random = new Random(11);
            for (int i = 0; i < inputs.length; i++) {
                inputs[i] = (float) random.nextGaussian();
            }
            for (int row = 0; row < ROWS; row++) {
                for (int t : STARTS[row]) {
                    starts[t * ROWS + row] = 1;
                }
            }
            Operand<TFloat32> window = feed(Shape.of(STEPS, ROWS, INPUTS), inputs);
            List<Operand<TFloat32>> state = new ArrayList<>();
            for (Cell.StateSlice slice : cell.state()) {
                float[] part = new float[ROWS * slice.width()];
                for (int i = 0; i < part.length; i++) {
                    part[i] = (float) (0.5 * random.nextGaussian());
                }
                initial.add(part);
                state.add(feed(Shape.of(ROWS, slice.width()), part));
            }
            if (form == Form.SWEEP) {
                sweep(window, keep(0, state));
            } else {
                for (int t = 0; t < STEPS; t++) {
                    List<Operand<TFloat32>> before = keep(t, state);
                    ends.add(cell.output(tf, before));
                    state = cell.step(tf, at(window, t), before);
                }
                ends.addAll(state);
            }
        }

        private void sweep(Operand<TFloat32> window, List<Operand<TFloat32>> before) {
            float[] cleared = Arrays.copyOfRange(starts, ROWS, (STEPS + 1) * ROWS);
            List<Operand<TFloat32>> states = cell.sweep()
                    .orElseThrow()
                    .states(
                            tf,
                            STEPS,
                            window,
                            before,
                            Optional.of(tf.constant(Shape.of(STEPS, ROWS, 1), DataBuffers.of(cleared))));
            ends.add(cell.output(tf, before));
            for (int t = 0; t < STEPS - 1; t++) {
                int step = t;
                ends.add(cell.output(
                        tf, states.stream().map(part -> at(part, step)).toList()));
            }
            states.forEach(part -> ends.add(at(part, STEPS - 1)));
        }

        private Operand<TFloat32> feed(Shape shape, float[] value) {
            Placeholder<TFloat32> placeholder = tf.placeholder(TFloat32.class, Placeholder.shape(shape));
            fed.add(placeholder);
            values.add(value);
            shapes.add(shape);
            return placeholder;
        }

        private List<Operand<TFloat32>> keep(int t, List<Operand<TFloat32>> state) {
            float[] kept = new float[ROWS];
            for (int row = 0; row < ROWS; row++) {
                kept[row] = 1 - starts[t * ROWS + row];
            }
            Operand<TFloat32> factor = tf.constant(Shape.of(ROWS, 1), DataBuffers.of(kept));
            List<Operand<TFloat32>> parts = new ArrayList<>();
            state.forEach(part -> parts.add(tf.math.mul(part, factor)));
            return parts;
        }

        private Operand<TFloat32> at(Operand<TFloat32> window, int t) {
            return tf.gather(window, tf.constant(t), tf.constant(0));
        }

        double[][] ends() {
            return fetch(ends);
        }

        /** Of a loss in which every element matters differently, by weights, inputs and initial state. */
        double[][] gradients() {
            List<Operand<TFloat32>> terms = new ArrayList<>();
            for (int e = 0; e < ends.size(); e++) {
                float[] factors = new float[Math.toIntExact(ends.get(e).shape().get(1))];
                for (int i = 0; i < factors.length; i++) {
                    factors[i] = (float) Math.sin(1 + 3 * e + i);
                }
                terms.add(tf.reduceSum(
                        tf.math.mul(tf.math.square(ends.get(e)), tf.constant(factors)), tf.constant(new int[] {0, 1})));
            }
            Operand<TFloat32> loss = tf.math.addN(terms);
            Output<?>[] by = fed.stream().map(Operand::asOutput).toArray(Output<?>[]::new);
            return fetch(Arrays.asList(graph.addGradients(loss.asOutput(), by)));
        }

        private double[][] fetch(List<? extends Operand<?>> outputs) {
            List<Tensor> tensors = new ArrayList<>();
            try (Session session = new Session(graph)) {
                Session.Runner runner = session.runner();
                for (int i = 0; i < fed.size(); i++) {
                    tensors.add(TFloat32.tensorOf(shapes.get(i), DataBuffers.of(values.get(i))));
                    runner.feed(fed.get(i), tensors.get(i));
                }
                outputs.forEach(runner::fetch);
                try (var result = runner.run()) {
                    double[][] all = new double[outputs.size()][];
                    for (int o = 0; o < all.length; o++) {
                        float[] got = new float[Math.toIntExact(result.get(o).size())];
                        ((TFloat32) result.get(o)).copyTo(DataBuffers.of(got));
                        all[o] = new double[got.length];
                        for (int i = 0; i < got.length; i++) {
                            all[o][i] = got[i];
                        }
                    }
                    return all;
                }
            } finally {
                tensors.forEach(Tensor::close);
            }
        }

        /** {@link #ends()} in double. */
        double[][] reference() {
            ReferenceStack reference = new ReferenceStack(
                    spec, ReferenceWeights.of(List.copyOf(weights.values().values())));
            double[][] expected = new double[STEPS + initial.size()][];
            for (int row = 0; row < ROWS; row++) {
                double[] state = new double[reference.stateWidth()];
                int at = 0;
                for (float[] part : initial) {
                    int width = part.length / ROWS;
                    for (int i = 0; i < width; i++) {
                        state[at++] = part[row * width + i];
                    }
                }
                for (int t = 0; t < STEPS; t++) {
                    if (starts[t * ROWS + row] == 1) {
                        state = new double[state.length];
                    }
                    put(expected, t, row, reference.output(state));
                    double[] x = new double[INPUTS];
                    for (int i = 0; i < INPUTS; i++) {
                        x[i] = inputs[(t * ROWS + row) * INPUTS + i];
                    }
                    state = reference.step(x, state);
                }
                at = 0;
                for (int p = 0; p < initial.size(); p++) {
                    int width = initial.get(p).length / ROWS;
                    put(expected, STEPS + p, row, Arrays.copyOfRange(state, at, at + width));
                    at += width;
                }
            }
            return expected;
        }

        private static void put(double[][] into, int index, int row, double[] values) {
            if (into[index] == null) {
                into[index] = new double[ROWS * values.length];
            }
            System.arraycopy(values, 0, into[index], row * values.length, values.length);
        }

        @Override
        public void close() {
            graph.close();
        }
    }

    static Stream<CellSpec> fusedCells() {
        return Stream.of("lstm", "lstm-peephole", "gru")
                .flatMap(kind -> Stream.of(new CellSpec(kind, List.of(4)), new CellSpec(kind, List.of(4, 6))));
    }

    static Stream<CellSpec> sweptCells() {
        return fusedCells().filter(spec -> !spec.kind().equals("gru"));
    }

    private static void same(double[][] got, double[][] expected) {
        assertThat(got.length).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++) {
            double largest = Arrays.stream(expected[i]).map(Math::abs).max().orElseThrow();
            assertThat(largest).isPositive();
            // What float32 loses over seven steps; another order of gates or a lost term is as large as the values.
            assertThat(got[i]).containsExactly(expected[i], within(1e-5 * Math.max(1, largest)));
        }
    }

    @ParameterizedTest
    @MethodSource("fusedCells")
    void fusedStepsMatchReference(CellSpec spec) {
        try (Run run = new Run(spec, Form.FUSED_STEPS)) {
            same(run.ends(), run.reference());
        }
    }

    @ParameterizedTest
    @MethodSource("sweptCells")
    void sweepMatchesReferenceAcrossStartsOfSessions(CellSpec spec) {
        try (Run run = new Run(spec, Form.SWEEP)) {
            same(run.ends(), run.reference());
        }
    }

    @ParameterizedTest
    @MethodSource("fusedCells")
    void fusedStepsHaveThePlainCellsGradients(CellSpec spec) {
        try (Run plain = new Run(spec, Form.PLAIN);
                Run fused = new Run(spec, Form.FUSED_STEPS)) {
            same(fused.gradients(), plain.gradients());
        }
    }

    @ParameterizedTest
    @MethodSource("sweptCells")
    void sweepHasThePlainCellsGradientsAcrossStartsOfSessions(CellSpec spec) {
        try (Run plain = new Run(spec, Form.PLAIN);
                Run swept = new Run(spec, Form.SWEEP)) {
            same(swept.gradients(), plain.gradients());
        }
    }

    @Test
    void shouldUseTheKernelsThatItIsNamedFor() {
        assertThat(operations("lstm", Form.PLAIN)).noneMatch(type -> type.contains("Block"));
        assertThat(operations("lstm", Form.FUSED_STEPS)).contains("LSTMBlockCell");
        assertThat(operations("lstm-peephole", Form.SWEEP)).contains("BlockLSTMV2");
        assertThat(operations("gru", Form.FUSED_STEPS)).contains("GRUBlockCell");
    }

    private static List<String> operations(String kind, Form form) {
        try (Run run = new Run(new CellSpec(kind, List.of(4)), form)) {
            List<String> types = new ArrayList<>();
            run.graph.operations().forEachRemaining(op -> types.add(op.type()));
            return types;
        }
    }
}
