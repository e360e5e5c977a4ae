package dev.sequitur.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sequitur.deploy.report.EntityText;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.deploy.terminal.Terminal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "alarms",
        description =
                "Asks a running application for its last alarms, all instances together: the newest last, each with"
                        + " the fields that surprised most.",
        footerHeading = "%nExamples:%n",
        footer = {"  sequitur alarms", "  sequitur alarms --follow --json | jq .key"})
final class AlarmsCommand implements Callable<Integer> {
    private static final int MOST = 500;
    private static final Duration LOOK = Duration.ofSeconds(1);
    private static final Duration GRACE = Duration.ofSeconds(5);

    private final Terminal terminal;
    private final GlobalOptions options;

    @Mixin
    private ApiOptions api;

    @Option(names = "--limit", defaultValue = "20", description = "Alarms to show, at most. Default: ${DEFAULT-VALUE}.")
    private int limit;

    @Option(names = "--follow", description = "Go on with those that come, until Ctrl-C.")
    private boolean follow;

    @Spec
    private CommandSpec command;

    AlarmsCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (limit < 1 || limit > MOST) {
            throw new ParameterException(command.commandLine(), "--limit must be 1 to " + MOST + ", got " + limit);
        }
        EntityText text = new EntityText(terminal.out(), api.get("/model", options.environment()));
        Consumer<JsonNode> show = options.json() ? alarm -> terminal.out().line(RecordJson.line(alarm)) : text::alarm;
        List<JsonNode> first = oldestFirst();
        first.subList(Math.max(0, first.size() - limit), first.size()).forEach(show);
        if (!follow) {
            return 0;
        }
        try (StopSignal stop = StopSignal.install(GRACE)) {
            Set<JsonNode> known = new HashSet<>(first);
            while (!stop.await(LOOK)) {
                List<JsonNode> now = oldestFirst();
                now.stream().filter(alarm -> !known.contains(alarm)).forEach(show);
                known.retainAll(now);
                known.addAll(now);
            }
            return 0;
        }
    }

    private List<JsonNode> oldestFirst() throws InterruptedException {
        List<JsonNode> alarms = new ArrayList<>();
        api.get("/alarms?limit=" + MOST, options.environment()).path("alarms").forEach(alarms::add);
        Collections.reverse(alarms);
        return alarms;
    }
}
