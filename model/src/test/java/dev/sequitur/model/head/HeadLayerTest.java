package dev.sequitur.model.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.Specs;
import dev.sequitur.model.feature.FeatureLayout;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.LearnedField.Scale;
import dev.sequitur.model.feature.LearnedField.Vocabulary;
import dev.sequitur.model.spec.PipelineSpec;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.tensorflow.op.Ops;

class HeadLayerTest {
    private static final String FIELDS =
            """
            load: {kind: numeric}
            heat: {kind: numeric, role: input}
            mode: {kind: categorical}
            lamps: {kind: flags, flags: [oil, water]}
            gap: {kind: since-previous, role: [input, target], components: 2}
            """;
    private static final Map<String, LearnedField> LEARNED = Map.of(
            "load", new Scale(0, 0, 1),
            "heat", new Scale(0, 0, 1),
            "mode", new Vocabulary(List.of("a", "b"), 2),
            "gap", new Scale(1000, 0, 1));

    /** Raw inputs: load 0-1, mode 2-5, lamps 6-7, gap 8-13, END 14. */
    private static final int RAW = 14;

    private final Map<String, float[]> initial = new HashMap<>();

    /** With kernel 1: what the layer gets is what the heads get, plus the bias. */
    private HeadRun run(PipelineSpec spec, float[][] raw, float[][] rows) {
        FeatureLayout features = new FeatureLayout(spec);
        HeadLayout layout = new HeadLayout(spec, LEARNED);
        return HeadRun.of(
                (tf, in) -> layer(tf, features, layout, raw[0].length).surprise(tf, in.raw(), in.rows()),
                (tf, in) -> layer(tf, features, layout, raw[0].length).parameters(tf, in.raw()),
                raw,
                rows);
    }

    private HeadLayer layer(Ops tf, FeatureLayout features, HeadLayout layout, int inputs) {
        return new HeadLayer(
                features,
                layout,
                LEARNED,
                (name, initializer, shape) -> {
                    float[] values = initializer.values(shape, new Random(1));
                    initial.put(name, values);
                    return tf.reshape(tf.constant(values), tf.constant(shape));
                },
                inputs);
    }

    private static float[][] random(int rows, int columns) {
        Random random = new Random(3);
        float[][] values = new float[rows][columns];
        for (float[] row : values) {
            for (int i = 0; i < columns; i++) {
                row[i] = (float) random.nextGaussian();
            }
        }
        return values;
    }

    private static double[] part(float[] row, int from, int to) {
        return HeadContract.wide(Arrays.copyOfRange(row, from, to));
    }

    private static double softplus(double x) {
        return Math.log1p(Math.exp(x));
    }

    @Test
    void shouldSplitTheSurpriseByFieldAndEnd() {
        PipelineSpec spec = Specs.of(FIELDS, "end: last");
        float[][] raw = random(3, RAW + 1);
        // start END | load heat mode | lamps | gap
        float[][] rows = {
            {0, 0, 0.5f, 1, 9, 1, 3, 1, 0, -0.5f, 1},
            {1, 0, 0, 0, 9, 1, 1, 0, 0, 0, 0},
            {0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}
        };
        float[][] nats = run(spec, raw, rows).surprise();

        for (int i = 0; i < 2; i++) {
            double[] expected = {
                new GaussianHeadTest().nats(part(raw[i], 0, 2), part(rows[i], 2, 4)),
                cross(part(raw[i], 2, 6), (int) rows[i][6]),
                softplus(raw[i][6]) - rows[i][7] * raw[i][6] + softplus(raw[i][7]) - rows[i][8] * raw[i][7],
                mixture(part(raw[i], 8, 14), part(rows[i], 9, 11)),
                softplus(raw[i][14])
            };
            assertThat(HeadContract.wide(nats[i])).as("event %s", i).containsExactly(expected, within(1e-5));
        }
        assertThat(HeadContract.wide(nats[2]))
                .as("nothing but the end comes with the end")
                .containsExactly(new double[] {0, 0, 0, 0, softplus(-raw[2][14])}, within(1e-5));
    }

    private static double cross(double[] logits, int slot) {
        return Math.log(Arrays.stream(logits).map(Math::exp).sum()) - logits[slot];
    }

