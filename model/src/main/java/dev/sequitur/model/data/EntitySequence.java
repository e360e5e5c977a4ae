package dev.sequitur.model.data;

import java.util.List;

/** All events of an entity, in the order in which they came. */
public record EntitySequence(String entity, List<Event> events) {
    public EntitySequence {
        events = List.copyOf(events);
        if (events.isEmpty()) {
            throw new IllegalArgumentException("a sequence needs >= 1 events, got none of entity '" + entity + "'");
        }
    }
}
