package dev.sequitur.model.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.model.reference.RandomWeights;
import dev.sequitur.model.reference.ReferenceStack;
import dev.sequitur.model.reference.ReferenceWeights;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
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
import org.tensorflow.types.TFloat32;

/**
 * Every cell against its reference in double, alone and as layers of a stack: the step itself, and its gradients by finite
 * differences.
 */
class CellReferenceTest {
    private static final int INPUTS = 3;
    private static final int UNITS = 4;
    private static final int ROWS = 5;
    private static final int STEPS = 6;
    private static final String WRAPPED = "layers: 2, residual: true, layer-norm: true, attention: 3";

    /** A few steps of a cell on random inputs and weights. */
    private static final class Run implements AutoCloseable {
        final Graph graph = new Graph();
        final Ops tf = Ops.create(graph);
        final RandomWeights weights = new RandomWeights(tf, 7);
        final List<NamedWeight> values;
        final double[][][] inputs = new double[STEPS][ROWS][INPUTS];
        final double[][] initial;
        final CellSpec spec;
        final Cell cell;
        /** What the last step computed on its way. */
        final Map<String, Operand<TFloat32>> signals = new TreeMap<>();

        /** The parts of the state after the last step, and the output. */
        final List<Operand<TFloat32>> ends = new ArrayList<>();

        final List<Integer> widths = new ArrayList<>();

        Run(CellSpec spec) {
            this.spec = spec;
            Cell stack = StackedCell.of(spec, weights, INPUTS);
            cell = spec.attention() == 0 ? stack : new AttentiveCell(weights, stack, spec.attention());
            values = new ArrayList<>(weights.values().values());
            Random random = new Random(11);
            for (double[][] step : inputs) {
                for (double[] row : step) {
                    Arrays.setAll(row, i -> (float) random.nextGaussian());
                }
            }
            int width = cell.state().stream().mapToInt(Cell.StateSlice::width).sum();
            initial = new double[ROWS][width];
            for (double[] row : initial) {
                Arrays.setAll(row, i -> (float) (0.3 * random.nextGaussian()));
            }
            List<Operand<TFloat32>> state = new ArrayList<>();
            int at = 0;
            for (Cell.StateSlice slice : cell.state()) {
                if (slice.name().endsWith("clock") || slice.name().endsWith("filled")) {
                    count(at);
                }
                state.add(constant(initial, at, slice.width()));
                at += slice.width();
            }
            for (double[][] step : inputs) {
                signals.clear();
                state = cell.step(
                        tf,
                        constant(step, 0, INPUTS),
                        state,
                        List.of(),
                        (name, value) -> signals.put(name, tf.identity(value.get())));
            }
            ends.addAll(state);
            ends.add(tf.identity(cell.output(tf, state)));
            cell.state().forEach(slice -> widths.add(slice.width()));
            widths.add(cell.outputWidth());
        }

        /** Makes a column of the state count steps, differently in each row. */
        private void count(int column) {
            for (int row = 0; row < ROWS; row++) {
                initial[row][column] = row % 4;
            }
        }

