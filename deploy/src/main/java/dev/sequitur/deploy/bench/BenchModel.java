package dev.sequitur.deploy.bench;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.train.TrainingListener;
import dev.sequitur.model.train.TrainingProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** The model that benchmarks run: one number an event, an LSTM, trained no longer than it takes to be a bundle. */
public final class BenchModel {
    private static final long START_MS = 1_700_000_000_000L;
    private static final int ENTITIES = 20;
    private static final int EVENTS = 40;

    private BenchModel() {}

    static Event event(String entity, long number, Random random) {
        return new Event(entity, START_MS + number, new Object[] {random.nextGaussian()}, false);
    }

    /** Writes the bundle. */
    public static void write(Path bundle, String cell, int units) throws IOException {
        String yaml =
                """
                name: bench
                entity: entity
                time: {field: time, max-ahead: 100000d}
                fields:
                  value: {kind: numeric}
                cell: {kind: %s, units: %d}
                training: {epochs: 1, lanes: 8, window: 8, threads: 1}
                """
                        .formatted(cell, units);
        Random random = new Random(1);
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < EVENTS; i++) {
            for (int e = 0; e < ENTITIES; e++) {
                events.add(event("entity-" + e, events.size(), random));
            }
        }
        TrainingProgram.run(
                yaml,
                events,
                new TrainingProgram.Origin(List.of("generated"), 0),
                bundle,
                false,
                TrainingListener.SILENT);
    }
}
