package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.report.MetricTable;
import dev.sequitur.deploy.terminal.Output;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.evaluate.Baselines;
import dev.sequitur.model.evaluate.Metric;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.spec.PipelineSpec;
import java.util.ArrayList;
import java.util.List;

/** A model's figures, and beside them those of the baselines on the same steps. */
final class Figures {
    private final PipelineSpec spec;
    private final List<Event> events;
    private final Timeline timeline;
    private final String part;

    Figures(PipelineSpec spec, List<Event> events, Timeline timeline, String part) {
        this.spec = spec;
        this.events = events;
        this.timeline = timeline;
        this.part = part;
    }

    void print(Output out, boolean json, List<Metric> metrics) {
        // Where everything is evaluated there is nothing left that a baseline could learn from.
        List<Metric> baselines = part.equals("all") ? List.of() : baselines();
        if (json) {
            MetricTable.printJson(out, "sequitur", metrics);
            MetricTable.printJson(out, "baseline", baselines);
            return;
        }
        MetricTable.print(out, "sequitur, " + part + " part", metrics);
        if (!baselines.isEmpty()) {
            MetricTable.print(out, "baselines, the same predictions", baselines);
        }
    }

    private List<Metric> baselines() {
        List<Timeline> learnFrom = new ArrayList<>();
        learnFrom.add(Timeline.of(spec, events, Timeline.Part.TRAIN));
        if (!part.equals("validation")) {
            learnFrom.add(Timeline.of(spec, events, Timeline.Part.VALIDATION));
        }
        return new Baselines(spec).measure(learnFrom, timeline);
    }
}
