package dev.sequitur.model.reference;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.model.train.TrainingListener;
import dev.sequitur.model.train.TrainingProgram;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A small pipeline with a field of every kind, and events that it can learn: each entity walks around a ring of letters,
 * clockwise or counter-clockwise, faster where the level is high.
 */
public final class TinyPipeline {
    private static final String[] RING = {"a", "b", "c", "d", "e"};
    private static final long START_MS = 1_700_000_000_000L;

    private TinyPipeline() {}

    /** The spec's YAML, with a cell and the options of {@code training}. */
    public static String yaml(String cell, String training) {
        return """
                name: tiny
                entity: id
                time: at
                session: {gap: 12h}
                end: last
                fields:
                  letter: {kind: categorical, embedding: 3}
                  level: {kind: numeric, optional: true}
                  lights: {kind: flags, flags: [red, green]}
                  direction: {kind: categorical, role: [given, input], embedding: 2}
                  gap: {kind: since-previous, role: [input, target], components: 2}
                  age: {kind: since-start}
                  place: {kind: position}
                  clock: {kind: calendar, parts: [hour-of-day, day-of-week]}
                  speed: {kind: numeric, components: 2}
                task: {predict: [letter, gap, END], top: 3, alarm: {on: [letter, level, END], rate: 0.01}}
                cell: %s
                training: %s
                """
                .formatted(cell, training);
    }

    public static PipelineSpec spec(String cell) {
        return PipelineSpecReader.parse(yaml(cell, TRAINING), "tiny");
    }

    /** A training of a second or two, repeatable. */
    public static final String TRAINING = "{epochs: 3, lanes: 8, window: 6, learning-rate: 0.01, dropout: 0.1, seed: 3,"
            + " threads: 1, split: {by: entity, test: 0.1, validation: 0.2}}";

    /** Events of several entities, interleaved, each entity's in the order of time. */
    public static List<Event> events(int entities, int perEntity, long seed) {
        Random random = new Random(seed);
        int[] letter = new int[entities];
        long[] time = new long[entities];
        boolean[] clockwise = new boolean[entities];
        for (int e = 0; e < entities; e++) {
            letter[e] = random.nextInt(RING.length);
            time[e] = START_MS + random.nextInt(3_600_000);
            clockwise[e] = random.nextBoolean();
        }
        List<Event> events = new ArrayList<>();
        for (int i = 0; i < perEntity; i++) {
            for (int e = 0; e < entities; e++) {
                double level = Math.sin(i / 3.0) + 0.1 * random.nextGaussian();
                letter[e] = Math.floorMod(letter[e] + (clockwise[e] ? 1 : -1), RING.length);
                // Now and then an entity rests for longer than the session's gap.
                long pause = random.nextInt(25) == 0 ? 50_000_000L : (long) (60_000 * Math.exp(-level) + 1);
                time[e] += pause;
                events.add(new Event(
                        "entity-" + e,
                        time[e],
                        new Object[] {
                            RING[letter[e]],
                            random.nextInt(10) == 0 ? null : (Double) level,
                            new boolean[] {level > 0, random.nextBoolean()},
                            clockwise[e] ? "right" : "left",
                            null,
                            null,
                            null,
                            null,
                            level > 0 ? 3 + level : 0.1 * random.nextGaussian()
                        },
                        false));
            }
        }
        return events;
    }

    /** Trains a bundle on {@link #events}. */
    public static TrainingProgram.Summary train(String cell, Path out) throws IOException {
        return train(cell, 1, out);
    }

    /** Trains an ensemble on {@link #events}. */
    public static TrainingProgram.Summary train(String cell, int members, Path out) throws IOException {
        return TrainingProgram.run(
                yaml(cell, TRAINING),
                events(40, 30, 1),
                new TrainingProgram.Origin(List.of("tiny"), 0),
                out,
                members,
                false,
                TrainingListener.SILENT);
    }
}
