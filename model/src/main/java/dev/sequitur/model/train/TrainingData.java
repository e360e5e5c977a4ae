package dev.sequitur.model.train;

import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.GroupedEvents;
import dev.sequitur.model.data.Split;
import dev.sequitur.model.data.Split.Part;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.FeatureEncoder;
import dev.sequitur.model.feature.FeatureLearner;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.Role;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sequences split, learned from and encoded. What is learned comes from the training part alone. Events and their rows
 * stay on disk; in memory are some numbers an entity and some for every few hundred events.
 *
 * <p>Threading: belongs to one thread.
 */
public final class TrainingData implements AutoCloseable {
    /** Events that warm a state up where a segment starts in the middle of a sequence. */
    private static final int WARM_UP = 256;

    private final PipelineSpec spec;
    private final Map<String, LearnedField> learned;
    private final FeatureEncoder encoder;
    private final Split split;
    private final RowFile rows;
    private final List<Segment> training = new ArrayList<>();
    private final List<Segment> validation = new ArrayList<>();
    private final Map<String, long[]> classCounts = new HashMap<>();
    private final List<String> warnings;

    /**
     * @param directory for what doesn't stay in memory
     * @throws TrainingException when the training or the validation part is empty
     */
    public TrainingData(PipelineSpec spec, GroupedEvents events, Path directory) throws IOException {
        this.spec = spec;
        split = Split.of(events, spec.training().split(), directory);
        try (FeatureLearner learner = new FeatureLearner(spec, directory)) {
            events.forEach(new Walk(events, split) {
                @Override
                void step(Part part, Event event, EntityClock clock) {
                    if (part == Part.TRAIN) {
                        learner.add(event, clock);
                    }
                }
            });
            learned = learner.learned();
            warnings = new ArrayList<>(learner.warnings());
        }
        warnings.addAll(ClassWeights.warnings(spec.training().classWeights(), learned));
        warnOfSingleEvents(events);
        encoder = new FeatureEncoder(spec, learned);
        for (FieldSpec target : spec.fields(Role.TARGET)) {
            if (learned.get(target.name()) instanceof LearnedField.Vocabulary vocabulary) {
                classCounts.put(target.name(), new long[vocabulary.size()]);
            }
        }
        rows = new RowFile(directory, encoder.width());
        try {
            events.forEach(new Encoding(events, split));
            requireEvents("training", training, events);
            requireEvents("validation", validation, events);
        } catch (IOException | RuntimeException e) {
            rows.close();
            throw e;
        }
    }

    private void warnOfSingleEvents(GroupedEvents events) {
        int single = 0;
        for (int i = 0; i < events.entities(); i++) {
            single += events.events(i) == 1 ? 1 : 0;
        }
        if (single == events.entities()) {
            warnings.add("each of the " + single + " entities has one event, so there is no past to learn from;"
                    + " is " + String.join(", ", spec.entity()) + " what tells entities apart?");
        }
    }

    /**
     * Goes along each entity's events with its clock, up to where its parts end. Parts follow each other: train,
     * validation, test. A late event of an earlier part is passed over, and so is all that comes after it.
     */
    private abstract class Walk implements GroupedEvents.Visitor {
        private final GroupedEvents events;
        private final Split split;
        private EntityClock clock;
        private Part at;

        Walk(GroupedEvents events, Split split) {
            this.events = events;
            this.split = split;
        }

        @Override
        public void event(int entity, long index, Event event) throws IOException {
            if (index == 0) {
                clock = EntityClock.START;
                at = Part.TRAIN;
            }
            Part part = split.part(entity, event.timeMs());
            if (part != at && at != Part.TEST) {
                at = at == Part.TRAIN && part == Part.VALIDATION ? part : Part.TEST;
            }
            if (at != Part.TEST) {
                EntityClock found = clock.at(event.timeMs(), spec.sessionGap().orElse(null));
                step(at, event, found);
                clock = event.last() ? EntityClock.START : found.after(event.timeMs());
            }
            if (index == events.events(entity) - 1) {
                end(at);
            }
        }

        abstract void step(Part part, Event event, EntityClock found) throws IOException;

        /** @param part of the entity's last event */
        void end(Part part) throws IOException {}
    }