    private static double mixture(double[] raw, double[] observed) {
        return new NormalMixtureHeadTest().nats(raw, observed);
    }

    @Test
    void shouldNotLearnFieldsFromTheEnd() {
        PipelineSpec spec = Specs.of(FIELDS, "end: last");
        float[][] slope = run(spec, random(1, RAW + 1), new float[][] {{0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}})
                .gradient();

        assertThat(Arrays.copyOf(slope[0], RAW)).containsOnly(0f);
        assertThat(slope[0][RAW]).as("the end itself").isNegative();
    }

    @Test
    void shouldKnowNoEndWhereTheSpecKnowsNone() {
        float[][] raw = random(1, RAW);
        HeadRun run = run(Specs.of(FIELDS), raw, new float[][] {{0, 0.5f, 1, 9, 1, 3, 1, 0, -0.5f, 1}});

        assertThat(run.surprise()[0]).hasSize(4);
        assertThat((double) run.surprise()[0][1]).isCloseTo(cross(part(raw[0], 2, 6), 3), within(1e-5));
    }

    @Test
    void shouldPredictANumberOfSeveralModesByAMixture() {
        float[][] raw = random(1, 6);
        HeadRun run = run(Specs.of("load: {kind: numeric, components: 2}"), raw, new float[][] {{0, 0.5f, 1}});

        double expected = mixture(part(raw[0], 0, 6), new double[] {0.5, 1});
        assertThat((double) run.surprise()[0][0]).isCloseTo(expected, within(1e-5));
        assertThat(run.parameters()[0]).hasSize(6);
        assertThat((double) run.parameters()[0][0]).isCloseTo(1 / (1 + Math.exp(raw[0][1] - raw[0][0])), within(1e-6));
    }

    @Test
    void shouldLayParametersOutAsTheLayoutSays() {
        PipelineSpec spec = Specs.of(FIELDS, "end: last");
        float[][] raw = random(1, RAW + 1);
        float[] parameters = run(spec, raw, new float[1][11]).parameters()[0];
        HeadLayout layout = new HeadLayout(spec, LEARNED);

        assertThat(parameters).hasSize(layout.parameters());
        Map<String, Double> first = new HashMap<>();
        for (HeadLayout.Target target : layout.targets()) {
            first.put(target.name(), (double) parameters[target.parameters().offset()]);
        }
        double modes = Arrays.stream(part(raw[0], 2, 6)).map(Math::exp).sum();
        assertThat(first.get("load")).isCloseTo(raw[0][0], within(1e-6));
        assertThat(first.get("mode")).isCloseTo(Math.exp(raw[0][2]) / modes, within(1e-6));
        assertThat(first.get("lamps")).isCloseTo(1 / (1 + Math.exp(-raw[0][6])), within(1e-6));
        assertThat(first.get("gap")).isCloseTo(1 / (1 + Math.exp(raw[0][9] - raw[0][8])), within(1e-6));
        assertThat(first.get("END")).isCloseTo(1 / (1 + Math.exp(-raw[0][14])), within(1e-6));
    }

    @Test
    void shouldGiveTheHeadsADenseLayerThatStartsAtTheirBias() {
        PipelineSpec spec = Specs.of(FIELDS, "end: last");
        FeatureLayout features = new FeatureLayout(spec);
        HeadLayout layout = new HeadLayout(spec, LEARNED);
        float[][] known = random(2, 3);
        float[][] raw = HeadRun.of(
                        (tf, in) -> layer(tf, features, layout, 3).raw(tf, in.raw()),
                        (tf, in) -> tf.identity(in.raw()),
                        known,
                        known)
                .surprise();

        float[] bias = initial.get("heads/bias");
        float[] kernel = initial.get("heads/kernel");
        assertThat(bias)
                .as("spread of the two components of gap")
                .containsExactly(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1.5f, 1.5f, 0, 0, 0);
        for (int i = 0; i < 2; i++) {
            for (int r = 0; r <= RAW; r++) {
                double expected = bias[r];
                for (int j = 0; j < 3; j++) {
                    expected += known[i][j] * kernel[j * (RAW + 1) + r];
                }
                assertThat((double) raw[i][r]).isCloseTo(expected, within(1e-6));
            }
        }
    }
}
