package dev.sequitur.model.spec;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * What a user writes (YAML, see {@link PipelineSpecReader}): which entity, which time, which fields, what to predict,
 * with which network. Training compiles it with what it learned into the bundle.
 *
 * @param name of the pipeline: letters, digits, dash
 * @param entity the columns whose values together name the entity
 * @param sessionGap an event that comes later than this after its entity's last one starts from a fresh state
 */
public record PipelineSpec(
        String name,
        List<String> entity,
        TimeSpec time,
        Optional<Duration> sessionGap,
        EndSpec end,
        List<FieldSpec> fields,
        TaskSpec task,
        CellSpec cell,
        TrainingSpec training,
        DataSpec data) {

    /** What {@code predict}, {@code alarm.on} and {@code weights} call the end of the sequence; no field has this name. */
    public static final String END = "END";

    public PipelineSpec {
        entity = List.copyOf(entity);
        fields = List.copyOf(fields);
    }

    public List<FieldSpec> fields(Role role) {
        return fields.stream().filter(f -> f.is(role)).toList();
    }

    /** This spec with another training. */
    public PipelineSpec with(TrainingSpec otherTraining) {
        return new PipelineSpec(name, entity, time, sessionGap, end, fields, task, cell, otherTraining, data);
    }

    /** @throws NoSuchElementException when no field has that name */
    public FieldSpec field(String fieldName) {
        return fields.stream()
                .filter(f -> f.name().equals(fieldName))
                .findFirst()
                .orElseThrow(() -> new NoSuchElementException("no field '" + fieldName + "' in spec '" + name + "'"));
    }

    /**
     * @param format {@code epoch-millis}, {@code epoch-seconds}, {@code iso-8601}, or a pattern of
     *     {@link java.time.format.DateTimeFormatter}
     * @param zone of a pattern without an offset
     * @param earliest an event before it is malformed
     * @param maxAhead an event later than the wall clock by more than this is malformed
     */
    public record TimeSpec(String column, String format, String zone, Instant earliest, Duration maxAhead) {
        /**
         * Reads times of a pattern.
         *
         * @throws IllegalArgumentException when it is no pattern
         */
        public static DateTimeFormatter formatter(String pattern) {
            // Strict, so that the 31st of April is refused; strict years need an era, which no pattern has.
            return new DateTimeFormatterBuilder()
                    .appendPattern(pattern)
                    .parseDefaulting(ChronoField.ERA, 1)
                    .toFormatter(Locale.ENGLISH)
                    .withResolverStyle(ResolverStyle.STRICT);
        }
    }

    /** How the end of an entity's sequence shows itself. */
    public sealed interface EndSpec {
        /** Sequences never end. */
        record None() implements EndSpec {}

        /**
         * Nothing follows the last event. In a file: an entity's last row is followed by END. On a topic: a record with
         * the entity's key and a null value is END. The network predicts END.
         */
        record Last() implements EndSpec {}

        /** An event with one of these values in the column is its entity's last; the state is dropped after it. */
        record Value(String column, List<String> values) implements EndSpec {
            public Value {
                values = List.copyOf(values);
            }
        }
    }

    /**
     * @param predict names of the target fields (and END) whose distribution is written to the prediction topic
     * @param top how many values of a categorical or flags field a prediction lists
     * @param minPrefix metrics count predictions made after at least this many events of the session
     */
    public record TaskSpec(List<String> predict, int top, int minPrefix, AlarmSpec alarm) {
        public TaskSpec {
            predict = List.copyOf(predict);
        }
    }

    /**
     * /** What computes a cell that has TensorFlow's fused kernels. The function is the same. */
    public enum Kernel {
        /** Fused in training and in blocks of steps, where it was measured to be faster; plain in single steps. */
        AUTO,
        PLAIN,
        FUSED
    }

    /**
     * @param units hidden units of each layer, lowest first
     * @param periods of a clockwork cell's modules, ascending; empty for other kinds
     * @param latent Z, floats of a vrnn's latent variable; 0 for other kinds
     * @param attention W, outputs that the network attends to; 0: none
     * @param residual whether layers above the lowest add their output to what they got
     * @param layerNorm whether what layers hand on is normalised
     * @param kernel what computes it
     * @param maxLag events that gates start out remembering; 0: as the kind's own biases have it
     */
    public record CellSpec(
            String kind,
            List<Integer> units,
            List<Integer> periods,
            int latent,
            int attention,
            boolean residual,
            boolean layerNorm,
            Kernel kernel,
            int maxLag) {
        /** The kinds that a spec may name. */
        public static final List<String> KINDS = List.of(
                "rnn",
                "lstm",
                "lstm-peephole",
                "lstm-coupled",
                "lstm-depth-gated",
                "gru",
                "mgu",
                "mingru",
                "minlstm",
                "clockwork",
                "grid-lstm",
                "vrnn");

        /** The kinds whose gates can start out remembering for long. */
        public static final List<String> LAG_KINDS = List.of(
                "lstm",
                "lstm-peephole",
                "lstm-coupled",
                "lstm-depth-gated",
                "gru",
                "mgu",
                "mingru",
                "minlstm",
                "grid-lstm",
                "vrnn");

        public CellSpec {
            units = List.copyOf(units);
            periods = List.copyOf(periods);
        }

        /** A kind that has no options, without wrappers. */
        public CellSpec(String kind, List<Integer> units) {
            this(kind, units, List.of(), 0, 0, false, false, Kernel.AUTO, 0);
        }

        /**
         * Steps after which a clockwork cell's modules tick as they did before: the least common multiple of the periods.
         *
         * @throws ArithmeticException when it is beyond 2^24, more than a float counts exactly
         */
        public int cycle() {
            return cycle(periods);
        }

        /** {@link #cycle()} of those periods. */
        static int cycle(List<Integer> periods) {
            long cycle = 1;
            for (int period : periods) {
                cycle = cycle / gcd(cycle, period) * period;
                if (cycle > 1 << 24) {
                    throw new ArithmeticException("the least common multiple of " + periods + " is beyond 2^24");
                }
            }
            return (int) cycle;
        }

        private static long gcd(long a, long b) {
            return b == 0 ? a : gcd(b, a % b);
        }
    }

    /**
     * @param lanes entities trained side by side
     * @param window steps that gradients flow back through
     * @param schedule how the learning rate changes on the way
     * @param clipNorm largest global norm of a gradient
     * @param weightDecay share of a kernel or an embedding that a step takes off, times the learning rate; 0: none
     * @param dropout share of a layer's outputs that training drops
     * @param givenDropout share of events whose given fields training hides, so that a prediction without them is sane
     * @param averaging share of its past that the running average of the weights keeps at a step; the average is what
     *     is validated and kept. 0: none
     * @param patience epochs without a better validation loss before training stops
     * @param weights of target fields (and END) in the loss; 1 where not named
     * @param classWeights of the values of categorical targets in the training loss; 1 where not named
     * @param sampled classes that the training loss samples for a categorical target that has more of them; 0: it takes
     *     all
     * @param threads that TensorFlow may use; 0: all cores. One makes a run repeatable to the bit
     */
    public record TrainingSpec(
            int epochs,
            int lanes,
            int window,
            double learningRate,
            ScheduleSpec schedule,
            double clipNorm,
            double weightDecay,
            double dropout,
            double givenDropout,
            double averaging,
            int patience,
            long seed,
            int threads,
            Map<String, Double> weights,
            Map<String, ClassWeightSpec> classWeights,
            int sampled,
            SplitSpec split) {
        public TrainingSpec {
            weights = Map.copyOf(weights);
            classWeights = Map.copyOf(classWeights);
        }

        /**
         * Whether a training by that spec can go on by this one, as if it had never been another: all but its length is
         * the same, and its length too where the schedule follows from it.
         */
        public boolean continues(TrainingSpec before) {
            int epochsBefore = schedule instanceof ScheduleSpec.Cosine ? before.epochs : epochs;
            TrainingSpec sameLength = new TrainingSpec(
                    epochsBefore,
                    before.lanes,
                    before.window,
                    before.learningRate,
                    before.schedule,
                    before.clipNorm,
                    before.weightDecay,
                    before.dropout,
                    before.givenDropout,
                    before.averaging,
                    patience,
                    before.seed,
                    before.threads,
                    before.weights,
                    before.classWeights,
                    before.sampled,
                    before.split);
            return sameLength.equals(this);
        }
    }

    /** How the learning rate changes on the way. It rises from 0 in a straight line first, where it warms up. */
    public sealed interface ScheduleSpec {
        /** Epochs that the rate rises for; a part of one is allowed. */
        double warmUp();

        /** The rate stays as it is. */
        record Constant(double warmUp) implements ScheduleSpec {}

        /**
         * The rate falls along half a cosine until the last of {@code epochs}.
         *
         * @param floor share of the rate that is left at the end
         */
        record Cosine(double warmUp, double floor) implements ScheduleSpec {}

        /**
         * The rate is cut after every so many epochs.
         *
         * @param floor share of the rate that it never falls below
         * @param factor what a cut leaves
         */
        record Step(double warmUp, double floor, int every, double factor) implements ScheduleSpec {}

        /**
         * The rate is cut whenever the validation loss hasn't been better for some epochs.
         *
         * @param floor share of the rate that it never falls below
         * @param factor what a cut leaves
         */
        record Plateau(double warmUp, double floor, int patience, double factor) implements ScheduleSpec {}
    }

    /** What the values of a categorical target weigh in the training loss. */
    public sealed interface ClassWeightSpec {
        /** As much as all other values that training sees: n/(K·n_c) for one that n_c of n events have, of K values. */
        record Balanced() implements ClassWeightSpec {}

        /** What is named; 1 where a value is not. */
        record Named(Map<String, Double> weights) implements ClassWeightSpec {
            public Named {
                weights = Map.copyOf(weights);
            }
        }
    }

    /**
     * What training must not see. Entities are in the order of their first event in the data; the test part is cut off
     * the end first, then the validation part off the end of the rest.
     *
     * @param by whether whole entities are cut off or the latest events of every entity
     * @param test share of the data in [0,1)
     * @param validation share of what the test part leaves, in (0,1)
     */
    public record SplitSpec(By by, double test, double validation) {
        /** What is cut. */
        public enum By {
            ENTITY,
            TIME
        }
    }

    /** @param maxMalformed rows that may be skipped before reading stops */
    public record DataSpec(long maxMalformed) {}
}
