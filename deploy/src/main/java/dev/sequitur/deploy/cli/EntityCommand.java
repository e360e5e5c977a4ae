package dev.sequitur.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sequitur.deploy.report.EntityText;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "entity",
        description =
                "Asks a running application for one entity: its state, its last events and their scores, and what is"
                        + " expected next.",
        footerHeading = "%nExamples:%n",
        footer = {"  sequitur entity van-007", "  sequitur entity --url http://scorer-0:8080 --json van-007"})
final class EntityCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Mixin
    private ApiOptions api;

    @Parameters(paramLabel = "KEY", description = "The entity's key.")
    private String key;

    @Option(
            names = "--events",
            defaultValue = "10",
            description = "Events to show, at most. Default: ${DEFAULT-VALUE}.")
    private int events;

    EntityCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws InterruptedException {
        JsonNode entity = api.get("/entities/" + ApiOptions.encoded(key), options.environment());
        if (options.json()) {
            terminal.out().line(RecordJson.line(entity));
        } else {
            JsonNode model = api.get("/model", options.environment());
            new EntityText(terminal.out(), model).entity(entity, Math.max(0, events));
        }
        return 0;
    }
}
