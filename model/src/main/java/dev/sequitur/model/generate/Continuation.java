package dev.sequitur.model.generate;

import dev.sequitur.model.data.Event;
import java.util.List;

/**
 * What may follow: one sample.
 *
 * @param events drawn, in the fields' own units; the first follows the entity's last known event
 * @param ended whether the sequence ended after them; otherwise the rollout did
 */
public record Continuation(List<Event> events, boolean ended) {
    public Continuation {
        events = List.copyOf(events);
    }
}
