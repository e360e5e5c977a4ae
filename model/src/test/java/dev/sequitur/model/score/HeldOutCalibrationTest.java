package dev.sequitur.model.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.evaluate.OfflineScoring;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.train.TrainingListener;
import dev.sequitur.model.train.TrainingProgram;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A score of 0.99 means that one normal event in a hundred surprises as much: of a trained network, on new entities. */
class HeldOutCalibrationTest {
    @TempDir
    Path dir;

    @Test
    void shouldGiveNewNormalEventsTheScoresThatTheirSharesSay() throws Exception {
        Path bundle = dir.resolve("bundle");
        TrainingProgram.run(
                TinyPipeline.yaml("{kind: lstm, units: 8}", TinyPipeline.TRAINING),
                TinyPipeline.events(500, 30, 1),
                new TrainingProgram.Origin(List.of("tiny"), 0),
                bundle,
                false,
                TrainingListener.SILENT);
        List<Double> scores = new ArrayList<>();
        try (ModelBundle model = ModelBundle.load(bundle)) {
            Timeline fresh = Timeline.of(model.spec(), TinyPipeline.events(500, 30, 2), Timeline.Part.ALL);
            new OfflineScoring(model.model()).run(fresh, (step, outcome) -> scores.add(outcome.score()));
        }
        // Calibrated on some 2,800 events and measured on 15,500: four deviations of both together.
        for (double q : new double[] {0.5, 0.2, 0.1, 0.05, 0.01}) {
            double share = scores.stream().filter(score -> score > 1 - q).count() / (double) scores.size();
            double deviation = Math.sqrt(q * (1 - q) * (1 / 2800.0 + 1 / 15_500.0));
            assertThat(share).as("events above " + (1 - q)).isCloseTo(q, within(4 * deviation));
        }
    }
}
