package dev.sequitur.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.sequitur.model.Specs;
import dev.sequitur.model.cell.CellKind;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.FeatureEncoder;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.model.reference.ReferenceNetwork;
import dev.sequitur.model.reference.ReferenceWeights;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class GradientFlowTest {
    private static final int EVENTS = 7;
    private static final int SEQUENCES = 3;
    private static final Map<String, LearnedField> LEARNED = Map.of("x", new LearnedField.Scale(0, 0, 1));

    private static PipelineSpec spec(String cell) {
        return PipelineSpecReader.parse(
                Specs.yaml("x: {kind: numeric, scaling: none}").replace("cell: {kind: gru, units: 4}", "cell: " + cell),
                "test");
    }

    private static float[][][] rows(PipelineSpec spec) {
        FeatureEncoder encoder = new FeatureEncoder(spec, LEARNED);
        Random random = new Random(3);
        float[][][] rows = new float[EVENTS][SEQUENCES][encoder.width()];
        for (int s = 0; s < SEQUENCES; s++) {
            EntityClock clock = EntityClock.START;
            for (int t = 0; t < EVENTS; t++) {
                Event event = Specs.event("e", 1000L * t, random.nextGaussian());
                encoder.encode(event, clock, rows[t][s], 0);
                clock = clock.after(event.timeMs());
            }
        }
        return rows;
    }

    /** The last event's surprise where the event {@code at} finds that state. */
    private static double loss(ReferenceNetwork reference, float[][][] rows, int sequence, int at, double[] found) {
        double[] state = found;
        for (int t = at; t < EVENTS - 1; t++) {
            state = reference.step(rows[t][sequence], state);
        }
        return Arrays.stream(reference.surprise(rows[EVENTS - 1][sequence], state))
                .sum();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{kind: rnn, units: 4}", "{kind: lstm, units: [4, 3]}", "{kind: gru, units: 4, kernel: fused}"})
    void normsMatchFiniteDifferencesOfTheReference(String cell) {
        PipelineSpec spec = spec(cell);
        List<NamedWeight> weights = new ArrayList<>();
        Random random = new Random(9);
        for (NamedWeight weight : GradientFlow.initialWeights(spec, LEARNED)) {
            float[] values = new float[weight.values().length];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.5 * random.nextGaussian());
            }
            weights.add(new NamedWeight(weight.name(), weight.shape(), values));
        }
        float[][][] rows = rows(spec);
        ReferenceNetwork reference = new ReferenceNetwork(spec, LEARNED, ReferenceWeights.of(weights));
        double[] expected = new double[EVENTS - 1];
        double step = 1e-5;
        for (int s = 0; s < SEQUENCES; s++) {
            double[] state = reference.initialState();
            for (int t = 1; t < EVENTS; t++) {
                state = reference.step(rows[t - 1][s], state);
                double squares = 0;
                for (int i = 0; i < state.length; i++) {
                    double[] up = state.clone();
                    double[] down = state.clone();
                    up[i] += step;
                    down[i] -= step;
                    double slope = (loss(reference, rows, s, t, up) - loss(reference, rows, s, t, down)) / (2 * step);
                    squares += slope * slope;
                }
                expected[EVENTS - 1 - t] += Math.sqrt(squares) / SEQUENCES;
            }
        }
        double[] norms = GradientFlow.norms(spec, LEARNED, weights, rows);
        assertThat(norms).hasSize(EVENTS - 1);
        for (int k = 0; k < norms.length; k++) {
            // float32 through a few steps; one step more or less changes a norm by tens of per cent.
            assertThat(norms[k]).isCloseTo(expected[k], withinPercentage(0.1));
        }
    }

    @ParameterizedTest
    @EnumSource(CellKind.class)
    void everyCellHasAGradientByItsState(CellKind kind) {
        PipelineSpec spec = spec("{kind: " + kind.specName() + ", units: 4}");
        double[] norms = GradientFlow.norms(spec, LEARNED, GradientFlow.initialWeights(spec, LEARNED), rows(spec));
        assertThat(norms).hasSize(EVENTS - 1);
        assertThat(norms[0]).isPositive().isFinite();
    }

    @Test
    void shouldSeeTheGradientVanishInAPlainNetworkAndNotInOneThatStartsOutRemembering() {
        PipelineSpec plain = spec("{kind: rnn, units: 4}");
        List<NamedWeight> small = GradientFlow.initialWeights(plain, LEARNED).stream()
                .map(w -> {
                    float[] half = w.values().clone();
                    for (int i = 0; i < half.length; i++) {
                        half[i] *= w.name().endsWith("kernel") ? 0.5f : 1f;
                    }
                    return new NamedWeight(w.name(), w.shape(), half);
                })
                .toList();
        double[] vanishing = GradientFlow.norms(plain, LEARNED, small, rows(plain));
        // An orthogonal matrix at half its size shortens at least by half a step.
        assertThat(vanishing[5]).isLessThan(vanishing[0] / 32);
        PipelineSpec gated = spec("{kind: gru, units: 4, max-lag: 1000}");
        double[] kept = GradientFlow.norms(gated, LEARNED, GradientFlow.initialWeights(gated, LEARNED), rows(gated));
        assertThat(kept[5]).isGreaterThan(kept[0] / 2);
    }

    @Test
    void shouldRefuseASingleEvent() {
        PipelineSpec spec = spec("{kind: rnn, units: 4}");
        assertThatThrownBy(() -> GradientFlow.norms(
                        spec, LEARNED, GradientFlow.initialWeights(spec, LEARNED), new float[1][2][3]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 2 events, got 1");
    }
}