        private Operand<TFloat32> constant(double[][] matrix, int from, int width) {
            float[] values = new float[matrix.length * width];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) matrix[i / width][from + i % width];
            }
            return tf.constant(Shape.of(matrix.length, width), DataBuffers.of(values));
        }

        double[][] fetch(List<? extends Operand<?>> outputs) {
            List<Tensor> fed = new ArrayList<>();
            try (Session session = new Session(graph)) {
                Session.Runner runner = session.runner();
                for (NamedWeight weight : values) {
                    Shape shape = Shape.of(
                            Arrays.stream(weight.shape()).asLongStream().toArray());
                    fed.add(TFloat32.tensorOf(shape, DataBuffers.of(weight.values())));
                    runner.feed(weights.placeholders().get(weight.name()), fed.get(fed.size() - 1));
                }
                outputs.forEach(runner::fetch);
                try (var result = runner.run()) {
                    double[][] all = new double[outputs.size()][];
                    for (int o = 0; o < all.length; o++) {
                        float[] values = new float[Math.toIntExact(result.get(o).size())];
                        ((TFloat32) result.get(o)).copyTo(DataBuffers.of(values));
                        all[o] = new double[values.length];
                        for (int i = 0; i < values.length; i++) {
                            all[o][i] = values[i];
                        }
                    }
                    return all;
                }
            } finally {
                fed.forEach(Tensor::close);
            }
        }

        /** The state of each row, with the output behind it. */
        double[][] reference(List<NamedWeight> of) {
            ReferenceStack reference = new ReferenceStack(spec, ReferenceWeights.of(of));
            double[][] ends = new double[ROWS][];
            for (int row = 0; row < ROWS; row++) {
                double[] state = initial[row];
                for (double[][] step : inputs) {
                    state = reference.step(step[row], state);
                }
                double[] output = reference.output(state);
                ends[row] = Arrays.copyOf(state, state.length + output.length);
                System.arraycopy(output, 0, ends[row], state.length, output.length);
            }
            return ends;
        }

        /** What a row's last step computes on its way, by name, then unit. */
        Map<String, Map<Integer, Double>> referenceSignals(int row) {
            ReferenceStack reference = new ReferenceStack(spec, ReferenceWeights.of(values));
            Map<String, Map<Integer, Double>> signals = new TreeMap<>();
            double[] state = initial[row];
            for (double[][] step : inputs) {
                signals.clear();
                state = reference.step(
                        step[row], state, (name, unit, value) -> signals.computeIfAbsent(name, n -> new TreeMap<>())
                                .put(unit, value));
            }
            return signals;
        }

        @Override
        public void close() {
            graph.close();
        }
    }

    /** Every kind as a single layer, as two, and as two with every wrapper. */
    static Stream<CellSpec> specs() {
        return CellSpec.KINDS.stream().flatMap(kind -> Stream.of("layers: 1", "layers: 2", WRAPPED)
                .map(options -> TinyPipeline.spec("{kind: " + kind + ", units: " + UNITS + ", " + options + "}")
                        .cell()));
    }

    @ParameterizedTest
    @MethodSource("specs")
    void cellStepsMatchReference(CellSpec spec) {
        try (Run run = new Run(spec)) {
            double[][] parts = run.fetch(run.ends);
            double[][] expected = run.reference(run.values);
            for (int row = 0; row < ROWS; row++) {
                int at = 0;
                for (double[] part : parts) {
                    int width = part.length / ROWS;
                    for (int i = 0; i < width; i++) {
                        double value = expected[row][at + i];
                        // float32 over six steps of tens of products: a few ulps, an error in a gate is 1e-2.
                        assertThat(part[row * width + i]).isCloseTo(value, within(5e-6 * Math.max(1, Math.abs(value))));
                    }
                    at += width;
                }
                assertThat(at).isEqualTo(expected[row].length);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("specs")
    void cellSignalsMatchReference(CellSpec spec) {
        try (Run run = new Run(spec)) {
            // What a layer's state is after the step, the stack says; the reference has it in the state.
            Map<String, Operand<TFloat32>> inner = new TreeMap<>(run.signals);
            for (Cell.StateSlice slice : run.cell.state()) {
                inner.keySet().remove(afterStep(slice.name()));
            }
            List<String> names = List.copyOf(inner.keySet());
            double[][] signals = run.fetch(List.copyOf(inner.values()));
            for (int row = 0; row < ROWS; row++) {
                Map<String, Map<Integer, Double>> expected = run.referenceSignals(row);
                assertThat(names).containsExactlyElementsOf(expected.keySet());
                for (int s = 0; s < names.size(); s++) {
                    int width = signals[s].length / ROWS;
                    assertThat(expected.get(names.get(s))).as(names.get(s)).hasSize(width);
                    for (int i = 0; i < width; i++) {
                        double value = expected.get(names.get(s)).get(i);
                        // As for the state: a few ulps, and a gate that is mistaken for another is 1e-2 off.
                        assertThat(signals[s][row * width + i])
                                .as("%s[%d]", names.get(s), i)
                                .isCloseTo(value, within(5e-6 * Math.max(1, Math.abs(value))));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("specs")
    void cellSignalsEndWithTheStateOfEachLayer(CellSpec spec) {
        try (Run run = new Run(spec)) {
            List<Cell.StateSlice> slices = run.cell.state().stream()
                    .filter(slice -> slice.name().startsWith("layer"))
                    .toList();
            // In one call: two round differently.
            List<Operand<TFloat32>> both = new ArrayList<>(run.ends.subList(0, slices.size()));
            slices.forEach(slice -> both.add(run.signals.get(afterStep(slice.name()))));
            double[][] values = run.fetch(both);
            for (int p = 0; p < slices.size(); p++) {
                assertThat(values[slices.size() + p]).as(slices.get(p).name()).containsExactly(values[p]);
            }
        }
    }

    /** The signal that is a slice of the state: {@code layer0/hidden} is {@code 1.hidden}. */
    private static String afterStep(String slice) {
        if (!slice.startsWith("layer")) {
            return slice;
        }
        String[] parts = slice.substring("layer".length()).split("/", 2);
        return (Integer.parseInt(parts[0]) + 1) + "." + parts[1];
    }

    @ParameterizedTest
    @MethodSource("specs")
    void cellGradientsMatchFiniteDifferencesOfTheReference(CellSpec spec) {
        try (Run run = new Run(spec)) {
            Ops tf = run.tf;
            // Loss: Σ (k+1) s_k² over the state's and the output's elements, so that each matters differently.
            List<Operand<TFloat32>> terms = new ArrayList<>();
            int at = 0;
            for (int p = 0; p < run.ends.size(); p++) {
                float[] factors = new float[run.widths.get(p)];
                for (int i = 0; i < factors.length; i++) {
                    factors[i] = at + i + 1;
                }
                at += factors.length;
                terms.add(tf.reduceSum(
                        tf.math.mul(tf.math.square(run.ends.get(p)), tf.constant(factors)),
                        tf.constant(new int[] {0, 1})));
            }
            Operand<TFloat32> loss = tf.math.addN(terms);
            Output<?>[] weights = run.values.stream()
                    .map(w -> run.weights.placeholders().get(w.name()).asOutput())
                    .toArray(Output<?>[]::new);
            double[][] gradients = run.fetch(Arrays.asList(run.graph.addGradients(loss.asOutput(), weights)));
            double step = 1e-4;
            for (int w = 0; w < run.values.size(); w++) {
                double largest =
                        Arrays.stream(gradients[w]).map(Math::abs).max().orElseThrow();
                assertThat(largest).isPositive();
                for (int i = 0; i < gradients[w].length; i++) {
                    double difference = (loss(run, w, i, step) - loss(run, w, i, -step)) / realStep(run, w, i, step);
                    // A central difference at 1e-4 is off by 1e-8 of the third derivative; a wrong term by its size.
                    assertThat(gradients[w][i])
                            .as("%s[%d]", run.values.get(w).name(), i)
                            .isCloseTo(difference, within(1e-3 * largest));
                }
            }
        }
    }

    private static double realStep(Run run, int weight, int index, double step) {
        float value = run.values.get(weight).values()[index];
        return (double) (float) (value + step) - (double) (float) (value - step);
    }

    private static double loss(Run run, int weight, int index, double step) {
        List<NamedWeight> moved = new ArrayList<>(run.values);
        float[] values = moved.get(weight).values().clone();
        values[index] = (float) (values[index] + step);
        moved.set(
                weight,
                new NamedWeight(moved.get(weight).name(), moved.get(weight).shape(), values));
        double sum = 0;
        for (double[] end : run.reference(moved)) {
            for (int k = 0; k < end.length; k++) {
                sum += (k + 1) * end[k] * end[k];
            }
        }
        return sum;
    }
}
