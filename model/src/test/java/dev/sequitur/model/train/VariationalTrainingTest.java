package dev.sequitur.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.spec.PipelineSpecReader;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A cell that samples, trained. */
class VariationalTrainingTest {
    private static List<EpochReport> train(int epochs, double learningRate) throws IOException {
        String yaml = TinyPipeline.yaml(
                "{kind: vrnn, units: 8, latent: 3}",
                "{epochs: " + epochs + ", lanes: 8, window: 6, averaging: 0, learning-rate: " + learningRate
                        + ", given-dropout: 0, seed: 3, threads: 1, split: {by: entity, validation: 0.2}}");
        try (TrainingData data = Grouped.data(PipelineSpecReader.parse(yaml, "test"), TinyPipeline.events(30, 30, 1))) {
            return new Trainer(yaml, data, TrainingListener.SILENT)
                    .train(Optional.empty(), false)
                    .history();
        }
    }

    @Test
    void shouldLowerTheBoundAndTheSurpriseOfEventsItDidNotSee() throws IOException {
        List<EpochReport> history = train(8, 0.01);
        EpochReport first = history.get(0);
        EpochReport last = history.get(history.size() - 1);
        // The pipeline's events are worth some seven nats to who knows nothing of them, and two or three less to who
        // does; a tenth is far above what one seed differs from another.
        assertThat(last.trainingLoss()).isLessThan(first.trainingLoss() - 1);
        assertThat(last.validationLoss()).isLessThan(first.validationLoss() - 1);
    }

    @Test
    void shouldCountTheDivergenceInTheTrainingLossAlone() throws IOException {
        // Weights that hardly move: both losses are of the network that training started with.
        EpochReport only = train(1, 1e-9).get(0);
        assertThat(only.trainingLoss() - only.validationLoss()).isGreaterThan(0.05);
    }
}
