package dev.sequitur.model.generate;

import dev.sequitur.model.SequenceModel;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.head.HeadLayout;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.Role;
import dev.sequitur.model.step.StepBatch;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;

/**
 * Draws what may follow: an event is drawn from the predicted distribution, fed to the network as if it had come, and so
 * on (Graves, "Generating sequences with recurrent neural networks", 2013, arXiv 1308.0850, sections 2 and 3). Samples are
 * stepped side by side.
 *
 * <p>END is drawn first, then every predicted field by itself; the time to the next event moves the clock, from which
 * derived fields are computed. What is drawn from is the prediction from the state alone: fields that are only given
 * don't inform it, since their values would come with the event. An input that is neither predicted nor derived has no
 * distribution to be drawn from, nor has time where the spec doesn't predict it: {@link Options#hold} keeps such inputs,
 * and the time between events, as they last were.
 *
 * <p>Threading: immutable; {@link #run} may be called by many threads.
 */
public final class Rollout {
    /** The end of the year 9999: what is drawn later stays there. */
    private static final long LATEST_MS = 253_402_300_799_999L;

    private final SequenceModel model;
    private final Map<String, LearnedField> learned;
    private final HeadLayout heads;

    /**
     * @param steps events of a sample, at most
     * @param samples drawn side by side
     * @param temperature 1: from the predicted distribution; below 1 nearer to the likeliest, which 0 takes itself
     * @param topK values of a categorical field that are drawn from, likeliest first; 0: all
     * @param seed same seed, same samples
     * @param hold keep inputs that aren't predicted as they last were
     */
    public record Options(int steps, int samples, double temperature, int topK, long seed, boolean hold) {
        public Options {
            require(steps >= 1, "steps must be >= 1, got " + steps);
            require(samples >= 1, "samples must be >= 1, got " + samples);
            require(
                    temperature >= 0 && temperature <= Double.MAX_VALUE,
                    "temperature must be >= 0 and finite, got " + temperature);
            require(topK >= 0, "top k must be >= 0 (0: all), got " + topK);
        }

        private static void require(boolean condition, String message) {
            if (!condition) {
                throw new RolloutException(message);
            }
        }
    }

    /** @param learned of the model's fields: a bundle's {@code learned()} */
    public Rollout(SequenceModel model, Map<String, LearnedField> learned) {
        this.model = model;
        this.learned = Map.copyOf(learned);
        this.heads = model.explainer().heads();
    }

