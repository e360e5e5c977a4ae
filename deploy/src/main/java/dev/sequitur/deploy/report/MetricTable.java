package dev.sequitur.deploy.report;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.terminal.Output;
import dev.sequitur.deploy.terminal.Style;
import dev.sequitur.model.evaluate.Metric;
import java.util.List;
import java.util.Locale;

/** Metrics for people and for machines. */
public final class MetricTable {
    private MetricTable() {}

    public static void print(Output out, String title, List<Metric> metrics) {
        out.line(out.paint(Style.BOLD, title));
        int field = metrics.stream().mapToInt(m -> label(m).length()).max().orElse(0);
        int name = metrics.stream().mapToInt(m -> m.name().length()).max().orElse(0);
        for (Metric metric : metrics) {
            out.line(String.format(
                    Locale.ROOT,
                    "  %-" + Math.max(1, field) + "s  %-" + Math.max(1, name) + "s  %10.6f %-5s %s",
                    label(metric),
                    metric.name(),
                    metric.value(),
                    metric.unit(),
                    out.paint(Style.DIM, "(" + metric.count() + ")")));
        }
    }

    private static String label(Metric metric) {
        return metric.field().isEmpty() ? "event" : metric.field();
    }

    /**
     * One line of JSON for each metric.
     *
     * @param source who measured: {@code sequitur} or {@code baseline}
     */
    public static void printJson(Output out, String source, List<Metric> metrics) {
        for (Metric metric : metrics) {
            ObjectNode node = JsonNodeFactory.instance.objectNode();
            node.put("source", source)
                    .put("field", metric.field())
                    .put("metric", metric.name())
                    .put("value", metric.value())
                    .put("unit", metric.unit())
                    .put("count", metric.count());
            out.line(RecordJson.line(node));
        }
    }
}
