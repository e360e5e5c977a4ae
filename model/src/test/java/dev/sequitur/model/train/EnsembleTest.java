package dev.sequitur.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.bundle.Manifest;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.evaluate.OfflineScoring;
import dev.sequitur.model.evaluate.StepOutcome;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.Slice;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.schemas.FieldSurprise;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An ensemble of two against its two members, each trained by itself with the member's seed. */
class EnsembleTest {
    private static final String CELL = "{kind: gru, units: 4}";
    private static final List<Event> EVENTS = TinyPipeline.events(40, 30, 1);

    /** One thread: a member's weights are those of the network alone to the bit, and float32 adds in another order. */
    private static final double SAME = 1e-5;

    @TempDir
    static Path directory;

    private static Path ensemble;
    private static List<Path> alone;
    private static TrainingProgram.Summary summary;

    @TempDir
    Path own;

    @BeforeAll
    static void train() throws IOException {
        ensemble = directory.resolve("ensemble");
        summary = run(TinyPipeline.TRAINING, 2, ensemble, false, TrainingListener.SILENT);
        alone = List.of(directory.resolve("first"), directory.resolve("second"));
        run(TinyPipeline.TRAINING, 1, alone.get(0), false, TrainingListener.SILENT);
        run(TinyPipeline.TRAINING.replace("seed: 3", "seed: 4"), 1, alone.get(1), false, TrainingListener.SILENT);
    }

    private static TrainingProgram.Summary run(
            String training, int members, Path out, boolean resume, TrainingListener listener) throws IOException {
        return TrainingProgram.run(
                TinyPipeline.yaml(CELL, training),
                EVENTS,
                new TrainingProgram.Origin(List.of("tiny"), 0),
                out,
                members,
                resume,
                listener);
    }

    /** Expected distributions of the first events of one entity, from a fresh state on. */
    private static List<float[]> expected(ModelBundle bundle) {
        StepBatch batch = new StepBatch(bundle.model().step().shape());
        batch.resize(1);
        List<float[]> all = new ArrayList<>();
        EntityClock clock = EntityClock.START;
        for (Event event :
                EVENTS.stream().filter(e -> e.entity().equals("entity-7")).toList()) {
            EntityClock found =
                    clock.at(event.timeMs(), bundle.spec().sessionGap().orElseThrow());
            bundle.model().encoder().encode(event, found, batch.features, 0);
            bundle.model().step().step(batch);
            all.add(Arrays.copyOf(batch.expected, batch.shape().parameters()));
            clock = found.after(event.timeMs());
        }
        return all;
    }

    private static Map<String, float[]> bySlice(ModelBundle bundle, float[] parameters) {
        Map<String, float[]> parts = new HashMap<>();
        for (Slice slice : bundle.manifest().parameters()) {
            parts.put(slice.name(), Arrays.copyOfRange(parameters, slice.offset(), slice.end()));
        }
        return parts;
    }

    private static void same(float[] got, double... expected) {
        assertThat(got).hasSize(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat((double) got[i]).isCloseTo(expected[i], within(SAME * Math.max(1, Math.abs(expected[i]))));
        }
    }

    private static double[] mean(float[] a, float[] b) {
        double[] mean = new double[a.length];
        for (int i = 0; i < mean.length; i++) {
            mean[i] = 0.5 * a[i] + 0.5 * b[i];
        }
        return mean;
    }

    @Test
    void shouldPredictTheMeanOfItsMembersDistributions() {
        try (ModelBundle both = ModelBundle.load(ensemble);
                ModelBundle first = ModelBundle.load(alone.get(0));
                ModelBundle second = ModelBundle.load(alone.get(1))) {
            List<float[]> mixed = expected(both);
            List<float[]> ones = expected(first);
            List<float[]> twos = expected(second);
            for (int i = 0; i < mixed.size(); i++) {
                Map<String, float[]> got = bySlice(both, mixed.get(i));
                Map<String, float[]> a = bySlice(first, ones.get(i));
                Map<String, float[]> b = bySlice(second, twos.get(i));
                for (String field : List.of("letter", "lights", "END")) {
                    same(got.get(field), mean(a.get(field), b.get(field)));
                }
                float[] x = a.get("level");
                float[] y = b.get("level");
                same(got.get("level"), 0.5, 0.5, x[0], y[0], x[1], y[1]);
                for (String field : List.of("gap", "speed")) {
                    float[] p = a.get(field);
                    float[] q = b.get(field);
                    same(
                            got.get(field),
                            0.5 * p[0],
                            0.5 * p[1],
                            0.5 * q[0],
                            0.5 * q[1],
                            p[2],
                            p[3],
                            q[2],
                            q[3],
                            p[4],
                            p[5],
                            q[4],
                            q[5]);
                }
            }
        }
    }

