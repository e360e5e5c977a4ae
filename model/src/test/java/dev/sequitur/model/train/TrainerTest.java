package dev.sequitur.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.spec.PipelineSpecReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {
    @TempDir
    Path directory;

    private static String yaml(int epochs, String more) {
        return TinyPipeline.yaml(
                "{kind: lstm, units: [6, 5]}",
                "{epochs: " + epochs + ", lanes: 8, window: 6, seed: 3, threads: 1, "
                        + "split: {by: entity, validation: 0.2}, " + more + "}");
    }

    private static Trainer.Trained train(
            String yaml, List<Event> events, Path checkpoint, boolean resume, TrainingListener listener)
            throws IOException {
        try (TrainingData data = Grouped.data(PipelineSpecReader.parse(yaml, "test"), events)) {
            return new Trainer(yaml, data, listener).train(Optional.ofNullable(checkpoint), resume);
        }
    }

    private static void bitEqual(List<NamedWeight> expected, List<NamedWeight> got) {
        assertThat(got).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            assertThat(got.get(i).name()).isEqualTo(expected.get(i).name());
            assertThat(got.get(i).values()).containsExactly(expected.get(i).values());
        }
    }

    @Test
    void shouldLearnWhatFollows() throws IOException {
        List<Event> events = TinyPipeline.events(30, 40, 1);
        Trainer.Trained trained =
                train(yaml(12, "learning-rate: 0.02, patience: 12"), events, null, false, TrainingListener.SILENT);
        // Five letters, two lights and three numbers, most of it foreseeable: a model that learned nothing of them
        // is above log 5 + 2 log 2 + three unit normals.
        double ignorance = Math.log(5) + 2 * Math.log(2) + 3 * (0.5 * Math.log(2 * Math.PI) + 0.5);
        assertThat(trained.history().get(0).trainingLoss()).isGreaterThan(ignorance - 1);
        assertThat(trained.best().validationLoss()).isLessThan(ignorance - 2);
        assertThat(trained.calibration().events()).isEqualTo(6 * 41);
    }

    @ParameterizedTest
    @ValueSource(strings = {"lstm", "lstm-peephole", "gru"})
    void shouldLearnTheSameByFusedKernels(String kind) throws IOException {
        List<Event> events = TinyPipeline.events(20, 40, 1);
        List<Trainer.Trained> trained = new ArrayList<>();
        for (String kernel : List.of("plain", "fused")) {
            trained.add(train(
                    TinyPipeline.yaml(
                            "{kind: " + kind + ", units: [6, 5], kernel: " + kernel + "}",
                            "{epochs: 3, lanes: 8, window: 7, seed: 3, threads: 1, dropout: 0.2, learning-rate: 0.01}"),
                    events,
                    null,
                    false,
                    TrainingListener.SILENT));
        }
        for (int e = 0; e < 3; e++) {
            EpochReport plain = trained.get(0).history().get(e);
            EpochReport fused = trained.get(1).history().get(e);
            // Rounding grows from step to step; the losses fall by tenths an epoch.
            assertThat(fused.trainingLoss()).isCloseTo(plain.trainingLoss(), within(1e-3));
            assertThat(fused.validationLoss()).isCloseTo(plain.validationLoss(), within(1e-3));
            assertThat(fused.gradientNorm()).isCloseTo(plain.gradientNorm(), withinPercentage(0.1));
        }
    }

    @Test
    void shouldRepeatARunToTheBitOnOneThread() throws IOException {
        List<Event> events = TinyPipeline.events(20, 20, 1);
        String yaml = yaml(2, "dropout: 0.3, learning-rate: 0.01");
        bitEqual(
                train(yaml, events, null, false, TrainingListener.SILENT).weights(),
                train(yaml, events, null, false, TrainingListener.SILENT).weights());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "averaging: 0.9",
                "schedule: {kind: plateau, warm-up: 1.5, patience: 1}",
                "schedule: {kind: step, every: 1}, weight-decay: 0.1, class-weights: {letter: balanced}, sampled: 3"
            })
    void shouldResumeToTheSameBitsAsAnUninterruptedRun(String option) throws IOException {
        List<Event> events = TinyPipeline.events(20, 20, 1);
        String more = "dropout: 0.3, learning-rate: 0.03, patience: 9, " + option;
        Trainer.Trained whole = train(yaml(5, more), events, null, false, TrainingListener.SILENT);
        Path checkpoint = directory.resolve("run.checkpoint");
        train(yaml(2, more), events, checkpoint, false, TrainingListener.SILENT);
        Trainer.Trained resumed = train(yaml(5, more), events, checkpoint, true, TrainingListener.SILENT);
        bitEqual(whole.weights(), resumed.weights());
        assertThat(resumed.history()).hasSize(5);
        assertThat(resumed.history().get(4).trainingLoss())
                .isEqualTo(whole.history().get(4).trainingLoss());
        assertThat(resumed.calibration().threshold(0.01))
                .isCloseTo(whole.calibration().threshold(0.01), within(0.0));
    }

    @Test
    void shouldStopWhenTheValidationLossStopsFalling() throws IOException {
        List<EpochReport> reports = new ArrayList<>();
        Trainer.Trained trained = train(
                yaml(200, "learning-rate: 0.1, patience: 2"),
                TinyPipeline.events(10, 12, 1),
                null,
                false,
                new TrainingListener() {
                    @Override
                    public void epoch(EpochReport report) {
                        reports.add(report);
                    }
                });
        assertThat(reports).hasSizeLessThan(200).hasSize(trained.bestEpoch() + 2);
        assertThat(reports.stream().mapToDouble(EpochReport::validationLoss).min())
                .hasValue(trained.best().validationLoss());
    }

    @Test
    void shouldStopInTheMiddleOfAnEpochAndResumeFromTheOneBefore() throws IOException {
        List<Event> events = TinyPipeline.events(20, 20, 1);
        Path checkpoint = directory.resolve("run.checkpoint");
        String yaml = yaml(4, "dropout: 0.3, learning-rate: 0.01, patience: 9, schedule: {kind: cosine, warm-up: 1.5}");
        TrainingListener impatient = new TrainingListener() {
            private boolean enough;

            @Override
            public void progress(int epoch, int epochs, long done, long total, double loss) {
                enough = epoch == 3 && done < total;
            }

            @Override
            public boolean stopRequested() {
                return enough;
            }
        };
        assertThatThrownBy(() -> train(yaml, events, checkpoint, false, impatient))
                .isInstanceOfSatisfying(TrainingStoppedException.class, e -> assertThat(e.epochs())
                        .isEqualTo(2));
        bitEqual(
                train(yaml, events, null, false, TrainingListener.SILENT).weights(),
                train(yaml, events, checkpoint, true, TrainingListener.SILENT).weights());
    }

    @Test
    void shouldRefuseToResumeWithAnotherSpecOrOtherData() throws IOException {
        List<Event> events = TinyPipeline.events(20, 12, 1);
        Path checkpoint = directory.resolve("run.checkpoint");
        train(yaml(1, "dropout: 0.1"), events, checkpoint, false, TrainingListener.SILENT);
        assertThatThrownBy(() -> train(yaml(2, "dropout: 0.2"), events, checkpoint, true, TrainingListener.SILENT))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("another spec");
        assertThatThrownBy(() -> train(
                        yaml(2, "dropout: 0.1"),
                        TinyPipeline.events(20, 12, 2),
                        checkpoint,
                        true,
                        TrainingListener.SILENT))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("other training data");
        assertThatThrownBy(() -> train(
                        yaml(2, "dropout: 0.1"), events, directory.resolve("none"), true, TrainingListener.SILENT))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("no checkpoint");
    }

    @Test
    void shouldResumeALongerTrainingUnlessItsScheduleFollowsFromTheLength() throws IOException {
        List<Event> events = TinyPipeline.events(20, 12, 1);
        Path checkpoint = directory.resolve("run.checkpoint");
        train(yaml(1, "schedule: {kind: cosine}"), events, checkpoint, false, TrainingListener.SILENT);

        assertThatThrownBy(() ->
                        train(yaml(2, "schedule: {kind: cosine}"), events, checkpoint, true, TrainingListener.SILENT))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("with a cosine schedule training.patience alone");
        assertThat(train(
                                yaml(1, "schedule: {kind: cosine}, patience: 7"),
                                events,
                                checkpoint,
                                true,
                                TrainingListener.SILENT)
                        .history())
                .hasSize(1);
    }

    @Test
    void shouldTrainOtherWeightsWithEveryOption() throws IOException {
        // An option that is ignored would pass every test of resuming.
        List<Event> events = TinyPipeline.events(20, 8, 1);
        List<List<NamedWeight>> trained = new ArrayList<>();
        for (String option : List.of(
                "averaging: 0",
                "averaging: 0, schedule: {kind: cosine}",
                "averaging: 0, weight-decay: 0.1",
                "averaging: 0, class-weights: {letter: balanced}",
                "averaging: 0, class-weights: {letter: {a: 3}}",
                "averaging: 0, sampled: 3")) {
            trained.add(train(yaml(1, option), events, null, false, TrainingListener.SILENT)
                    .weights());
        }
        assertThat(trained.stream()
                        .map(weights -> Arrays.hashCode(weights.get(0).values())))
                .doesNotHaveDuplicates();
    }

    @Test
    void shouldSayWhatToDoWhereTheLossIsNeverFinite() {
        List<String> warnings = new ArrayList<>();
        assertThatThrownBy(() -> train(
                        yaml(3, "learning-rate: 1e30, clip-norm: 1e30"),
                        TinyPipeline.events(20, 20, 1),
                        null,
                        false,
                        new TrainingListener() {
                            @Override
                            public void warning(String message) {
                                warnings.add(message);
                            }
                        }))
                .isInstanceOf(TrainingException.class)
                .hasMessageContaining("learning-rate");
        assertThat(warnings).anyMatch(w -> w.contains("not finite"));
    }

    @Test
    void shouldStopAndKeepTheBestEpochWhereTheLossExplodes() throws IOException {
        List<String> warnings = new ArrayList<>();
        // The rate rises to where no network of this kind learns.
        Trainer.Trained trained = train(
                yaml(60, "learning-rate: 1000, averaging: 0, patience: 50, schedule: {kind: constant, warm-up: 59}"),
                TinyPipeline.events(10, 12, 1),
                null,
                false,
                new TrainingListener() {
                    @Override
                    public void warning(String message) {
                        warnings.add(message);
                    }
                });
        assertThat(trained.history()).hasSizeLessThan(50);
        assertThat(trained.best().validationLoss())
                .isEqualTo(trained.history().stream()
                        .mapToDouble(EpochReport::validationLoss)
                        .min()
                        .orElseThrow());
        assertThat(warnings)
                .hasSize(1)
                .allMatch(w -> w.contains("the validation loss exploded")
                        && w.contains("keeps the weights of epoch " + trained.bestEpoch())
                        && w.contains("training.learning-rate (it is 1000.0)"));
    }

    @Test
    void shouldLeaveNoHalfWrittenCheckpoint() throws IOException {
        Path checkpoint = directory.resolve("run.checkpoint");
        train(yaml(2, "dropout: 0.1"), TinyPipeline.events(20, 12, 1), checkpoint, false, TrainingListener.SILENT);
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(checkpoint);
        }
    }

    @Test
    void shouldCalibrateOnWarmSessionsOnly() throws IOException {
        List<Event> events = TinyPipeline.events(20, 20, 1);
        String warm = yaml(1, "learning-rate: 0.01").replace("rate: 0.01}}\ncell", "rate: 0.01, warm-up: 5}}\ncell");
        assertThat(warm).contains("warm-up: 5");
        long all = train(yaml(1, "learning-rate: 0.01"), events, null, false, TrainingListener.SILENT)
                .calibration()
                .events();
        // Four entities of the validation part; the sessions that a gap starts anew warm up again.
        List<Event> validated = events.stream()
                .filter(e -> e.entity().matches("entity-(16|17|18|19)"))
                .toList();
        long cold = 0;
        Map<String, Integer> position = new HashMap<>();
        Map<String, Long> last = new HashMap<>();
        for (Event event : validated) {
            boolean gap = last.containsKey(event.entity())
                    && event.timeMs() - last.get(event.entity())
                            > Duration.ofHours(12).toMillis();
            int n = gap ? 0 : position.getOrDefault(event.entity(), 0);
            cold += n < 5 ? 1 : 0;
            position.put(event.entity(), n + 1);
            last.put(event.entity(), event.timeMs());
        }
        cold += position.values().stream().filter(n -> n < 5).count();
        assertThat(all).isEqualTo(validated.size() + 4);
        assertThat(train(warm, events, null, false, TrainingListener.SILENT)
                        .calibration()
                        .events())
                .isEqualTo(all - cold);
    }
}
