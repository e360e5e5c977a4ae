package dev.sequitur.deploy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sequitur.deploy.terminal.Captured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What a run of the command, in this process, gave. */
record CommandRun(int code, String out, String err) {
    private static final JsonMapper JSON = new JsonMapper();

    static CommandRun of(Object... args) {
        Captured captured = Captured.pipes();
        String[] texts = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            texts[i] = args[i].toString();
        }
        int code = Sequitur.run(captured.terminal(), Map.of(), Sequitur.SUBCOMMANDS, texts);
        return new CommandRun(code, captured.out(), captured.err());
    }

    /** The run's standard output; fails with standard error where the code isn't 0. */
    String succeeded() {
        if (code != 0) {
            throw new AssertionError("exit code " + code + ", standard error:\n" + err);
        }
        return out;
    }

    /** Standard output as a JSON value a line. */
    List<JsonNode> json() {
        return succeeded().lines().map(CommandRun::json).toList();
    }

    /** What {@code evaluate --json} and {@code replay --json} print: value and count by source, field and metric. */
    Map<String, double[]> figures() {
        Map<String, double[]> figures = new LinkedHashMap<>();
        for (JsonNode line : json()) {
            String name = line.get("source").textValue() + "/"
                    + line.get("field").textValue() + "/" + line.get("metric").textValue();
            double[] figure = {
                line.get("value").doubleValue(), line.get("count").longValue()
            };
            if (figures.put(name, figure) != null) {
                throw new AssertionError("two figures " + name);
            }
        }
        return figures;
    }

    static JsonNode json(String line) {
        try {
            return JSON.readTree(line);
        } catch (JsonProcessingException e) {
            throw new AssertionError("not JSON: " + line, e);
        }
    }
}