    private static List<StepOutcome> outcomes(Path path) {
        try (ModelBundle bundle = ModelBundle.load(path)) {
            Timeline timeline = Timeline.of(bundle.spec(), EVENTS, Timeline.Part.VALIDATION);
            StepOutcome[] outcomes = new StepOutcome[timeline.steps().size()];
            new OfflineScoring(bundle.model()).run(timeline, (step, outcome) -> outcomes[step] = outcome);
            return List.of(outcomes);
        }
    }

    @Test
    void shouldBeSurprisedByTheMeanOfItsMembersLikelihoodsAndCalibratedOnThat() {
        List<StepOutcome> mixed = outcomes(ensemble);
        List<StepOutcome> ones = outcomes(alone.get(0));
        List<StepOutcome> twos = outcomes(alone.get(1));
        double loss = 0;
        double[] alarming = new double[mixed.size()];
        for (int i = 0; i < mixed.size(); i++) {
            List<FieldSurprise> fields = mixed.get(i).fields();
            for (int f = 0; f < fields.size(); f++) {
                double a = ones.get(i).fields().get(f).getSurprise();
                double b = twos.get(i).fields().get(f).getSurprise();
                double expected = -Math.log(0.5 * Math.exp(-a) + 0.5 * Math.exp(-b));
                assertThat(fields.get(f).getSurprise())
                        .isCloseTo(expected, within(2 * SAME * Math.max(1, Math.abs(expected))));
                loss += expected;
            }
            alarming[i] = mixed.get(i).surprise();
        }
        assertThat(summary.provenance().validationLoss()).isCloseTo(loss / mixed.size(), within(1e-4));
        try (ModelBundle bundle = ModelBundle.load(ensemble)) {
            assertThat(bundle.manifest().calibration().events()).isEqualTo(alarming.length);
            Arrays.sort(alarming);
            assertThat(bundle.manifest().calibration().quantiles()[0]).isCloseTo(alarming[0], within(1e-3));
            // By construction half of the events that were calibrated on lie above the median.
            double threshold = bundle.manifest().calibration().threshold(0.5);
            assertThat(Arrays.stream(alarming).filter(s -> s > threshold).count())
                    .isCloseTo(alarming.length / 2, within(2L));
        }
    }

    @Test
    void shouldNameEveryMember() {
        assertThat(summary.members()).hasSize(2);
        try (ModelBundle bundle = ModelBundle.load(ensemble)) {
            Manifest manifest = bundle.manifest();
            assertThat(manifest.members()).isEqualTo(2);
            assertThat(manifest.state())
                    .containsExactly(
                            new Slice("member0/layer0/hidden", 0, 4), new Slice("member1/layer0/hidden", 4, 4));
            assertThat(manifest.training().members()).extracting("seed").containsExactly(3L, 4L);
            try (ModelBundle second = ModelBundle.load(alone.get(1))) {
                assertThat(manifest.training().members().get(1))
                        .isEqualTo(second.manifest().training().members().get(0));
            }
        }
    }

    @Test
    void shouldNotTrainFinishedMembersAgain() throws IOException {
        Path out = own.resolve("bundle");
        List<String> heard = new ArrayList<>();
        TrainingListener stopsInTheSecond = new TrainingListener() {
            private boolean second;

            @Override
            public void member(int member, int members, long seed) {
                second = member == 2;
            }

            @Override
            public boolean stopRequested() {
                return second;
            }
        };
        assertThatThrownBy(() -> run(TinyPipeline.TRAINING, 2, out, false, stopsInTheSecond))
                .isInstanceOfSatisfying(TrainingStoppedException.class, e -> assertThat(e.epochs())
                        .isEqualTo(3));

        TrainingProgram.Summary resumed = run(TinyPipeline.TRAINING, 2, out, true, new TrainingListener() {
            private int now;

            @Override
            public void member(int member, int members, long seed) {
                now = member;
                heard.add(member + " of " + members + ", seed " + seed);
            }

            @Override
            public void epoch(EpochReport report) {
                heard.add("epoch " + report.epoch() + " of " + now);
            }
        });

        assertThat(heard)
                .containsExactly("1 of 2, seed 3", "2 of 2, seed 4", "epoch 1 of 2", "epoch 2 of 2", "epoch 3 of 2");
        assertThat(resumed.provenance().members())
                .isEqualTo(summary.provenance().members());
        assertThat(resumed.provenance().validationLoss())
                .isEqualTo(summary.provenance().validationLoss());
    }

    @Test
    void shouldRefuseACheckpointOfAnotherSeed() throws IOException {
        Path out = own.resolve("bundle");
        java.nio.file.Files.copy(directory.resolve("ensemble.member1.checkpoint"), own.resolve("bundle.checkpoint"));
        assertThatThrownBy(() -> run(TinyPipeline.TRAINING, 2, out, true, TrainingListener.SILENT))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("of seed 4, this training of 3");
    }

    @Test
    void shouldRefuseAnEnsembleOfNone() {
        assertThatThrownBy(() -> run(TinyPipeline.TRAINING, 0, own.resolve("bundle"), false, TrainingListener.SILENT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("members must be >= 1, got 0");
    }
}
