package dev.sequitur.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Percentiles of the latency at each load. */
record LatencyReport(LatencyBench.Plan plan, long commitMs, double reached, List<LatencyBench.Level> levels)
        implements BenchReport {
    private static final int AIM_PERCENT = 50;
    private static final double AIM_MS = 15;

    @Override
    public List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "%s over %,d entities, %d partitions, %,.0f events/s %s, commit interval %d ms, %d s each",
                plan.distribution().name().toLowerCase(Locale.ROOT),
                plan.entities(),
                plan.partitions(),
                reached,
                plan.rate().isPresent() ? "given" : "reached",
                commitMs,
                plan.duration().toSeconds()));
        lines.add(String.format(
                Locale.ROOT,
                "  %5s %10s %10s  %-9s %9s %9s %9s %9s",
                "load",
                "events/s",
                "sent/s",
                "ms",
                "p50",
                "p99",
                "p99.9",
                "max"));
        for (LatencyBench.Level level : levels) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %3d %% %,10.0f %,10.0f  %-9s %s",
                    level.percent(),
                    level.rate(),
                    level.sentRate(),
                    "scored",
                    level.scored().columns()));
            lines.add(String.format(
                    Locale.ROOT,
                    "%29s  %-9s %s",
                    "",
                    "appended",
                    level.appended().columns()));
            lines.add(String.format(
                    Locale.ROOT,
                    "%29s  %-9s %s",
                    "",
                    "committed",
                    level.committed().columns()));
        }
        lines.add("  All from when the event was due by a schedule that waits for nothing, to when");
        lines.add("  scored     the topology hands the score to its producer: no wait for the commit in it,");
        lines.add(
                "  appended   a read_uncommitted consumer has the score: the producer's linger and the broker come on top,");
        lines.add("  committed  a read_committed consumer has it: the wait for the commit comes on top.");
        lines.add("  "
                + (plan.embedded() ? "Broker, producer" : "Producer")
                + ", application and both consumers share this process and its processors.");
        aims().forEach(aim -> lines.add(aim.line()));
        return lines;
    }

    private List<Aim> aims() {
        List<Aim> aims = new ArrayList<>();
        for (LatencyBench.Level level : levels) {
            if (level.percent() == AIM_PERCENT) {
                aims.add(Aim.atMost(AIM_MS, level.scored().percentileMs(99), "p99 of scored at 50 %, ms"));
                aims.add(Aim.atMost(
                        AIM_MS,
                        level.committed().percentileMs(99) - commitMs,
                        "p99 of committed at 50 % less the commit interval, ms"));
            }
        }
        return aims;
    }

    @Override
    public List<ObjectNode> json() {
        List<ObjectNode> nodes = new ArrayList<>();
        for (LatencyBench.Level level : levels) {
            ObjectNode node = JsonNodeFactory.instance
                    .objectNode()
                    .put("benchmark", "latency")
                    .put("entities", plan.entities())
                    .put("distribution", plan.distribution().name().toLowerCase(Locale.ROOT))
                    .put("partitions", plan.partitions())
                    .put("embeddedBroker", plan.embedded())
                    .put("commitIntervalMs", commitMs)
                    .put("reached", reached)
                    .put("percent", level.percent())
                    .put("rate", level.rate())
                    .put("sentRate", level.sentRate())
                    .put("events", level.committed().count());
            node.set("scoredMs", level.scored().json());
            node.set("appendedMs", level.appended().json());
            node.set("committedMs", level.committed().json());
            nodes.add(node);
        }
        aims().forEach(aim -> nodes.add(aim.json("latency")));
        return nodes;
    }
}
