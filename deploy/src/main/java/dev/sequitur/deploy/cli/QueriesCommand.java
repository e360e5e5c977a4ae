package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.bench.QueriesBench;
import dev.sequitur.deploy.terminal.Terminal;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "queries",
        description = "What it costs the stream that its entities are asked for: events a second of the application of"
                + " sequitur run without history and HTTP, with both, and with look-ups of random entities by another"
                + " process, by a schedule that waits for nothing.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur bench queries",
            "  sequitur bench queries --rate 2000 --runs 9",
            "  sequitur bench queries --property sequitur.history.entities=10000"
        })
final class QueriesCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Mixin
    private final BenchOptions bench = new BenchOptions();

    @Option(
            names = "--entities",
            defaultValue = "10000",
            description = "Keys that events and look-ups are drawn from. Default: ${DEFAULT-VALUE}.")
    private int entities;

    @Option(
            names = "--events",
            defaultValue = "1000000",
            description = "Events of a run, beside a first one of each entity. Default: ${DEFAULT-VALUE}.")
    private int events;

    @Option(names = "--rate", defaultValue = "1000", description = "Look-ups a second. Default: ${DEFAULT-VALUE}.")
    private int rate;

    @Option(
            names = "--warm-ups",
            defaultValue = "1",
            description = "Rounds that don't count, before the others. Default: ${DEFAULT-VALUE}.")
    private int warmUps;

    @Option(names = "--runs", defaultValue = "5", description = "Rounds that count. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Spec
    private CommandSpec command;

    QueriesCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (entities < 1 || events < 1 || rate < 1 || bench.partitions() < 1 || runs < 1 || warmUps < 0) {
            throw new ParameterException(
                    command.commandLine(),
                    "--entities, --events, --rate, --partitions and --runs are at least 1, --warm-ups is at least 0");
        }
        QueriesBench.Plan plan =
                new QueriesBench.Plan(entities, events, bench.partitions(), rate, warmUps, runs, bench.settings());
        bench.runOnDirectory((servers, bundle) -> new QueriesBench(servers, bundle, terminal).run(plan))
                .print(terminal.out(), options.json());
        return 0;
    }
}
