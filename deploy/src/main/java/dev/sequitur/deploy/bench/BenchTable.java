package dev.sequitur.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.terminal.Output;
import dev.sequitur.deploy.terminal.Style;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** What a throughput benchmark measured, for people and for machines. */
public final class BenchTable {
    private BenchTable() {}

    public static void print(Output out, ThroughputBench.Plan plan, ThroughputBench.Outcome outcome) {
        out.line(out.paint(
                Style.BOLD,
                String.format(
                        Locale.ROOT,
                        "%,d entities, %s, %d partitions, median of %d runs in turn",
                        plan.entities(),
                        plan.distribution().name().toLowerCase(Locale.ROOT),
                        plan.partitions(),
                        plan.runs())));
        double base = outcome.median(plan.contestants().get(0));
        out.line(String.format(Locale.ROOT, "  %-22s %12s %12s %12s %8s", "", "events/s", "least", "most", "ratio"));
        for (Contestant contestant : plan.contestants()) {
            List<Double> rates = outcome.rates().get(contestant);
            out.line(String.format(
                    Locale.ROOT,
                    "  %-22s %,12.0f %,12.0f %,12.0f %8.2f  %s",
                    contestant.title(),
                    outcome.median(contestant),
                    Collections.min(rates),
                    Collections.max(rates),
                    outcome.median(contestant) / base,
                    out.paint(Style.DIM, contestant.description())));
        }
    }

    public static void printJson(Output out, ThroughputBench.Plan plan, ThroughputBench.Outcome outcome) {
        for (Contestant contestant : plan.contestants()) {
            ObjectNode node = JsonNodeFactory.instance.objectNode();
            node.put("benchmark", "throughput")
                    .put("contestant", contestant.title())
                    .put("entities", plan.entities())
                    .put("distribution", plan.distribution().name().toLowerCase(Locale.ROOT))
                    .put("events", plan.events())
                    .put("median", outcome.median(contestant));
            outcome.rates().get(contestant).forEach(node.withArray("runs")::add);
            out.line(RecordJson.line(node));
        }
    }
}
