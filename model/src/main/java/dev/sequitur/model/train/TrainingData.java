package dev.sequitur.model.train;

import dev.sequitur.model.data.EntitySequence;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.Split;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.FeatureEncoder;
import dev.sequitur.model.feature.FeatureLearner;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.Role;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Sequences split, learned from and encoded. What is learned comes from the training part alone.
 */
public final class TrainingData {
    /** Events that warm a state up where a segment starts in the middle of a sequence. */
    private static final int WARM_UP = 256;

    private final PipelineSpec spec;
    private final Map<String, LearnedField> learned;
    private final FeatureEncoder encoder;
    private final List<Segment> training = new ArrayList<>();
    private final List<Segment> validation = new ArrayList<>();
    private final Map<String, long[]> classCounts = new HashMap<>();
    private final List<String> warnings;

    /** @throws TrainingException when the training or the validation part is empty */
    public TrainingData(PipelineSpec spec, List<EntitySequence> sequences) {
        this.spec = spec;
        Split split = Split.of(sequences, spec.training().split());
        FeatureLearner learner = new FeatureLearner(spec);
        for (int s = 0; s < sequences.size(); s++) {
            int trained = prefix(sequences.get(s), s, split, 0, Split.Part.TRAIN);
            walk(sequences.get(s), (i, event, clock) -> {
                if (i < trained) {
                    learner.add(event, clock);
                }
            });
        }
        learned = learner.learned();
        warnings = new ArrayList<>(learner.warnings());
        warnings.addAll(ClassWeights.warnings(spec.training().classWeights(), learned));
        encoder = new FeatureEncoder(spec, learned);
        for (FieldSpec target : spec.fields(Role.TARGET)) {
            if (learned.get(target.name()) instanceof LearnedField.Vocabulary vocabulary) {
                classCounts.put(target.name(), new long[vocabulary.size()]);
            }
        }
        for (int s = 0; s < sequences.size(); s++) {
            addSegments(sequences.get(s), s, split);
        }
        requireEvents("training", training, sequences);
        requireEvents("validation", validation, sequences);
    }

    @FunctionalInterface
    private interface Step {
        void at(int index, Event event, EntityClock clock);
    }

    private void walk(EntitySequence sequence, Step step) {
        EntityClock clock = EntityClock.START;
        for (int i = 0; i < sequence.events().size(); i++) {
            Event event = sequence.events().get(i);
            EntityClock found = clock.at(event.timeMs(), spec.sessionGap().orElse(null));
            step.at(i, event, found);
            clock = event.last() ? EntityClock.START : found.after(event.timeMs());
        }
    }

    private void addSegments(EntitySequence sequence, int index, Split split) {
        int n = sequence.events().size();
        int width = encoder.width();
        boolean ends = spec.end() instanceof PipelineSpec.EndSpec.Last;
        float[] rows = new float[(n + (ends ? 1 : 0)) * width];
        walk(sequence, (i, event, clock) -> encoder.encode(event, clock, rows, i * width));
        if (ends) {
            encoder.encodeEnd(rows, n * width);
        }
        // Parts follow each other: train, validation, test. A late event of an earlier part is passed over.
        int trained = prefix(sequence, index, split, 0, Split.Part.TRAIN);
        int validated = prefix(sequence, index, split, trained, Split.Part.VALIDATION);
        countClasses(rows, trained, width);
        addPieces(rows, ends && trained == n ? n + 1 : trained, width);
        if (validated > trained) {
            int from = Math.max(0, trained - WARM_UP);
            int to = ends && validated == n ? n + 1 : validated;
            validation.add(new Segment(Arrays.copyOfRange(rows, from * width, to * width), to - from, trained - from));
        }
    }

    private void countClasses(float[] rows, int events, int width) {
        classCounts.forEach((field, counts) -> {
            int column = encoder.layout().of(spec.field(field)).offset();
            for (int i = 0; i < events; i++) {
                counts[(int) rows[i * width + column]]++;
            }
        });
    }

    private static int prefix(EntitySequence sequence, int index, Split split, int from, Split.Part part) {
        int to = from;
        while (to < sequence.events().size() && split.part(index, to) == part) {
            to++;
        }
        return to;
    }

    /**
     * Cuts a long sequence into pieces that lanes can train side by side. A piece starts two windows early; those
     * events only warm the state up.
     */
    private void addPieces(float[] rows, int length, int width) {
        int window = spec.training().window();
        int piece = 16 * window;
        int warmUp = 2 * window;
        for (int at = 0; at < length; at += piece) {
            int from = Math.max(0, at - warmUp);
            int to = Math.min(length, at + piece);
            training.add(new Segment(Arrays.copyOfRange(rows, from * width, to * width), to - from, at - from));
        }
    }

    private void requireEvents(String part, List<Segment> segments, List<EntitySequence> sequences) {
        if (segments.isEmpty()) {
            throw new TrainingException("The " + part + " part has no event: the data has " + sequences.size()
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
    public List<float[][]> goldens(int sequences, int longest) {
        List<float[][]> goldens = new ArrayList<>();
        List<Segment> candidates = new ArrayList<>(validation.subList(0, Math.min(100, validation.size())));
        candidates.sort((a, b) -> Integer.compare(b.length(), a.length()));
        for (Segment segment : candidates.subList(0, Math.min(sequences, candidates.size()))) {
            float[][] rows = new float[Math.min(longest, segment.length())][];
            for (int i = 0; i < rows.length; i++) {
                rows[i] = Arrays.copyOfRange(segment.rows(), i * encoder.width(), (i + 1) * encoder.width());
            }
            rows[0][encoder.layout().start().offset()] = 1f;
            goldens.add(rows);
        }
        return goldens;
    }
}
