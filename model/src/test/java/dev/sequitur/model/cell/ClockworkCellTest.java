package dev.sequitur.model.cell;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.model.graph.ConstantWeights;
import dev.sequitur.model.graph.NamedWeight;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.buffer.DataBuffers;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;

/** What a clockwork cell promises beyond its equations, to the bit. */
class ClockworkCellTest {
    private static final int UNITS = 6;
    private static final List<Integer> PERIODS = List.of(1, 2, 3);
    private static final int CYCLE = 6;

    private static NamedWeight random(String name, Random random, int... shape) {
        float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return new NamedWeight(name, shape, values);
    }

    /** The state {@code [H+1]} after one step. */
    private static float[] step(float[] state, float input) {
        Random random = new Random(5);
        List<NamedWeight> weights =
                List.of(random("layer0/kernel", random, 1 + UNITS, UNITS), random("layer0/bias", random, UNITS));
        try (Graph graph = new Graph();
                Session session = new Session(graph)) {
            Ops tf = Ops.create(graph);
            ClockworkCell cell =
                    new ClockworkCell(new ConstantWeights(tf, weights), "layer0", 1, UNITS, PERIODS, CYCLE);
            List<Operand<TFloat32>> next =
                    cell.step(tf, row(tf, input), List.of(row(tf, Arrays.copyOf(state, UNITS)), row(tf, state[UNITS])));
            try (var result =
                    session.runner().fetch(next.get(0)).fetch(next.get(1)).run()) {
                float[] hidden = new float[UNITS];
                float[] clock = new float[1];
                ((TFloat32) result.get(0)).copyTo(DataBuffers.of(hidden));
                ((TFloat32) result.get(1)).copyTo(DataBuffers.of(clock));
                float[] after = Arrays.copyOf(hidden, UNITS + 1);
                after[UNITS] = clock[0];
                return after;
            }
        }
    }

    private static Operand<TFloat32> row(Ops tf, float... values) {
        return tf.constant(Shape.of(1, values.length), DataBuffers.of(values));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void shouldKeepAModuleThatDoesNotTickToTheBit(int clock) {
        // Subnormal and odd values: arithmetic that only amounts to keeping would lose them.
        float[] state = {0.1f, -0.7f, 1e-40f, 0.3333333f, Math.nextUp(0.5f), -1e-39f, clock};
        float[] after = step(state, 0.8f);
        for (int unit = 0; unit < UNITS; unit++) {
            boolean ticks = clock % PERIODS.get(unit / 2) == 0;
            if (ticks) {
                assertThat(after[unit]).as("unit %d at %d", unit, clock).isNotEqualTo(state[unit]);
            } else {
                assertThat(Float.floatToRawIntBits(after[unit]))
                        .as("unit %d at %d", unit, clock)
                        .isEqualTo(Float.floatToRawIntBits(state[unit]));
            }
        }
    }

    @Test
    void shouldComeBackToTheFirstTickAfterACycle() {
        float[] state = new float[UNITS + 1];
        for (int t = 0; t < 2 * CYCLE; t++) {
            assertThat(state[UNITS]).isEqualTo(t % CYCLE);
            state = step(state, 0.1f * t);
        }
    }

    @Test
    void shouldNotHearFasterModules() {
        float[] state = {0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0};
        float[] after = step(state, 0.5f);
        float[] fastChanged = state.clone();
        fastChanged[0] = 5;
        float[] then = step(fastChanged, 0.5f);
        assertThat(Arrays.copyOfRange(then, 2, UNITS)).containsExactly(Arrays.copyOfRange(after, 2, UNITS));
        assertThat(then[1]).isNotEqualTo(after[1]);
    }
}
