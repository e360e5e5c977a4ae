package dev.sequitur.model.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.evaluate.OfflineScoring;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.reference.TinyPipeline;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The unrolled training graph and single steps of the bundle compute the same function. */
class TrainedIsServedTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{kind: rnn, units: 5}",
                "{kind: lstm, units: [6, 5]}",
                "{kind: gru, units: 5}",
                "{kind: vrnn, units: 5, latent: 2}",
                "{kind: grid-lstm, units: 4, layers: 2, residual: true, layer-norm: true, attention: 3}"
            })
    void shouldServeTheLossThatTrainingValidated(String cell, @TempDir Path directory) throws IOException {
        Path out = directory.resolve("bundle");
        TrainingProgram.Summary summary = TinyPipeline.train(cell, out);
        try (ModelBundle bundle = ModelBundle.load(out)) {
            // The events that TinyPipeline.train learns from.
            Timeline timeline = Timeline.of(bundle.spec(), TinyPipeline.events(40, 30, 1), Timeline.Part.VALIDATION);
            double[] nats = new double[1];
            new OfflineScoring(bundle.model())
                    .run(timeline, (step, outcome) -> outcome.fields().forEach(f -> nats[0] += f.getSurprise()));
            assertThat((long) timeline.steps().size())
                    .isEqualTo(summary.provenance().validationEvents());
            // float32 over hundreds of events; another carry or reset between windows would be off by tenths.
            assertThat(nats[0] / timeline.steps().size())
                    .isCloseTo(summary.provenance().validationLoss(), within(1e-5));
        }
    }
}
