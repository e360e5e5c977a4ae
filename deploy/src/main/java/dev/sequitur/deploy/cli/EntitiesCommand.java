package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.bench.EntitiesBench;
import dev.sequitur.deploy.terminal.Terminal;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "entities",
        description = "What entities cost, by their number: bytes in memory, on disk and in the changelog, the time to"
                + " restore them, and events a second of random ones.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur bench entities",
            "  sequitur bench entities --entities 1000000 --units 128",
            "  sequitur bench entities --property statestore.cache.max.bytes=200000000"
        })
final class EntitiesCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Mixin
    private final BenchOptions bench = new BenchOptions();

    @Option(
            names = "--entities",
            split = ",",
            paramLabel = "N",
            defaultValue = "10000,100000,1000000",
            description = "Numbers of entities. Default: ${DEFAULT-VALUE}.")
    private List<Integer> entities;

    @Option(
            names = "--events",
            defaultValue = "1000000",
            description = "Events of a run that measures events a second. Default: ${DEFAULT-VALUE}.")
    private int events;

    @Option(names = "--runs", defaultValue = "3", description = "Of events a second. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Spec
    private CommandSpec command;

    EntitiesCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (entities.stream().anyMatch(n -> n < 1) || events < 1 || bench.partitions() < 1 || runs < 1) {
            throw new ParameterException(
                    command.commandLine(), "--entities, --events, --partitions and --runs are at least 1");
        }
        EntitiesBench.Plan plan = new EntitiesBench.Plan(entities, events, bench.partitions(), runs, bench.settings());
        bench.run((servers, bundle) -> new EntitiesBench(servers, bundle, terminal).run(plan))
                .print(terminal.out(), options.json());
        return 0;
    }
}
