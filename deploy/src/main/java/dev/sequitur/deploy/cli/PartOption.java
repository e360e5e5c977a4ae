package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.spec.PipelineSpec;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** Which part of the data a command runs over. */
final class PartOption {
    @Option(
            names = "--part",
            paramLabel = "PART",
            description = "Part of the data, as the spec splits it: train, validation, test or all."
                    + " Default: test where the spec sets one aside, else validation.")
    private String part;

    Timeline.Part part(PipelineSpec spec) {
        if (part == null) {
            return spec.training().split().test() > 0 ? Timeline.Part.TEST : Timeline.Part.VALIDATION;
        }
        try {
            return Timeline.Part.valueOf(part.toUpperCase(Locale.ROOT));
        } catch (IllegalArgumentException e) {
            throw new UserException("--part is train, validation, test or all, got '" + part + "'", e);
        }
    }

    String name(PipelineSpec spec) {
        return part(spec).name().toLowerCase(Locale.ROOT);
    }

    /** @throws UserException when the part is empty */
    Timeline timeline(PipelineSpec spec, List<Event> events) {
        Timeline timeline = Timeline.of(spec, events, part(spec));
        if (timeline.steps().isEmpty()) {
            throw new UserException("The " + name(spec) + " part of the data has no event; choose another --part (the"
                    + " spec's split is " + spec.training().split() + ")");
        }
        return timeline;
    }
}
