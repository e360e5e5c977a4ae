package dev.sequitur.model.train;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventSpool;
import dev.sequitur.model.data.GroupedEvents;
import dev.sequitur.model.spec.PipelineSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Events in memory as a training gets them. */
final class Grouped {
    private static final Path DIRECTORY = Path.of(System.getProperty("java.io.tmpdir"));

    private Grouped() {}

    static TrainingData data(PipelineSpec spec, List<Event> events) throws IOException {
        try (EventSpool spool = new EventSpool(DIRECTORY)) {
            for (Event event : events) {
                spool.add(event);
            }
            try (GroupedEvents grouped = spool.group(EventSpool.Order.ARRIVAL)) {
                return new TrainingData(spec, grouped, DIRECTORY);
            }
        }
    }
}
