package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.bench.KeyDistribution;
import dev.sequitur.deploy.bench.LatencyBench;
import dev.sequitur.deploy.terminal.Terminal;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "latency",
        description = "How long an event takes to become a score, at shares of the throughput that is reached: with the"
                + " wait for the commit and without. Events are sent by a schedule that waits for nothing.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur bench latency",
            "  sequitur bench latency --load 25,50,75 --duration 60",
            "  sequitur bench latency --rate 20000 --load 100 --property commit.interval.ms=25"
        })
final class LatencyCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Mixin
    private final BenchOptions bench = new BenchOptions();

    @Option(
            names = "--entities",
            defaultValue = "10000",
            description = "Keys that events are drawn from. Default: ${DEFAULT-VALUE}.")
    private int entities;

    @Option(
            names = "--distribution",
            defaultValue = "uniform",
            description = "Of events over keys: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private KeyDistribution distribution;

    @Option(
            names = "--load",
            split = ",",
            paramLabel = "PERCENT",
            defaultValue = "10,50,90",
            description = "Shares of the reached throughput. Default: ${DEFAULT-VALUE}.")
    private List<Integer> loads;

    @Option(
            names = "--rate",
            paramLabel = "EVENTS",
            description = "Events a second that count as reached. Default: what is measured first.")
    private Double rate;

    @Option(
            names = "--events",
            defaultValue = "1000000",
            description = "Events to measure what is reached with; a quarter of them warm up first."
                    + " Default: ${DEFAULT-VALUE}.")
    private int events;

    @Option(
            names = "--duration",
            paramLabel = "SECONDS",
            defaultValue = "30",
            description = "Of each load. Default: ${DEFAULT-VALUE}.")
    private int seconds;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            defaultValue = "20",
            description = "Of each load, before; not recorded. Default: ${DEFAULT-VALUE}.")
    private int warmUpSeconds;

    @Spec
    private CommandSpec command;

    LatencyCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (entities < 1 || events < 1 || bench.partitions() < 1 || seconds < 1 || warmUpSeconds < 0) {
            throw new ParameterException(
                    command.commandLine(),
                    "--entities, --events, --partitions and --duration are at least 1, --warm-up is at least 0");
        }
        if (loads.stream().anyMatch(percent -> percent < 1) || rate != null && !(rate >= 1)) {
            throw new ParameterException(
                    command.commandLine(), "--load takes percents and --rate events a second, of at least 1");
        }
        LatencyBench.Plan plan = new LatencyBench.Plan(
                entities,
                distribution,
                bench.partitions(),
                loads,
                rate == null ? OptionalDouble.empty() : OptionalDouble.of(rate),
                events,
                Duration.ofSeconds(warmUpSeconds),
                Duration.ofSeconds(seconds),
                bench.embedded(),
                bench.settings());
        bench.run((servers, bundle) -> new LatencyBench(servers, bundle, terminal).run(plan))
                .print(terminal.out(), options.json());
        return 0;
    }
}
