package dev.sequitur.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sequitur.deploy.report.EntityText;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "explain",
        description =
                "Asks a running application why an event of an entity surprised: what came in each field, what was"
                        + " expected before, and how much that surprised.",
        footerHeading = "%nExamples:%n",
        footer = {"  sequitur explain van-007", "  sequitur explain van-007 --step 1214"})
final class ExplainCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Mixin
    private ApiOptions api;

    @Parameters(paramLabel = "KEY", description = "The entity's key.")
    private String key;

    @Option(
            names = "--step",
            paramLabel = "N",
            description = "The event's position in its session; the latest of that position. Default: the one that the"
                    + " last alarm started with, or the last event where none is known.")
    private Long step;

    ExplainCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws InterruptedException {
        JsonNode entity = api.get("/entities/" + ApiOptions.encoded(key), options.environment());
        JsonNode event = chosen(entity);
        if (options.json()) {
            terminal.out().line(RecordJson.line(event));
        } else {
            new EntityText(terminal.out(), api.get("/model", options.environment())).explain(key, event);
        }
        return 0;
    }

    private JsonNode chosen(JsonNode entity) {
        List<JsonNode> events = new ArrayList<>();
        entity.path("events").forEach(events::add);
        if (events.isEmpty()) {
            throw new UserException("None of the events of '" + key + "' is in memory; ask again after its next one");
        }
        JsonNode found = null;
        for (JsonNode event : events) {
            if (step == null
                    ? event.path("alarm").asBoolean()
                    : event.path("step").asLong() == step) {
                found = event;
            }
        }
        if (found != null) {
            return found;
        }
        JsonNode last = events.get(events.size() - 1);
        if (step != null) {
            throw new UserException("Step " + step + " of '" + key + "' isn't in memory; expected one from "
                    + events.get(0).path("step").asLong() + " to "
                    + last.path("step").asLong());
        }
        return last;
    }
}