    /** Writes the rows of an entity, and cuts them into segments. */
    private final class Encoding extends Walk {
        private final float[] row = new float[encoder.width()];
        private final boolean ends = spec.end() instanceof PipelineSpec.EndSpec.Last;
        private long first = rows.size();
        private int trained;
        private int validated;

        Encoding(GroupedEvents events, Split split) {
            super(events, split);
        }

        @Override
        void step(Part part, Event event, EntityClock clock) throws IOException {
            encoder.encode(event, clock, row, 0);
            rows.append(row);
            if (part == Part.TRAIN) {
                trained++;
                classCounts.forEach((field, counts) ->
                        counts[(int) row[encoder.layout().of(spec.field(field)).offset()]]++);
            } else {
                validated++;
            }
        }

        @Override
        void end(Part part) throws IOException {
            if (ends && part != Part.TEST) {
                encoder.encodeEnd(row, 0);
                rows.append(row);
            }
            int trainedTo = trained + (ends && part == Part.TRAIN ? 1 : 0);
            addPieces(first, trainedTo);
            if (validated > 0) {
                int from = Math.max(0, trained - WARM_UP);
                int to = trained + validated + (ends && part == Part.VALIDATION ? 1 : 0);
                validation.add(new Segment(first + from, to - from, trained - from));
            }
            first = rows.size();
            trained = 0;
            validated = 0;
        }
    }

    /**
     * Cuts a long sequence into pieces that lanes can train side by side. A piece starts two windows early; those
     * events only warm the state up.
     */
    private void addPieces(long first, int length) {
        int window = spec.training().window();
        int piece = 16 * window;
        int warmUp = 2 * window;
        for (int at = 0; at < length; at += piece) {
            int from = Math.max(0, at - warmUp);
            int to = Math.min(length, at + piece);
            training.add(new Segment(first + from, to - from, at - from));
        }
    }

    private void requireEvents(String part, List<Segment> segments, GroupedEvents events) {
        if (segments.isEmpty()) {
            throw new TrainingException("The " + part + " part has no event: the data has " + events.entities()
                    + " entities, and training.split is " + spec.training().split()
                    + ". Give more data, or set training.split.by to "
                    + (spec.training().split().by() == PipelineSpec.SplitSpec.By.ENTITY ? "time" : "entity"));
        }
    }

    PipelineSpec spec() {
        return spec;
    }

    /** What was learned, by field. */
    public Map<String, LearnedField> learned() {
        return learned;
    }

    public FeatureEncoder encoder() {
        return encoder;
    }

    /** What a user should know of the data. */
    public List<String> warnings() {
        return warnings;
    }

    /** Which part each event is of. */
    Split split() {
        return split;
    }

    /** Where the rows of the segments are. */
    RowFile rows() {
        return rows;
    }

    List<Segment> training() {
        return training;
    }

    List<Segment> validation() {
        return validation;
    }

    /** How many of the training events have each slot of a categorical target, by field. */
    Map<String, long[]> classCounts() {
        return classCounts;
    }

    /** Events that count in the training loss, ends included. */
    public long trainingEvents() {
        return training.stream().mapToLong(s -> s.length() - s.from()).sum();
    }

    /** Events that count in the validation loss, ends included. */
    public long validationEvents() {
        return validation.stream().mapToLong(s -> s.length() - s.from()).sum();
    }

    /** Rows of a few sequences for the bundle's goldens, longest of the first hundred first. */
    public List<float[][]> goldens(int sequences, int longest) throws IOException {
        List<float[][]> goldens = new ArrayList<>();
        List<Segment> candidates = new ArrayList<>(validation.subList(0, Math.min(100, validation.size())));
        candidates.sort((a, b) -> Integer.compare(b.length(), a.length()));
        for (Segment segment : candidates.subList(0, Math.min(sequences, candidates.size()))) {
            float[][] golden = new float[Math.min(longest, segment.length())][encoder.width()];
            for (int i = 0; i < golden.length; i++) {
                rows.read(segment.first() + i, 1, golden[i], 0);
            }
            golden[0][encoder.layout().start().offset()] = 1f;
            goldens.add(golden);
        }
        return goldens;
    }

    @Override
    public void close() throws IOException {
        rows.close();
    }
}
