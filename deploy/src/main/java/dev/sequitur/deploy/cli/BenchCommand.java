package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.bench.BenchModel;
import dev.sequitur.deploy.bench.BenchTable;
import dev.sequitur.deploy.bench.Contestant;
import dev.sequitur.deploy.bench.KeyDistribution;
import dev.sequitur.deploy.bench.ThroughputBench;
import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.model.bundle.ModelBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.Callable;
import org.apache.kafka.common.utils.Utils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(name = "bench", description = "Measures how fast this machine is.", synopsisSubcommandLabel = "BENCHMARK")
final class BenchCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Spec
    private CommandSpec command;

    BenchCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() {
        throw new ParameterException(
                command.commandLine(),
                "Missing benchmark; there are "
                        + command.subcommands().keySet().stream().sorted().toList());
    }

    @Command(
            name = "throughput",
            description = "Events a second through Kafka Streams: with a state alone, with Sequitur, with Sequitur one"
                    + " event a call, and with a processor as one would write it by hand. Exactly once, one stream thread,"
                    + " the same settings for all.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  sequitur bench throughput",
                "  sequitur bench throughput --entities 500000 --events 1000000 --runs 3",
                "  sequitur bench throughput --distribution single --contestant sequitur",
                "  sequitur bench throughput --property commit.interval.ms=1000"
            })
    int throughput(
            @Option(
                            names = "--entities",
                            defaultValue = "10000",
                            description = "Keys that events are drawn from. Default: ${DEFAULT-VALUE}.")
                    int entities,
            @Option(
                            names = "--distribution",
                            defaultValue = "uniform",
                            description = "Of events over keys: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
                    KeyDistribution distribution,
            @Option(
                            names = "--events",
                            defaultValue = "1000000",
                            description = "Events of a run. Default: ${DEFAULT-VALUE}.")
                    int events,
            @Option(
                            names = "--slow-events",
                            defaultValue = "150000",
                            description = "Events of a run with one call an event. Default: ${DEFAULT-VALUE}.")
                    int slowEvents,
            @Option(
                            names = "--partitions",
                            defaultValue = "4",
                            description = "Of the topic of events. Default: ${DEFAULT-VALUE}.")
                    int partitions,
            @Option(
                            names = "--runs",
                            defaultValue = "5",
                            description = "Of each contestant, in turn. Default: ${DEFAULT-VALUE}.")
                    int runs,
            @Option(names = "--cell", defaultValue = "lstm", description = "Default: ${DEFAULT-VALUE}.") String cell,
            @Option(names = "--units", defaultValue = "64", description = "Hidden units. Default: ${DEFAULT-VALUE}.")
                    int units,
            @Option(
                            names = "--contestant",
                            split = ",",
                            paramLabel = "NAME",
                            description = "Who runs: ${COMPLETION-CANDIDATES}. Default: all.")
                    List<Contestant> contestants,
            @Option(
                            names = "--bootstrap-servers",
                            paramLabel = "HOST:PORT",
                            description = "A cluster to run on. Default: a broker in this process.")
                    String bootstrapServers,
            @Option(names = "--property", paramLabel = "KEY=VALUE", description = "Of Kafka Streams, for all.")
                    Map<String, String> properties)
            throws IOException, InterruptedException {
        if (entities < 1 || events < 1 || slowEvents < 1 || partitions < 1 || runs < 1) {
            throw new ParameterException(
                    command.commandLine(),
                    "--entities, --events, --slow-events, --partitions and --runs are at least 1");
        }
        Properties settings = new Properties();
        if (properties != null) {
            settings.putAll(properties);
        }
        ThroughputBench.Plan plan = new ThroughputBench.Plan(
                contestants == null ? List.of(Contestant.values()) : contestants,
                entities,
                distribution,
                events,
                slowEvents,
                partitions,
                runs,
                settings);
        Path work = Files.createTempDirectory("sequitur-bench-");
        try {
            BenchModel.write(work.resolve("bundle"), cell, units);
            try (ModelBundle bundle = ModelBundle.load(work.resolve("bundle"));
                    EmbeddedBroker broker = bootstrapServers == null ? EmbeddedBroker.start() : null) {
                String servers = broker == null ? bootstrapServers : broker.bootstrapServers();
                ThroughputBench.Outcome outcome = new ThroughputBench(servers, bundle, terminal).run(plan);
                if (options.json()) {
                    BenchTable.printJson(terminal.out(), plan, outcome);
                } else {
                    BenchTable.print(terminal.out(), plan, outcome);
                }
            }
        } finally {
            Utils.delete(work.toFile());
        }
        return 0;
    }
}
