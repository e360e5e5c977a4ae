package dev.sequitur.model.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Events grouped by entity. */
public final class Sequences {
    private Sequences() {}

    /** Reads a source to its end, into memory. Entities stand in the order of their first events. */
    public static List<EntitySequence> read(EventSource source) throws IOException {
        Map<String, List<Event>> events = new LinkedHashMap<>();
        for (Event event = source.next(); event != null; event = source.next()) {
            events.computeIfAbsent(event.entity(), entity -> new ArrayList<>()).add(event);
        }
        return events.entrySet().stream()
                .map(entry -> new EntitySequence(entry.getKey(), entry.getValue()))
                .toList();
    }
}
