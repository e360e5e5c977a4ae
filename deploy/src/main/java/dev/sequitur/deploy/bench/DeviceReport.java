package dev.sequitur.deploy.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Events a second of the step function by device and size of a call.
 *
 * @param model in a few words
 */
record DeviceReport(String model, List<DeviceBench.Figure> figures) implements BenchReport {
    @Override
    public List<String> table() {
        List<String> lines = new ArrayList<>();
        lines.add("steps by size of a call (" + model + "), one thread, copies to the device and back included");
        lines.add(String.format(
                Locale.ROOT, "  %-8s %8s %6s %12s %12s", "device", "entities", "steps", "µs a call", "events/s"));
        for (DeviceBench.Figure f : figures) {
            lines.add(String.format(
                    Locale.ROOT,
                    "  %-8s %,8d %6d %,12.1f %,12.0f",
                    f.device(),
                    f.rows(),
                    f.steps(),
                    f.callMicros(),
                    f.rate()));
        }
        return lines;
    }

    @Override
    public List<ObjectNode> json() {
        List<ObjectNode> nodes = new ArrayList<>();
        for (DeviceBench.Figure f : figures) {
            nodes.add(JsonNodeFactory.instance
                    .objectNode()
                    .put("benchmark", "device")
                    .put("device", f.device().toString())
                    .put("entities", f.rows())
                    .put("steps", f.steps())
                    .put("callMicros", f.callMicros())
                    .put("rate", f.rate()));
        }
        return nodes;
    }
}
