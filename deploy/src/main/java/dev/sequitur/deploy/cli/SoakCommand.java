package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.bench.KeyDistribution;
import dev.sequitur.deploy.bench.SoakBench;
import dev.sequitur.deploy.bench.SoakReport;
import dev.sequitur.deploy.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "soak",
        description = "Many events through an application in a process of its own, and what it holds of memory, files,"
                + " threads and TensorFlow's objects meanwhile. Fails where one of them rises after the warm-up (the"
                + " first 30 % of the events) by more than --tolerance of its median. Linux only.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur bench soak",
            "  sequitur bench soak --events 1000000 --svg soak.svg",
            "  sequitur bench soak --json > soak.jsonl"
        })
final class SoakCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Mixin
    private final BenchOptions bench = new BenchOptions();

    @Option(names = "--events", defaultValue = "10000000", description = "In all. Default: ${DEFAULT-VALUE}.")
    private long events;

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
            names = "--heap",
            defaultValue = "256m",
            description = "Of the application, touched as a whole at its start. Default: ${DEFAULT-VALUE}.")
    private String heap;

    @Option(
            names = "--tolerance",
            defaultValue = "0.03",
            description = "Share of its median by which a figure may rise. Default: ${DEFAULT-VALUE}.")
    private double tolerance;

    @Option(names = "--svg", paramLabel = "FILE", description = "Where to draw it.")
    private Path svg;

    @Spec
    private CommandSpec command;

    SoakCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (events < SoakBench.LEAST_EVENTS || entities < 1 || bench.partitions() < 1 || !(tolerance >= 0)) {
            throw new ParameterException(
                    command.commandLine(),
                    "--events is at least " + SoakBench.LEAST_EVENTS
                            + ", --entities and --partitions are at least 1, --tolerance is at least 0");
        }
        if (!heap.matches("[1-9][0-9]*[kmgKMG]?")) {
            throw new ParameterException(
                    command.commandLine(), "--heap is a size as -Xmx takes it, 256m or 1g, got " + heap);
        }
        SoakBench.Plan plan = new SoakBench.Plan(
                events, entities, distribution, bench.partitions(), heap, tolerance, bench.settings());
        SoakReport report =
                bench.runOnDirectory((servers, bundle) -> new SoakBench(servers, bundle, terminal).run(plan));
        report.print(terminal.out(), options.json());
        if (svg != null) {
            Files.writeString(svg, report.svg());
        }
        return report.steady() ? 0 : 1;
    }
}
