package dev.sequitur.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What entities cost, by their number. */
record EntitiesReport(EntitiesBench.Plan plan, List<EntitiesBench.Figures> figures) implements BenchReport {
    private static final int MANY = 1_000_000;
    private static final int FEW = 10_000;
    private static final double DISK_GB = 1.2;
    private static final double OF_FEW = 0.6;

    @Override
    public List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                Locale.ROOT,
                "uniform, %d partitions, %,d events a run, median of %d",
                plan.partitions(),
                plan.events(),
                plan.runs()));
        lines.add(String.format(
                Locale.ROOT,
                "  %10s %10s %9s %9s %9s %9s %10s %11s %10s",
                "entities",
                "events/s",
                "memory B",
                "disk B",
                "log B",
                "disk MB",
                "restore s",
                "restored/s",
                "running s"));
        for (EntitiesBench.Figures f : figures) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %,10d %,10.0f %,9.0f %,9.0f %,9.0f %,9.1f %,10.2f %,11.0f %,10.2f",
                    f.entities(),
                    f.rate(),
                    each(f, f.memoryBytes()),
                    each(f, f.diskBytes()),
                    each(f, f.changelogBytes()),
                    f.diskBytes() / 1e6,
                    f.restoreSeconds(),
                    restoreRate(f),
                    f.runningSeconds()));
        }
        lines.add("  B: bytes an entity. memory: RocksDB's memtables, block caches, indexes and filters, by its own");
        lines.add(
                "     account, after the last run; disk: the state directory after one event an entity and a clean stop;");
        lines.add("     log: the changelog's log on a broker then.");
        lines.add(
                "  restore: from the first store's start to the last one's end; running: from a start without local state");
        lines.add("     until every task runs, joining the group included.");
        aims().forEach(aim -> lines.add(aim.line()));
        return lines;
    }

    private static double each(EntitiesBench.Figures f, long bytes) {
        return (double) bytes / f.entities();
    }

    private static double restoreRate(EntitiesBench.Figures f) {
        return f.restoreSeconds() == 0 ? 0 : f.restored() / f.restoreSeconds();
    }

    private List<Aim> aims() {
        List<Aim> aims = new ArrayList<>();
        with(MANY).ifPresent(many -> {
            aims.add(Aim.atMost(DISK_GB, many.diskBytes() / 1e9, "disk of 1,000,000 entities, GB"));
            with(FEW)
                    .ifPresent(few -> aims.add(Aim.atLeast(
                            OF_FEW, many.rate() / few.rate(), "events/s at 1,000,000 / at 10,000 entities")));
        });
        return aims;
    }

    private Optional<EntitiesBench.Figures> with(int entities) {
        return figures.stream().filter(f -> f.entities() == entities).findFirst();
    }

    @Override
    public List<ObjectNode> json() {
        List<ObjectNode> nodes = new ArrayList<>();
        for (EntitiesBench.Figures f : figures) {
            ObjectNode node = JsonNodeFactory.instance
                    .objectNode()
                    .put("benchmark", "entities")
                    .put("entities", f.entities())
                    .put("partitions", plan.partitions())
                    .put("events", plan.events())
                    .put("median", f.rate())
                    .put("memoryBytes", f.memoryBytes())
                    .put("diskBytes", f.diskBytes())
                    .put("changelogBytes", f.changelogBytes())
                    .put("restored", f.restored())
                    .put("restoreSeconds", f.restoreSeconds())
                    .put("runningSeconds", f.runningSeconds());
            f.rates().forEach(node.withArray("runs")::add);
            nodes.add(node);
        }
        aims().forEach(aim -> nodes.add(aim.json("entities")));
        return nodes;
    }
}
