package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.report.LossCurve;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.report.TrainingProgress;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.deploy.terminal.Style;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.model.train.TrainingProgram;
import dev.sequitur.model.train.TrainingStoppedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "train",
        description = "Trains the network of a pipeline spec on events, and writes a bundle.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur train --spec spec.yaml --data events.csv --out model",
            "  sequitur train --spec spec.yaml --data events.csv --out model --resume",
            "  sequitur train --spec spec.yaml --topic events \\",
            "      --bootstrap-servers broker:9092 --out model.zip"
        })
final class TrainCommand implements Callable<Integer> {
    private static final Duration GRACE = Duration.ofSeconds(30);

    private final Terminal terminal;
    private final GlobalOptions options;

    @Option(names = "--spec", required = true, paramLabel = "FILE", description = "The pipeline spec, YAML.")
    private Path spec;

    @Mixin
    private DataOptions data;

    @Option(
            names = "--out",
            required = true,
            paramLabel = "PATH",
            description = "The bundle to write: a directory, or a file that ends in .zip. What is there is replaced.")
    private Path out;

    @Option(
            names = "--resume",
            description = "Go on from the checkpoint that stands beside the bundle (PATH.checkpoint).")
    private boolean resume;

    TrainCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException {
        PipelineSpec parsed = PipelineSpecReader.read(spec);
        String yaml = readSpec();
        DataOptions.Loaded loaded = data.load(parsed, terminal);
        try (StopSignal stop = StopSignal.install(GRACE)) {
            TrainingProgram.Summary summary = train(yaml, loaded, stop);
            if (options.json()) {
                printJson(summary);
            } else {
                print(summary);
            }
            return ExitCode.OK;
        } catch (TrainingStoppedException e) {
            return ExitCode.SOFTWARE;
        }
    }

    private TrainingProgram.Summary train(String yaml, DataOptions.Loaded loaded, StopSignal stop) throws IOException {
        try (TrainingProgress progress = new TrainingProgress(terminal, stop)) {
            return TrainingProgram.run(
                    yaml,
                    loaded.events(),
                    new TrainingProgram.Origin(
                            loaded.names(), loaded.malformed().count()),
                    out,
                    resume,
                    progress);
        } catch (TrainingStoppedException e) {
            // Said here: once the stop signal is closed the process may be gone.
            terminal.err().line(stopped(e));
            throw e;
        }
    }

    private String stopped(TrainingStoppedException stop) {
        return "stopped after " + stop.epochs() + " whole epochs; " + out + " was not written. "
                + (stop.epochs() == 0 ? "Train again." : "Go on from there with --resume.");
    }

    private String readSpec() {
        try {
            return Files.readString(spec);
        } catch (IOException e) {
            throw new UserException("The pipeline spec " + spec + " can't be read: " + e.getMessage(), e);
        }
    }

    private void print(TrainingProgram.Summary summary) {
        LossCurve.draw(summary.trained().history()).forEach(terminal.out()::line);
        var provenance = summary.provenance();
        terminal.out()
                .line(String.format(
                        Locale.ROOT,
                        "trained %d epochs on %d events of %d entities in %.1f s; best epoch %d: training loss %.4f,"
                                + " validation loss %.4f nats per event",
                        provenance.epochs(),
                        provenance.trainingEvents(),
                        provenance.entities(),
                        provenance.seconds(),
                        provenance.bestEpoch(),
                        provenance.trainingLoss(),
                        provenance.validationLoss()));
        terminal.out()
                .line("bundle " + terminal.out().paint(Style.BOLD, out.toString()) + ", fingerprint "
                        + summary.fingerprint() + ", " + provenance.weights() + " weights");
    }

    private void printJson(TrainingProgram.Summary summary) {
        terminal.out()
                .line(RecordJson.line(RecordJson.object(summary.provenance())
                        .put("bundle", out.toString())
                        .put("fingerprint", summary.fingerprint())));
    }
}
