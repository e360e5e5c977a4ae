package dev.sequitur.deploy.recipe;

import dev.sequitur.model.data.Event;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * Tasks of the papers on long memory, generated. What matters comes within the first {@value #EARLY} events of a sequence
 * (the second of two things: in its middle), at least {@code lag} events before the end, where the answer is asked for.
 *
 * <p>A sequence has {@code lag + }{@value #EARLY} events and one that asks and holds the answer, an optional target. Each
 * task's spec is {@code <name>.yaml}; the values of an event are those of its fields, in their order.
 */
enum MemoryTask {
    /**
     * Hochreiter and Schmidhuber, "Long short-term memory", 1997, experiment 4: two marked numbers x₁, x₂ among others, in
     * [−1,1]; the answer is 0.5 + (x₁ + x₂)/4. Right within 0.04, as there. Departs from it in the first and last markers,
     * which are 0.
     */
    ADDING(0.1536, -1.2, 0.04) {
        @Override
        void fill(List<Object[]> events, Random random, long seed) {
            int n = events.size();
            int first = random.nextInt(EARLY);
            int second = later(n, random);
            double sum = 0;
            for (int t = 0; t < n; t++) {
                double value = 2 * random.nextDouble() - 1;
                boolean marked = t == first || t == second;
                sum += marked ? value : 0;
                events.set(t, new Object[] {value, marked ? 1.0 : 0.0, null});
            }
            events.add(new Object[] {0.0, 0.0, 0.5 + sum / 4});
        }
    },
    /**
     * Hochreiter and Schmidhuber 1997, experiment 6a: two symbols, each X or Y, among the distractors a, b, c, d; the answer
     * is which, in order.
     */
    ORDER(0.25, 0.05, 0) {
        @Override
        void fill(List<Object[]> events, Random random, long seed) {
            int n = events.size();
            int first = random.nextInt(EARLY);
            int second = later(n, random);
            String answer = "";
            for (int t = 0; t < n; t++) {
                String symbol = String.valueOf("abcd".charAt(random.nextInt(4)));
                if (t == first || t == second) {
                    symbol = random.nextBoolean() ? "X" : "Y";
                    answer += symbol;
                }
                events.set(t, new Object[] {symbol, 0.0, null});
            }
            events.add(new Object[] {"?", 1.0, answer});
        }
    },
    /**
     * What was said long ago decides what follows: "I grew up in France … I speak fluent French". One of eight countries
     * among sixteen other words; the answer is its language. The recall task of Hochreiter and Schmidhuber 1997,
     * experiments 2 and 3, with words.
     */
    RECALL(0.125, 0.05, 0) {
        @Override
        void fill(List<Object[]> events, Random random, long seed) {
            int first = random.nextInt(EARLY);
            int country = random.nextInt(8);
            for (int t = 0; t < events.size(); t++) {
                String word = t == first ? "country-" + country : "word-" + random.nextInt(16);
                events.set(t, new Object[] {word, 0.0, null});
            }
            events.add(new Object[] {"?", 1.0, "language-" + country});
        }
    },
    /**
     * A sequence from no input: three waves on top of each other, the slowest of one period, are to be drawn from the state
     * alone; what came is not shown. Koutník et al., "A clockwork RNN", 2014, section 4.1, with a waveform made up for
     * each seed instead of music, and each value right within a twentieth of the range.
     */
    GENERATE(0.16, -2.0, 0.1) {
        @Override
        void fill(List<Object[]> events, Random random, long seed) {
            Random wave = new Random(seed);
            double[] phases = wave.doubles(WAVES.length, 0, 2 * Math.PI).toArray();
            int length = events.size() + 1;
            events.set(0, new Object[] {1.0, null});
            for (int t = 1; t < length; t++) {
                double value = 0;
                for (int w = 0; w < WAVES.length; w++) {
                    value += AMPLITUDES[w] * Math.sin(2 * Math.PI * WAVES[w] * t / length + phases[w]);
                }
                Object[] event = {1.0, value};
                if (t < events.size()) {
                    events.set(t, event);
                } else {
                    events.add(event);
                }
            }
        }
    };

    /** Periods in a sequence, and their shares of the amplitude. */
    private static final double[] WAVES = {1, 3, 7};

    private static final double[] AMPLITUDES = {0.5, 0.3, 0.2};

    /** Events at the start, one of which is to be remembered. */
    static final int EARLY = 10;

    private static final long START_MS = 1_000_000_000L;

    private final double chance;
    private final double solved;
    private final double tolerance;

    /**
     * @param chance share of answers that count of someone who knows only how often each is right
     * @param solved nats of an answer below which training has nothing more to do
     * @param tolerance that a number is right within
     */
    MemoryTask(double chance, double solved, double tolerance) {
        this.chance = chance;
        this.solved = solved;
        this.tolerance = tolerance;
    }

    /** Whether the expectation of an answer counts as right. */
    boolean right(Object answer, Object expected) {
        if (expected instanceof Continuous value) {
            return Math.abs(value.getMedian() - (Double) answer) < tolerance;
        }
        return ((Categorical) expected).getTop().get(0).getValue().equals(answer);
    }

    /**
     * Replaces the events of a sequence, whose number is given, and adds the last one.
     *
     * @param seed of the training, for what all of its sequences share
     */
    abstract void fill(List<Object[]> events, Random random, long seed);

    /** Where the second of two things may stand: within {@value #EARLY} events of the middle, behind the first. */
    private static int later(int n, Random random) {
        return Math.max(n / 2, EARLY) + random.nextInt(Math.min(EARLY, n - Math.max(n / 2, EARLY)));
    }

    String specName() {
        return name().toLowerCase(Locale.ROOT);
    }

    double chance() {
        return chance;
    }

    double solved() {
        return solved;
    }

    /** Events of a sequence, the asking one among them. */
    static int length(int lag) {
        return lag + EARLY + 1;
    }

    /** Whole sequences one after the other, an entity each. */
    List<Event> events(int lag, int sequences, long seed) {
        Random random = new Random(seed);
        List<Event> all = new ArrayList<>();
        for (int s = 0; s < sequences; s++) {
            List<Object[]> events = new ArrayList<>(java.util.Collections.nCopies(lag + EARLY, null));
            fill(events, random, seed);
            for (int t = 0; t < events.size(); t++) {
                all.add(new Event("sequence-" + s, START_MS + 1000L * t, events.get(t), false));
            }
        }
        return all;
    }
}
