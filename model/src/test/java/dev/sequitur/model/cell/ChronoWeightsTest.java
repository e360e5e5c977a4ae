package dev.sequitur.model.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.model.graph.VariableWeights;
import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import dev.sequitur.model.spec.PipelineSpec.Kernel;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.tensorflow.Graph;
import org.tensorflow.op.Ops;

class ChronoWeightsTest {
    private static final int UNITS = 60;

    private static Map<String, NamedWeight> initial(String kind, int maxLag) {
        try (Graph graph = new Graph()) {
            VariableWeights weights = new VariableWeights(Ops.create(graph), 1);
            CellKind.create(
                    new CellSpec(kind, List.of(UNITS), List.of(), 0, 0, false, false, Kernel.AUTO, maxLag),
                    weights,
                    0,
                    3);
            return weights.initial().stream().collect(java.util.stream.Collectors.toMap(NamedWeight::name, w -> w));
        }
    }

    /** {@code keep} and {@code write}: which gate's bias, of those in the bias; −1 for none. */
    @ParameterizedTest
    @CsvSource({
        "lstm, layer0/bias, 2, 0",
        "lstm-peephole, layer0/bias, 2, 0",
        "lstm-coupled, layer0/bias, 1, -1",
        "lstm-depth-gated, layer0/bias, 2, 0",
        "grid-lstm, layer0/time/bias, 2, 0",
        "vrnn, layer0/recurrence/gates/bias, 1, -1",
        "gru, layer0/gates/bias, 1, -1",
        "mgu, layer0/gate/bias, -1, 0",
        "mingru, layer0/bias, -1, 0",
        "minlstm, layer0/bias, 0, 1"
    })
    void shouldStartWithMemoriesUpToTheLag(String kind, String bias, int keep, int write) {
        float[] values = initial(kind, 101).get(bias).values();
        double[] memories = new double[UNITS];
        for (int u = 0; u < UNITS; u++) {
            double kept = keep < 0 ? -values[write * UNITS + u] : values[keep * UNITS + u];
            memories[u] = Math.exp(kept);
            if (keep >= 0 && write >= 0) {
                assertThat(values[write * UNITS + u]).isEqualTo(-values[keep * UNITS + u]);
            }
        }
        // Uniform in [1, 100]: the mean of 60 has a deviation of 3.7, the extremes come within a few.
        assertThat(Arrays.stream(memories).min().orElseThrow()).isBetween(0.999, 12.0);
        assertThat(Arrays.stream(memories).max().orElseThrow()).isBetween(88.0, 100.01);
        assertThat(Arrays.stream(memories).average().orElseThrow()).isCloseTo(50.5, within(15.0));
    }

    @Test
    void shouldLeaveTheOtherGatesAndWeightsAsTheyAre() {
        Map<String, NamedWeight> plain = initial("lstm", 0);
        Map<String, NamedWeight> chrono = initial("lstm", 101);
        assertThat(chrono.get("layer0/kernel").values())
                .containsExactly(plain.get("layer0/kernel").values());
        for (int gate : new int[] {1, 3}) {
            assertThat(Arrays.copyOfRange(chrono.get("layer0/bias").values(), gate * UNITS, (gate + 1) * UNITS))
                    .containsOnly(0f);
        }
    }

    @ParameterizedTest
    @EnumSource
    void shouldKnowEveryKindThatASpecMayGiveALag(CellKind kind) {
        if (CellSpec.LAG_KINDS.contains(kind.specName())) {
            assertThat(initial(kind.specName(), 10)).isNotEmpty();
        } else {
            assertThatThrownBy(() -> initial(kind.specName(), 10))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("takes no max-lag");
        }
    }
}
