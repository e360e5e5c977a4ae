package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.bench.BenchModel;
import dev.sequitur.deploy.bench.micro.MicroBench;
import dev.sequitur.deploy.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.apache.kafka.common.utils.Utils;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "micro",
        description = "The parts of a step, by JMH: packing, an event's encoding and decoding, the state's, the step"
                + " function. With --verbose JMH says what it does.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur bench micro",
            "  sequitur bench micro --benchmark StateBenchmark --forks 3",
            "  sequitur bench micro --benchmark StepBenchmark --threads 2",
            "  sequitur bench micro --benchmark 'EventBenchmark.decode' --iterations 10"
        })
final class MicroCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Option(
            names = "--benchmark",
            paramLabel = "REGEX",
            defaultValue = "Benchmark",
            description = "Which run: those with this in their names. Default: all.")
    private String pattern;

    @Option(
            names = "--forks",
            defaultValue = "1",
            description = "Processes for each benchmark; 0 for this one. Default: ${DEFAULT-VALUE}.")
    private int forks;

    @Option(
            names = "--iterations",
            defaultValue = "5",
            description = "That count, in each process; half as many warm up. Default: ${DEFAULT-VALUE}.")
    private int iterations;

    @Option(
            names = "--millis",
            defaultValue = "1000",
            description = "Milliseconds of an iteration. Default: ${DEFAULT-VALUE}.")
    private int millis;

    @Option(
            names = "--threads",
            defaultValue = "1",
            description = "That run a benchmark at the same time, as stream threads do, with one step function for"
                    + " all. Default: ${DEFAULT-VALUE}.")
    private int threads;

    @Option(names = "--cell", defaultValue = "lstm", description = "Default: ${DEFAULT-VALUE}.")
    private String cell;

    @Option(names = "--units", defaultValue = "64", description = "Hidden units. Default: ${DEFAULT-VALUE}.")
    private int units;

    @Spec
    private CommandSpec command;

    MicroCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException {
        if (forks < 0 || iterations < 1 || millis < 1 || threads < 1) {
            throw new ParameterException(
                    command.commandLine(),
                    "--iterations, --millis and --threads are at least 1, --forks is at least 0");
        }
        try {
            Pattern.compile(pattern);
        } catch (PatternSyntaxException e) {
            throw new ParameterException(command.commandLine(), "--benchmark: " + e.getMessage(), e);
        }
        Path work = Files.createTempDirectory("sequitur-bench-");
        try {
            BenchModel.write(work.resolve("bundle"), cell, units);
            MicroBench.run(
                            work.resolve("bundle"),
                            new MicroBench.Plan(pattern, forks, iterations, millis, threads),
                            options.verbose() && !options.json())
                    .print(terminal.out(), options.json());
        } finally {
            Utils.delete(work.toFile());
        }
        return 0;
    }
}
