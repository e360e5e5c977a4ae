package dev.sequitur.model.generate;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.step.StepBatch;
import java.util.Arrays;
import java.util.List;

/**
 * Where an entity stands after its last event.
 *
 * @param state row [S] after that event
 * @param prediction parameters [P] of the event after it, as that step gave them
 * @param clock after that event
 * @param last that event
 * @param gapMs time between the last two events, 0 where there was one: how fast time goes on where the model doesn't
 *     predict it
 */
public record EntityPoint(float[] state, float[] prediction, EntityClock clock, Event last, long gapMs) {
    /**
     * Steps one entity's events from a fresh state.
     *
     * @throws RolloutException when there is none, or the last one closes the sequence
     */
    public static EntityPoint after(SequenceModel model, List<Event> events) {
        if (events.isEmpty()) {
            throw new RolloutException("There is no event to continue from");
        }
        Event last = events.get(events.size() - 1);
        if (last.last()) {
            throw new RolloutException("The last event of entity '" + last.entity()
                    + "' closes its sequence: nothing follows it. Choose another entity");
        }
        StepBatch batch = new StepBatch(model.step().shape());
        batch.resize(1);
        EntityClock clock = EntityClock.START;
        long gapMs = 0;
        for (Event event : events) {
            EntityClock found =
                    clock.at(event.timeMs(), model.spec().sessionGap().orElse(null));
            model.encoder().encode(event, found, batch.features, 0);
            model.step().step(batch);
            gapMs = clock.steps() == 0 ? 0 : Math.max(0, event.timeMs() - clock.lastEventMs());
            clock = event.last() ? EntityClock.START : found.after(event.timeMs());
        }
        return new EntityPoint(
                Arrays.copyOf(batch.state, batch.shape().state()),
                Arrays.copyOf(batch.prediction, batch.shape().parameters()),
                clock,
                last,
                gapMs);
    }
}
