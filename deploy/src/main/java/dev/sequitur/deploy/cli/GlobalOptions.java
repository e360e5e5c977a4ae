package dev.sequitur.deploy.cli;

import java.util.Map;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** Options that every command takes, before or after its name. */
final class GlobalOptions {
    @Option(
            names = {"-v", "--verbose"},
            scope = ScopeType.INHERIT,
            description = "Say more: progress of the work in the log, and errors with their stack traces.")
    private boolean verbose;

    @Option(
            names = "--json",
            scope = ScopeType.INHERIT,
            description = "Print results as JSON, one object a line, and nothing else on standard output.")
    private boolean json;

    private final Map<String, String> environment;

    GlobalOptions(Map<String, String> environment) {
        this.environment = environment;
    }

    /** The variables that the command was started with. */
    Map<String, String> environment() {
        return environment;
    }

    boolean verbose() {
        return verbose;
    }

    boolean json() {
        return json;
    }
}
