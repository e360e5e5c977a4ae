package dev.sequitur.deploy.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.deploy.terminal.Style;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.model.data.GroupedEvents;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.model.spec.SearchSpace;
import dev.sequitur.model.train.RandomSearch;
import dev.sequitur.model.train.RandomSearch.Trial;
import dev.sequitur.model.train.TrainingStoppedException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "search",
        description = "Searches options of a pipeline spec by random trials on the validation part, and writes the best"
                + " trial's bundle.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur search --spec spec.yaml --data events.csv --space space.yaml \\",
            "      --trials 20 --out model",
            "  sequitur search --spec spec.yaml --data events.csv --space space.yaml \\",
            "      --budget 10m --out model --json"
        })
final class SearchCommand implements Callable<Integer> {
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final Terminal terminal;
    private final GlobalOptions options;

    @Option(names = "--spec", required = true, paramLabel = "FILE", description = "The pipeline spec, YAML.")
    private Path spec;

    @Mixin
    private DataOptions data;

    @Option(
            names = "--space",
            required = true,
            paramLabel = "FILE",
            description =
                    "What is searched, YAML: paths of the spec, each with choice, uniform, log-uniform or integer.")
    private Path space;

    @Option(names = "--trials", paramLabel = "N", description = "Trainings, at most.")
    private Integer trials;

    @Option(
            names = "--budget",
            paramLabel = "TIME",
            converter = DurationConverter.class,
            description = "Begin no epoch after so long: 90s, 10m, 8h.")
    private Duration budget;

    @Option(
            names = "--seed",
            defaultValue = "1",
            description = "Of the values that are drawn. Default: ${DEFAULT-VALUE}.")
    private long seed;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "PATH",
            description = "The bundle to write: a directory, or a file that ends in .zip. What is there is replaced.")
    private Path out;

    @Spec
    private CommandSpec command;

    SearchCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException {
        if (trials == null && budget == null) {
            throw new ParameterException(command.commandLine(), "Missing when to end: give --trials, --budget or both");
        }
        if (trials != null && trials < 1) {
            throw new ParameterException(command.commandLine(), "--trials must be at least 1, got " + trials);
        }
        String yaml = PipelineSpecReader.text(spec);
        PipelineSpec parsed = PipelineSpecReader.parse(yaml, spec.toString());
        SearchSpace searched = SearchSpace.read(space);
        DataOptions.Spooled spooled = data.spool(parsed, out, terminal);
        try (GroupedEvents events = spooled.events();
                StopSignal stop = StopSignal.install(GRACE)) {
            List<Trial> ran = RandomSearch.run(
                    yaml,
                    searched,
                    events,
                    spooled.origin(),
                    out,
                    trials == null ? Integer.MAX_VALUE : trials,
                    seed,
                    new Listener(stop, System.nanoTime()));
            print(ran);
            return stop.requested() ? ExitCode.SOFTWARE : ExitCode.OK;
        } catch (TrainingStoppedException e) {
            terminal.err()
                    .line("stopped before the first trial was through; " + out + " was not written. Search again.");
            return ExitCode.SOFTWARE;
        }
    }

    /** Says how each trial ended as it ends: a search takes long. */
    private final class Listener implements RandomSearch.Listener {
        private final StopSignal stop;
        private final long startedNanos;

        Listener(StopSignal stop, long startedNanos) {
            this.stop = stop;
            this.startedNanos = startedNanos;
        }

        @Override
        public void warning(String message) {
            terminal.err().line(terminal.err().paint(Style.YELLOW, "warning: ") + message);
        }

        @Override
        public boolean stopRequested() {
            return stop.requested();
        }

        @Override
        public boolean enough() {
            return budget != null && System.nanoTime() - startedNanos >= budget.toNanos();
        }

        @Override
        public void trial(Trial trial, boolean best) {
            terminal.err()
                    .line("trial " + trial.number() + (trials == null ? "" : "/" + trials) + ": " + line(trial)
                            + (best ? ", the best so far" : ""));
        }
    }

    private static String line(Trial trial) {
        return trial.failed()
                ? values(trial.values()) + " failed: " + trial.problem()
                : String.format(
                        Locale.ROOT,
                        "validation loss %.4f after %d epochs, %.1f s, %s",
                        trial.validationLoss(),
                        trial.epochs(),
                        trial.seconds(),
                        values(trial.values()));
    }

    private static String values(Map<String, Object> values) {
        return values.entrySet().stream()
                .map(entry -> entry.getKey() + "="
                        + (entry.getValue() instanceof Double number
                                ? String.format(Locale.ROOT, "%.4g", number)
                                : entry.getValue()))
                .collect(Collectors.joining(" "));
    }

    private void print(List<Trial> ran) {
        if (options.json()) {
            ran.forEach(trial -> terminal.out().line(RecordJson.line(json(trial, trial == ran.get(0)))));
            return;
        }
        terminal.out().line(terminal.out().paint(Style.BOLD, "trial  validation  epochs  values"));
        for (Trial trial : ran) {
            terminal.out()
                    .line(
                            trial.failed()
                                    ? String.format(
                                            Locale.ROOT,
                                            "%5d      failed          %s",
                                            trial.number(),
                                            values(trial.values()))
                                    : String.format(
                                            Locale.ROOT,
                                            "%5d  %10.4f  %6d  %s",
                                            trial.number(),
                                            trial.validationLoss(),
                                            trial.epochs(),
                                            values(trial.values())));
        }
        terminal.out()
                .line("bundle " + terminal.out().paint(Style.BOLD, out.toString()) + " of trial "
                        + ran.get(0).number());
    }

    private ObjectNode json(Trial trial, boolean best) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("trial", trial.number()).put("best", best);
        if (trial.failed()) {
            node.put("problem", trial.problem());
        } else {
            node.put("validationLoss", trial.validationLoss()).put("epochs", trial.epochs());
        }
        node.put("seconds", trial.seconds());
        ObjectNode values = node.putObject("values");
        trial.values().forEach(values::putPOJO);
        if (best) {
            node.put("bundle", out.toString());
        }
        return node;
    }
}
