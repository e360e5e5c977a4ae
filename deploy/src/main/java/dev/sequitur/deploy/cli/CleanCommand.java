package dev.sequitur.deploy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sequitur.deploy.application.Maintenance;
import dev.sequitur.deploy.application.ResetPlan;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.terminal.Terminal;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "clean",
        description = {
            "Deletes the states of a stopped application on this machine. Its next start restores them from Kafka; no"
                    + " event is scored again and none is lost. Says what it would do, and does it with --execute."
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur clean --config sequitur.properties",
            "  sequitur clean --config sequitur.properties --execute"
        })
final class CleanCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Mixin
    private final ConfigOption config = new ConfigOption();

    @Option(names = "--execute", description = "Do it.")
    private boolean execute;

    CleanCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() {
        Maintenance maintenance = Maintenance.of(config.read(options.environment()));
        ResetPlan.Local local = maintenance.local();
        terminal.out()
                .line(
                        options.json()
                                ? json(local)
                                : "application " + maintenance.applicationId() + System.lineSeparator() + words(local));
        if (execute) {
            maintenance.clean();
        }
        terminal.err()
                .line(
                        execute
                                ? "done; the next start restores the states from Kafka"
                                : "nothing is done yet; with --execute it is");
        return 0;
    }

    static String words(ResetPlan.Local local) {
        return local.tasks().isEmpty()
                ? "  no states in " + local.directory() + " on this machine"
                : String.format(
                        Locale.ROOT,
                        "  delete %s (%,d tasks, %,d bytes) on this machine",
                        local.directory(),
                        local.tasks().size(),
                        local.bytes());
    }

    static String json(ResetPlan.Local local) {
        return RecordJson.line(JsonNodeFactory.instance
                .objectNode()
                .put("action", "delete-states")
                .put("directory", local.directory().toString())
                .put("tasks", local.tasks().size())
                .put("bytes", local.bytes()));
    }
}
