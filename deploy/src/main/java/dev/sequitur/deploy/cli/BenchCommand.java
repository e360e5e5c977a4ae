package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.terminal.Terminal;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(name = "bench", description = "Measures how fast this machine is.", synopsisSubcommandLabel = "BENCHMARK")
final class BenchCommand implements Callable<Integer> {
    /** Every benchmark: a new one is a class and an entry here. */
    private static final List<Sequitur.Subcommand> BENCHMARKS = List.of(
            ThroughputCommand::new,
            LatencyCommand::new,
            EntitiesCommand::new,
            QueriesCommand::new,
            DeviceCommand::new,
            MicroCommand::new,
            SoakCommand::new);

    private final Terminal terminal;
    private final GlobalOptions options;

    private CommandSpec command;

    BenchCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Spec
    void spec(CommandSpec spec) {
        command = spec;
        BENCHMARKS.forEach(benchmark -> {
            CommandLine line = new CommandLine(benchmark.create(terminal, options));
            spec.addSubcommand(line.getCommandSpec().name(), line);
        });
    }

    @Override
    public Integer call() {
        throw new ParameterException(
                command.commandLine(),
                "Missing benchmark; there are "
                        + command.subcommands().keySet().stream().sorted().toList());
    }
}
