package dev.sequitur.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;

/** Events a second of each contestant on each load, and what they are to one another. */
record ThroughputReport(ThroughputBench.Plan plan, ThroughputBench.Outcome outcome) implements BenchReport {
    private static final double OF_STATE_ONLY = 0.8;
    private static final double OF_BY_HAND = 6;
    private static final double SINGLE_OF_UNIFORM = 0.5;

    @Override
    public List<String> table() {
        List<String> lines = new ArrayList<>();
        for (ThroughputBench.Load load : plan.loads()) {
            lines.add(String.format(
                    Locale.ROOT,
                    "%s, %d partitions, %,d events (%,d where each is a call), median of %d runs in turn",
                    load,
                    plan.partitions(),
                    plan.events(),
                    plan.slowEvents(),
                    plan.runs()));
            lines.add(String.format(
                    Locale.ROOT,
                    "  %-20s %10s %10s %10s %6s %6s %11s %8s",
                    "",
                    "events/s",
                    "least",
                    "most",
                    "ratio",
                    "CPU µs",
                    "changelog B",
                    "result B"));
            double base = outcome.rate(load, plan.contestants().get(0));
            for (Contestant contestant : plan.contestants()) {
                DoubleSummaryStatistics rates = outcome.runs().get(load).get(contestant).stream()
                        .mapToDouble(ThroughputBench.Run::rate)
                        .summaryStatistics();
                lines.add(String.format(
                        Locale.ROOT,
                        "  %-20s %,10.0f %,10.0f %,10.0f %6.2f %6.2f %,11.0f %,8.0f  %s",
                        contestant.title(),
                        outcome.rate(load, contestant),
                        rates.getMin(),
                        rates.getMax(),
                        outcome.rate(load, contestant) / base,
                        outcome.median(load, contestant, ThroughputBench.Run::cpuMicros),
                        outcome.median(load, contestant, ThroughputBench.Run::changelogBytes),
                        outcome.median(load, contestant, ThroughputBench.Run::resultBytes),
                        contestant.description()));
            }
        }
        lines.add(
                "  CPU µs: what an event takes of the stream thread's CPU; the broker, the producer's and consumer's threads");
        lines.add("     come on top.");
        lines.add(
                "  B: bytes that an event leaves in the log; a changelog gets one record for several changes of a state");
        lines.add("     that the record cache folds.");
        aims().forEach(aim -> lines.add(aim.line()));
        return lines;
    }

    /** Those whose contestants and loads are there. */
    private List<Aim> aims() {
        List<Aim> aims = new ArrayList<>();
        for (ThroughputBench.Load load : plan.loads()) {
            if (load.distribution() == KeyDistribution.UNIFORM) {
                ratio(aims, load, Contestant.STATE_ONLY, OF_STATE_ONLY);
                ratio(aims, load, Contestant.BY_HAND, OF_BY_HAND);
            }
        }
        if (plan.contestants().contains(Contestant.SEQUITUR)) {
            for (ThroughputBench.Load single : loads(KeyDistribution.SINGLE)) {
                for (ThroughputBench.Load uniform : loads(KeyDistribution.UNIFORM)) {
                    aims.add(Aim.atLeast(
                            SINGLE_OF_UNIFORM,
                            outcome.rate(single, Contestant.SEQUITUR) / outcome.rate(uniform, Contestant.SEQUITUR),
                            "sequitur's single key / " + uniform));
                }
            }
        }
        return aims;
    }

    private void ratio(List<Aim> aims, ThroughputBench.Load load, Contestant of, double aim) {
        if (plan.contestants().contains(Contestant.SEQUITUR)
                && plan.contestants().contains(of)) {
            aims.add(Aim.atLeast(
                    aim,
                    outcome.rate(load, Contestant.SEQUITUR) / outcome.rate(load, of),
                    "sequitur / " + of.title() + " (" + load + ")"));
        }
    }

    private List<ThroughputBench.Load> loads(KeyDistribution distribution) {
        return plan.loads().stream()
                .filter(load -> load.distribution() == distribution)
                .toList();
    }

    @Override
    public List<ObjectNode> json() {
        List<ObjectNode> nodes = new ArrayList<>();
        for (ThroughputBench.Load load : plan.loads()) {
            for (Contestant contestant : plan.contestants()) {
                ObjectNode node = JsonNodeFactory.instance
                        .objectNode()
                        .put("benchmark", "throughput")
                        .put("contestant", contestant.title())
                        .put("entities", load.entities())
                        .put("distribution", load.name())
                        .put("partitions", plan.partitions())
                        .put("events", contestant.slow() ? plan.slowEvents() : plan.events())
                        .put("median", outcome.rate(load, contestant))
                        .put("cpuMicros", outcome.median(load, contestant, ThroughputBench.Run::cpuMicros))
                        .put("changelogBytes", outcome.median(load, contestant, ThroughputBench.Run::changelogBytes))
                        .put("resultBytes", outcome.median(load, contestant, ThroughputBench.Run::resultBytes));
                outcome.runs().get(load).get(contestant).forEach(run -> node.withArray("runs")
                        .add(run.rate()));
                nodes.add(node);
            }
        }
        aims().forEach(aim -> nodes.add(aim.json("throughput")));
        return nodes;
    }
}
