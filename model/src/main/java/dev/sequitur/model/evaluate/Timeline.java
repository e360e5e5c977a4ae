package dev.sequitur.model.evaluate;

import dev.sequitur.model.data.EntitySequence;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.Sequences;
import dev.sequitur.model.data.Split;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.spec.PipelineSpec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The events of a part of the data in the order of their source, each entity's end after its last event where the spec
 * knows one. What an evaluation runs over, offline or through Kafka.
 */
public final class Timeline {
    /**
     * One event, or the end of an entity's sequence.
     *
     * @param sequence number of the entity
     * @param event null for the end
     * @param clock as the event finds it
     * @param counted whether it is of the part that is evaluated; others only bring the state there
     */
    public record Step(int sequence, String entity, Event event, EntityClock clock, boolean counted) {
        public boolean end() {
            return event == null;
        }
    }

    /** Which part of the data. */
    public enum Part {
        TRAIN,
        VALIDATION,
        TEST,
        ALL
    }

    private final List<Step> steps = new ArrayList<>();
    private final int sequences;

    private Timeline(int sequences) {
        this.sequences = sequences;
    }

    /** @param events in the order of their source */
    public static Timeline of(PipelineSpec spec, List<Event> events, Part part) {
        List<EntitySequence> grouped = Sequences.group(events);
        // Without a part to cut off, data too small to be split will do.
        Split split =
                part == Part.ALL ? null : Split.of(grouped, spec.training().split());
        Map<String, Integer> numbers = new HashMap<>();
        boolean[] wanted = new boolean[grouped.size()];
        for (int s = 0; s < grouped.size(); s++) {
            numbers.put(grouped.get(s).entity(), s);
            for (Event event : grouped.get(s).events()) {
                wanted[s] |= counts(split, s, event, part);
            }
        }
        Timeline timeline = new Timeline(grouped.size());
        boolean ends = spec.end() instanceof PipelineSpec.EndSpec.Last;
        int[] seen = new int[grouped.size()];
        EntityClock[] clocks = new EntityClock[grouped.size()];
        java.util.Arrays.fill(clocks, EntityClock.START);
        for (Event event : events) {
            int s = numbers.get(event.entity());
            seen[s]++;
            if (!wanted[s]) {
                continue;
            }
            boolean counted = counts(split, s, event, part);
            EntityClock found = clocks[s].at(event.timeMs(), spec.sessionGap().orElse(null));
            timeline.steps.add(new Step(s, event.entity(), event, found, counted));
            clocks[s] = event.last() ? EntityClock.START : found.after(event.timeMs());
            if (ends && seen[s] == grouped.get(s).events().size()) {
                timeline.steps.add(new Step(s, event.entity(), null, clocks[s], counted));
            }
        }
        return timeline;
    }

    private static boolean counts(Split split, int sequence, Event event, Part wanted) {
        return split == null || split.part(sequence, event.timeMs()).name().equals(wanted.name());
    }

    public List<Step> steps() {
        return steps;
    }

    /** Entities in the whole data; the numbers of {@link Step#sequence} lie below. */
    public int sequences() {
        return sequences;
    }
}
