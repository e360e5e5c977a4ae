package dev.sequitur.deploy.integration;

import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/**
 * A round of a crash test. What is random in it depends on the seed alone; when a fault meets a process, also on the
 * machine.
 *
 * @param subject what is tested
 * @param atLeastOnce whether results may come again
 * @param instances applications at a time, 2 or more: somebody has to take over
 * @param faults in their order
 * @param settings of the applications, beside what every round needs
 */
record CrashPlan(
        long seed,
        Subject subject,
        boolean atLeastOnce,
        int instances,
        Keys keys,
        int entities,
        int partitions,
        List<Fault> faults,
        Map<String, String> settings) {
    /** What runs in the processes. */
    enum Subject {
        /** {@code sequitur run}. */
        SEQUITUR(List.of("dev.sequitur.deploy.cli.Sequitur", "run", "--config")),
        /** The same processor behind a buffer that a timer empties. */
        BUFFER_AND_TIMER(List.of(BufferAndTimer.class.getName()));

        private final List<String> program;

        Subject(List<String> program) {
            this.program = program;
        }

        /** Main class and arguments; a properties file follows. */
        List<String> program() {
            return program;
        }
    }

    CrashPlan {
        if (instances < 2) {
            throw new IllegalArgumentException("instances must be >= 2, got " + instances);
        }
        if (atLeastOnce && faults.contains(Fault.PAUSE)) {
            throw new IllegalArgumentException("at least once can't stand " + Fault.PAUSE
                    + ": nothing fences a zombie, which may write old states over those of its successor");
        }
        faults = List.copyOf(faults);
        settings = Map.copyOf(settings);
    }

    CrashPlan with(Subject other) {
        return new CrashPlan(seed, other, atLeastOnce, instances, keys, entities, partitions, faults, settings);
    }

    CrashPlan with(List<Fault> others) {
        return new CrashPlan(seed, subject, atLeastOnce, instances, keys, entities, partitions, others, settings);
    }

    /** Where results may come again; without the faults that this can't stand. */
    CrashPlan deliveredAgain() {
        List<Fault> standing =
                faults.stream().filter(fault -> fault != Fault.PAUSE).toList();
        return new CrashPlan(seed, subject, true, instances, keys, entities, partitions, standing, settings);
    }

    /** With a setting more, or another value of it. */
    CrashPlan with(String setting, String value) {
        Map<String, String> all = new HashMap<>(settings);
        all.put(setting, value);
        return new CrashPlan(seed, subject, atLeastOnce, instances, keys, entities, partitions, faults, all);
    }

    /** Each fault that fits once, a kill twice, in any order; everything else at random. */
    static CrashPlan random(long seed, boolean atLeastOnce, int instances) {
        Random random = new Random(seed);
        String standbys = oneOf(random, "0", "1", "1");
        Set<Fault> all = EnumSet.allOf(Fault.class);
        if (atLeastOnce) {
            all.remove(Fault.PAUSE);
        }
        if (standbys.equals("0")) {
            all.remove(Fault.TAKEOVER);
        }
        List<Fault> faults = new ArrayList<>(all);
        faults.add(Fault.KILL);
        Collections.shuffle(faults, random);
        return new CrashPlan(
                seed,
                Subject.SEQUITUR,
                atLeastOnce,
                instances,
                oneOf(random, Keys.values()),
                oneOf(random, 20, 120, 1000),
                oneOf(random, 2, 4, 7),
                faults,
                Map.of(
                        "num.standby.replicas", standbys,
                        "num.stream.threads", oneOf(random, "1", "2"),
                        "sequitur.batch.max-events", oneOf(random, "1", "3", "40", "1000"),
                        "sequitur.batch.collecting", atLeastOnce ? "false" : oneOf(random, "false", "false", "true"),
                        "sequitur.state.caching", oneOf(random, "true", "false"),
                        // Primes: intervals that divide each other fall together, and a loss between them is not seen.
                        "commit.interval.ms", oneOf(random, "61", "173", "499"),
                        "producer.linger.ms", oneOf(random, "0", "7", "23"),
                        // The shorter one is over when the broker is back.
                        "producer.transaction.timeout.ms", oneOf(random, "10000", "2000")));
    }

    @SafeVarargs
    private static <T> T oneOf(Random random, T... values) {
        return values[random.nextInt(values.length)];
    }
}
