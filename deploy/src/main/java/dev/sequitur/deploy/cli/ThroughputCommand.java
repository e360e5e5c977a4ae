package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.bench.Contestant;
import dev.sequitur.deploy.bench.KeyDistribution;
import dev.sequitur.deploy.bench.ThroughputBench;
import dev.sequitur.deploy.bench.ThroughputBench.Load;
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
        name = "throughput",
        description =
                "Events a second through Kafka Streams: with a state alone, with Sequitur, with Sequitur one event"
                        + " a call, and with a processor as one would write it by hand. Exactly once, one stream thread, the same"
                        + " settings for all.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur bench throughput",
            "  sequitur bench throughput --entities 10000,500000 --distribution uniform,zipf,single",
            "  sequitur bench throughput --distribution single --contestant sequitur",
            "  sequitur bench throughput --property commit.interval.ms=1000"
        })
final class ThroughputCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Mixin
    private final BenchOptions bench = new BenchOptions();

    @Option(
            names = "--entities",
            split = ",",
            paramLabel = "N",
            defaultValue = "10000",
            description = "Keys that events are drawn from. Default: ${DEFAULT-VALUE}.")
    private List<Integer> entities;

    @Option(
            names = "--distribution",
            split = ",",
            paramLabel = "NAME",
            defaultValue = "uniform",
            description = "Of events over keys: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private List<KeyDistribution> distributions;

    @Option(names = "--events", defaultValue = "1000000", description = "Events of a run. Default: ${DEFAULT-VALUE}.")
    private int events;

    @Option(
            names = "--slow-events",
            defaultValue = "150000",
            description = "Events of a run with one call an event, and of a run to warm up. Default: ${DEFAULT-VALUE}.")
    private int slowEvents;

    @Option(
            names = "--warm-ups",
            defaultValue = "1",
            description = "Rounds that don't count, before the others. Default: ${DEFAULT-VALUE}.")
    private int warmUps;

    @Option(names = "--runs", defaultValue = "5", description = "Rounds that count. Default: ${DEFAULT-VALUE}.")
    private int runs;

    @Option(
            names = "--contestant",
            split = ",",
            paramLabel = "NAME",
            description = "Who runs: ${COMPLETION-CANDIDATES}. Default: all.")
    private List<Contestant> contestants = List.of(Contestant.values());

    @Spec
    private CommandSpec command;

    ThroughputCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (entities.stream().anyMatch(n -> n < 1)
                || events < 1
                || slowEvents < 1
                || bench.partitions() < 1
                || runs < 1
                || warmUps < 0) {
            throw new ParameterException(
                    command.commandLine(),
                    "--entities, --events, --slow-events, --partitions and --runs are at least 1, --warm-ups is at least"
                            + " 0");
        }
        ThroughputBench.Plan plan = new ThroughputBench.Plan(
                contestants,
                Load.all(entities, distributions),
                events,
                slowEvents,
                bench.partitions(),
                warmUps,
                runs,
                bench.settings());
        bench.run((servers, bundle) -> new ThroughputBench(servers, bundle, terminal).run(plan))
                .print(terminal.out(), options.json());
        return 0;
    }
}
