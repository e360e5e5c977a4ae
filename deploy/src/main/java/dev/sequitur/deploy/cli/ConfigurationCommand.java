package dev.sequitur.deploy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.application.ConfigurationReference;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.terminal.Terminal;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

@Command(
        name = "configuration",
        description = "Prints every sequitur.* key of run with its type, default and meaning, as a table in Markdown;"
                + " with --json with its environment variable too.",
        footerHeading = "%nExamples:%n",
        footer = {"  sequitur configuration", "  sequitur configuration --json"})
final class ConfigurationCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    ConfigurationCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() {
        if (options.json()) {
            ConfigurationReference.keys().forEach(key -> terminal.out().line(RecordJson.line(json(key))));
        } else {
            ConfigurationReference.markdown().forEach(terminal.out()::line);
        }
        return 0;
    }

    private static ObjectNode json(ConfigurationReference.Key key) {
        return JsonNodeFactory.instance
                .objectNode()
                .put("key", key.key())
                .put("variable", key.variable())
                .put("type", key.type())
                .put("required", key.required())
                .put("default", key.fallback().orElse(null))
                .put("meaning", key.meaning());
    }
}
