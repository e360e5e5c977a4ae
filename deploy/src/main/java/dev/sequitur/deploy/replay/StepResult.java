package dev.sequitur.deploy.replay;

import dev.sequitur.model.evaluate.StepOutcome;
import dev.sequitur.model.score.Verdict;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import java.util.List;
import java.util.Optional;

/**
 * What the topology wrote for one step.
 *
 * @param prediction empty after the last event of a sequence
 */
public record StepResult(Score score, Optional<Prediction> prediction) {
    public StepOutcome outcome() {
        return new StepOutcome(
                new Verdict(score.getSurprise(), score.getScore(), score.getAlarm(), score.getAlarming()),
                score.getFields(),
                prediction.map(Prediction::getFields).orElse(List.of()));
    }
}