    /**
     * @return as many continuations as samples were asked for
     * @throws RolloutException when an input can't be drawn and isn't to be held
     */
    public List<Continuation> run(EntityPoint from, Options options) {
        if (!options.hold()) {
            requireDrawn();
        }
        SplittableRandom random = new SplittableRandom(options.seed());
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < options.samples(); i++) {
            samples.add(new Sample(from, new Draw(random.split(), options.temperature(), options.topK())));
        }
        StepBatch batch = new StepBatch(model.step().shape());
        for (int step = 0; step < options.steps(); step++) {
            samples.forEach(sample -> sample.draw(from));
            List<Sample> going = samples.stream().filter(s -> !s.ended).toList();
            if (step + 1 < options.steps()) {
                batch.resize(going.size());
                for (int row = 0; row < going.size(); row++) {
                    going.get(row).write(batch, row);
                }
                model.step().step(batch);
                for (int row = 0; row < going.size(); row++) {
                    going.get(row).read(batch, row);
                }
            }
        }
        return samples.stream().map(s -> new Continuation(s.events, s.ended)).toList();
    }

    private void requireDrawn() {
        boolean timed = model.spec().fields(Role.TARGET).stream().anyMatch(f -> f instanceof FieldSpec.SincePrevious);
        String undrawn = model.spec().fields(Role.INPUT).stream()
                .filter(f -> !f.is(Role.TARGET))
                .filter(f -> values(f) || readsTime(f) && !timed)
                .map(FieldSpec::name)
                .collect(Collectors.joining(", "));
        if (!undrawn.isEmpty()) {
            throw new RolloutException("The model reads " + undrawn + ", but doesn't predict "
                    + (timed ? "it" : "it, or the time that it is derived from")
                    + ", so what follows can't be drawn. Hold such inputs as they last were (--hold), or train with role"
                    + " [input, target]; time is predicted by a field of kind since-previous that is a target");
        }
    }

    /** Whether events bring the field's value with them; other fields are derived. */
    private static boolean values(FieldSpec field) {
        return field instanceof FieldSpec.Numeric
                || field instanceof FieldSpec.Categorical
                || field instanceof FieldSpec.Flags;
    }

    private static boolean readsTime(FieldSpec field) {
        return field instanceof FieldSpec.SincePrevious
                || field instanceof FieldSpec.SinceStart
                || field instanceof FieldSpec.Calendar;
    }

    /** One continuation while it grows. */
    private final class Sample {
        private final Draw draw;
        private final List<Event> events = new ArrayList<>();
        private float[] state;
        private float[] prediction;
        private EntityClock clock;
        private boolean ended;

        Sample(EntityPoint from, Draw draw) {
            this.draw = draw;
            this.state = from.state();
            this.prediction = from.prediction();
            this.clock = from.clock();
        }

        /** Draws the next event, or the end. */
        void draw(EntityPoint from) {
            if (ended) {
                return;
            }
            Optional<HeadLayout.Target> end =
                    heads.targets().stream().filter(HeadLayout.Target::end).findFirst();
            if (end.isPresent() && draw.yes(prediction[end.get().parameters().offset()])) {
                ended = true;
                return;
            }
            List<FieldSpec> fields = model.spec().fields();
            Object[] values = new Object[fields.size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = held(fields.get(i), from.last().values()[i]);
            }
            long gapMs = from.gapMs();
            for (HeadLayout.Target target : heads.targets()) {
                int at = target.parameters().offset();
                if (target.field() instanceof FieldSpec.SincePrevious) {
                    LearnedField.Scale scale = (LearnedField.Scale) learned.get(target.name());
                    gapMs = Math.max(0, Math.round(scale.inverse(draw.number(target, prediction, at))));
                } else if (!target.end()) {
                    values[fields.indexOf(target.field())] = value(target, at);
                }
            }
            long timeMs = Math.min(clock.lastEventMs() + Math.min(gapMs, LATEST_MS), LATEST_MS);
            Event event =
                    new Event(from.last().entity(), Math.max(timeMs, clock.lastEventMs()), values, closes(values));
            events.add(event);
            ended = event.last();
        }

        private Object value(HeadLayout.Target target, int at) {
            if (target.field() instanceof FieldSpec.Flags flags) {
                boolean[] set = new boolean[flags.flags().size()];
                for (int i = 0; i < set.length; i++) {
                    set[i] = draw.yes(prediction[at + i]);
                }
                return set;
            } else if (target.field() instanceof FieldSpec.Categorical) {
                LearnedField.Vocabulary vocabulary = (LearnedField.Vocabulary) learned.get(target.name());
                int slot = draw.category(prediction, at, vocabulary.size());
                return slot == LearnedField.Vocabulary.MISSING ? null : vocabulary.value(slot);
            }
            LearnedField.Scale scale = (LearnedField.Scale) learned.get(target.name());
            return scale.inverse(draw.number(target, prediction, at));
        }

        void write(StepBatch batch, int row) {
            Event event = events.get(events.size() - 1);
            EntityClock found =
                    clock.at(event.timeMs(), model.spec().sessionGap().orElse(null));
            model.encoder()
                    .encode(event, found, batch.features, row * batch.shape().features());
            System.arraycopy(state, 0, batch.state, row * state.length, state.length);
            clock = found.after(event.timeMs());
        }

        void read(StepBatch batch, int row) {
            int parameters = batch.shape().parameters();
            state = java.util.Arrays.copyOfRange(batch.state, row * state.length, (row + 1) * state.length);
            prediction = java.util.Arrays.copyOfRange(batch.prediction, row * parameters, (row + 1) * parameters);
        }
    }

    /** The value of a field that isn't drawn: inputs as they last were; the network reads nothing else. */
    private static Object held(FieldSpec field, Object last) {
        if (field.is(Role.INPUT)) {
            return last;
        }
        return field instanceof FieldSpec.Flags flags
                ? new boolean[flags.flags().size()]
                : null;
    }

    /** Whether the spec says that an event with these values is its entity's last. */
    private boolean closes(Object[] values) {
        if (model.spec().end() instanceof PipelineSpec.EndSpec.Value end) {
            for (int i = 0; i < values.length; i++) {
                if (model.spec().fields().get(i) instanceof FieldSpec.Categorical field
                        && field.column().equals(end.column())
                        && values[i] != null
                        && end.values().contains(values[i].toString())) {
                    return true;
                }
            }
        }
        return false;
    }
}
