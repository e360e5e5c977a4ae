package dev.sequitur.deploy.bench;

import dev.sequitur.deploy.terminal.Progress;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.bundle.ModelBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.function.ToDoubleFunction;
import org.apache.kafka.common.utils.Utils;

/**
 * How many events a second a topology processes when they lie ready: the same events, the same settings, a fresh
 * application for each run. Contestants and loads take turns, and each round begins with another contestant, so that
 * none always runs behind the same neighbour; rounds to warm up come first and don't count. The time is that from the
 * first committed offset seen to the last event's commit; start-up and rebalancing are left out.
 */
public final class ThroughputBench {
    /**
     * What is measured.
     *
     * @param slowEvents of contestants that make a call for each event, and of a warm-up
     * @param warmUps rounds that don't count
     * @param settings of Kafka Streams, for all
     */
    public record Plan(
            List<Contestant> contestants,
            List<Load> loads,
            int events,
            int slowEvents,
            int partitions,
            int warmUps,
            int runs,
            Properties settings) {}

    /** Events of how many entities, spread how. */
    public record Load(int entities, KeyDistribution distribution) {
        /** Every distribution with every number of entities; a single entity is one, however many there are. */
        public static List<Load> all(List<Integer> entities, List<KeyDistribution> distributions) {
            return distributions.stream()
                    .flatMap(d -> entities.stream().map(n -> new Load(d == KeyDistribution.SINGLE ? 1 : n, d)))
                    .distinct()
                    .toList();
        }

        String name() {
            return distribution.name().toLowerCase(Locale.ROOT);
        }

        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s, %,d %s", name(), entities, entities == 1 ? "entity" : "entities");
        }
    }

    /**
     * One contestant's run.
     *
     * @param rate events a second
     * @param cpuMicros that an event took of the stream thread's CPU, the network's steps included
     * @param changelogBytes that an event leaves in the changelog, framing and all
     * @param resultBytes that an event leaves in the topic of results, framing and all
     */
    public record Run(double rate, double cpuMicros, double changelogBytes, double resultBytes) {}

    /** The runs of each contestant on each load. */
    public record Outcome(Map<Load, Map<Contestant, List<Run>>> runs) {
        double rate(Load load, Contestant contestant) {
            return median(load, contestant, Run::rate);
        }

        double median(Load load, Contestant contestant, ToDoubleFunction<Run> figure) {
            return Quantile.median(runs.get(load).get(contestant).stream()
                    .map(figure::applyAsDouble)
                    .toList());
        }
    }

    private final String bootstrapServers;
    private final ModelBundle bundle;
    private final Terminal terminal;

    public ThroughputBench(String bootstrapServers, ModelBundle bundle, Terminal terminal) {
        this.bootstrapServers = bootstrapServers;
        this.bundle = bundle;
        this.terminal = terminal;
    }

    public BenchReport run(Plan plan) throws IOException, InterruptedException {
        Outcome outcome = new Outcome(new LinkedHashMap<>());
        long turns = (long) (plan.warmUps + plan.runs) * plan.loads.size() * plan.contestants.size();
        try (BenchCluster cluster = new BenchCluster(bootstrapServers, terminal);
                Progress progress = Progress.start(terminal, "bench", turns)) {
            Map<Load, Topics> topics = new LinkedHashMap<>();
            for (Load load : plan.loads) {
                topics.put(load, produce(cluster, plan, load, topics.size()));
                outcome.runs.put(load, new LinkedHashMap<>());
                plan.contestants.forEach(c -> outcome.runs.get(load).put(c, new ArrayList<>()));
            }
            long done = 0;
            List<Contestant> order = new ArrayList<>(plan.contestants);
            for (int round = 0; round < plan.warmUps + plan.runs; round++) {
                boolean counts = round >= plan.warmUps;
                for (Load load : plan.loads) {
                    for (Contestant contestant : order) {
                        boolean few = contestant.slow() || !counts;
                        Run run = measure(cluster, plan, contestant, topics.get(load), few, "run-" + done);
                        if (counts) {
                            outcome.runs.get(load).get(contestant).add(requireTime(run, plan));
                        }
                        progress.detail(String.format(
                                Locale.ROOT,
                                "%s: %s %,.0f/s%s",
                                load,
                                contestant.title(),
                                run.rate,
                                counts ? "" : " (warm-up)"));
                        progress.advanceTo(++done);
                    }
                }
                Collections.rotate(order, 1);
            }
        }
        return new ThroughputReport(plan, outcome);
    }

    /** The topics of a load's events. */
    private record Topics(String many, String few) {}

    private Topics produce(BenchCluster cluster, Plan plan, Load load, int number) throws InterruptedException {
        Topics topics = new Topics(cluster.id("events-" + number), cluster.id("events-slow-" + number));
        cluster.create(topics.many, plan.partitions);
        cluster.create(topics.few, plan.partitions);
        produce(cluster, topics.many, load, plan.events);
        produce(cluster, topics.few, load, plan.slowEvents);
        return topics;
    }

    private void produce(BenchCluster cluster, String topic, Load load, int events) {
        BenchEvents source = new BenchEvents(bundle.spec(), load.entities);
        cluster.produce(topic, source, source.drawn(load.distribution, load.entities), events);
    }

    private Run measure(BenchCluster cluster, Plan plan, Contestant contestant, Topics topics, boolean few, String name)
            throws IOException, InterruptedException {
        String id = cluster.id(name);
        String input = few ? topics.few : topics.many;
        int events = few ? plan.slowEvents : plan.events;
        String output = id + "-results";
        String deadLetters = id + "-dead-letters";
        cluster.create(output, plan.partitions);
        cluster.create(deadLetters, 1);
        Path state = Files.createTempDirectory("sequitur-bench-");
        try {
            Contestant.Plan topology = contestant.plan(
                    bundle, input, output, BenchApplication.settings(plan.settings, cluster, id, state, deadLetters));
            Pace.Rate rate;
            try (BenchApplication application = BenchApplication.start(cluster, id, topology)) {
                rate = application.rate(input, 0, events);
            }
            return new Run(
                    rate.eventsPerSecond(),
                    rate.cpuMicros(),
                    (double) cluster.logBytes(id + "-" + topology.store() + "-changelog") / events,
                    (double) cluster.logBytes(output) / events);
        } finally {
            Utils.delete(state.toFile());
            cluster.deleteTopics(id + "-");
        }
    }

    private static Run requireTime(Run run, Plan plan) {
        if (Double.isNaN(run.rate)) {
            throw new UserException("All " + plan.events + " events (" + plan.slowEvents
                    + " where each is a call) were processed in one commit interval; give more --events, more"
                    + " --slow-events, or a shorter commit.interval.ms");
        }
        return run;
    }
}
