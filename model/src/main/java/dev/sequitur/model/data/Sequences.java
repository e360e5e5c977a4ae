package dev.sequitur.model.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Events grouped by entity. */
public final class Sequences {
    private Sequences() {}

    /** Reads a source to its end, into memory. Entities stand in the order of their first events. */
    public static List<EntitySequence> read(EventSource source) throws IOException {
        return group(events(source));
    }

    /** The events of a source in its order, in memory. */
    public static List<Event> events(EventSource source) throws IOException {
        List<Event> events = new ArrayList<>();
        for (Event event = source.next(); event != null; event = source.next()) {
            events.add(event);
        }
        return events;
    }

    /**
     * The same events, entity after entity, in the order of their first events' times. Gives a topic of several
     * partitions, which a broker serves in any mixture, one order; an entity's own events stay in theirs.
     */
    public static List<Event> byEntity(List<Event> events) {
        return group(events).stream()
                .sorted(Comparator.comparingLong(
                                (EntitySequence s) -> s.events().get(0).timeMs())
                        .thenComparing(EntitySequence::entity))
                .flatMap(sequence -> sequence.events().stream())
                .toList();
    }

    /** Events grouped by entity. Entities stand in the order of their first events. */
    public static List<EntitySequence> group(List<Event> events) {
        Map<String, List<Event>> byEntity = new LinkedHashMap<>();
        for (Event event : events) {
            byEntity.computeIfAbsent(event.entity(), entity -> new ArrayList<>())
                    .add(event);
        }
        return byEntity.entrySet().stream()
                .map(entry -> new EntitySequence(entry.getKey(), entry.getValue()))
                .toList();
    }
}
