package dev.sequitur.model;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.FeatureEncoder;
import dev.sequitur.model.score.Alarms;
import dev.sequitur.model.score.Explainer;
import dev.sequitur.model.score.Verdict;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.model.step.StepFunction;
import java.nio.ByteBuffer;

/**
 * All that scoring an event takes, whoever made it: a loaded bundle, or a test.
 *
 * @param fingerprint names the weights, the encoding, the layout of the state row and that of the alarms' memory; state
 *     written under one fingerprint is never read under another
 */
public record SequenceModel(
        String fingerprint,
        PipelineSpec spec,
        FeatureEncoder encoder,
        StepFunction step,
        Explainer explainer,
        Alarms alarms) {

    /**
     * Judges an event that was stepped in row {@code row} of the batch; an entity's events in their order.
     *
     * @param event null for the end of the sequence
     * @param clock as the event found it
     * @param memory of the entity, see {@link Alarms#memory}; what is to be remembered goes into it
     */
    public Verdict judge(Event event, EntityClock clock, StepBatch batch, int row, ByteBuffer memory) {
        // END has no event time of its own: it follows the last event at once.
        long timeMs = event == null ? clock.lastEventMs() : event.timeMs();
        return alarms.judge(explainer.observe(event, batch, row), clock, timeMs, memory);
    }
}
