package dev.sequitur.model;

import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.FeatureEncoder;
import dev.sequitur.model.score.Explainer;
import dev.sequitur.model.score.Scorer;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.step.StepFunction;

/**
 * All that scoring an event takes, whoever made it: a loaded bundle, or a test.
 *
 * @param fingerprint names the weights, the encoding and the layout of the state row; state written under one
 *     fingerprint is never read under another
 */
public record SequenceModel(
        String fingerprint,
        PipelineSpec spec,
        FeatureEncoder encoder,
        StepFunction step,
        Explainer explainer,
        Scorer scorer) {

    /**
     * Whether an event raises an alarm.
     *
     * @param clock as the event found it: while the session warms up nothing alarms
     */
    public boolean alarm(double surprise, EntityClock clock) {
        return clock.steps() >= spec.task().alarm().warmUp() && scorer.alarm(surprise);
    }
}
