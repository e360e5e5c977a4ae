package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.report.LossCurve;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.report.TrainingProgress;
import dev.sequitur.deploy.report.TrainingReport;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.deploy.terminal.Style;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.bundle.Manifest;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.GroupedEvents;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.model.train.EpochReport;
import dev.sequitur.model.train.Trainer;
import dev.sequitur.model.train.TrainingProgram;
import dev.sequitur.model.train.TrainingStoppedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "train",
        description = "Trains the network of a pipeline spec on events, and writes a bundle.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur train --spec spec.yaml --data events.csv --out model",
            "  sequitur train --spec spec.yaml --data events.csv --out model --resume",
            "  sequitur train --spec spec.yaml --data events.csv --out model \\",
            "      --ensemble 5 --report report.html",
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

    @Option(
            names = "--ensemble",
            paramLabel = "N",
            defaultValue = "1",
            description =
                    "Train N networks with the spec's seed, the next one, and so on, into one bundle that predicts"
                            + " the mean of their distributions. Default: ${DEFAULT-VALUE}.")
    private int members;

    @Option(
            names = "--report",
            paramLabel = "FILE",
            description = "Write an HTML page about the training: loss, figures and calibration of the validation part,"
                    + " what surprised most.")
    private Path report;

    @Spec
    private CommandSpec command;

    TrainCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException {
        if (members < 1) {
            throw new ParameterException(command.commandLine(), "--ensemble must be at least 1, got " + members);
        }
        String yaml = PipelineSpecReader.text(spec);
        PipelineSpec parsed = PipelineSpecReader.parse(yaml, spec.toString());
        requireWritable();
        DataOptions.Spooled spooled = data.spool(parsed, out, terminal);
        try (GroupedEvents events = spooled.events();
                StopSignal stop = StopSignal.install(GRACE)) {
            TrainingProgress progress = new TrainingProgress(terminal, stop);
            TrainingProgram.Summary summary = train(yaml, events, spooled.origin(), progress);
            if (report != null) {
                writeReport(events, summary, progress.warnings());
            }
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

    private TrainingProgram.Summary train(
            String yaml, GroupedEvents events, TrainingProgram.Origin origin, TrainingProgress progress)
            throws IOException {
        try (progress) {
            return TrainingProgram.run(yaml, events, origin, out, members, resume, progress);
        } catch (TrainingStoppedException e) {
            // Said here: once the stop signal is closed the process may be gone.
            terminal.err().line(stopped(e));
            throw e;
        }
    }

    /** Says before the training what would go wrong after it. */
    private void requireWritable() throws IOException {
        if (report == null) {
            return;
        }
        if (Files.isDirectory(report)) {
            throw new UserException("--report " + report + " is a directory; give the path of a file");
        }
        Files.createDirectories(report.toAbsolutePath().getParent());
    }

    /** Takes the events into memory, as evaluating does. */
    private void writeReport(GroupedEvents grouped, TrainingProgram.Summary summary, List<String> warnings)
            throws IOException {
        List<Event> events = new ArrayList<>();
        grouped.forEach((entity, index, event) -> events.add(event));
        try (ModelBundle bundle = ModelBundle.load(out)) {
            List<List<EpochReport>> histories =
                    summary.members().stream().map(Trainer.Trained::history).toList();
            Files.writeString(report, new TrainingReport(bundle, events, histories, warnings).html());
        }
    }

    private String stopped(TrainingStoppedException stop) {
        return "stopped after " + stop.epochs() + " whole epochs; " + out + " was not written. "
                + (stop.epochs() == 0 ? "Train again." : "Go on from there with --resume.");
    }

    private void print(TrainingProgram.Summary summary) {
        var provenance = summary.provenance();
        if (summary.members().size() > 1) {
            printEnsemble(summary);
            return;
        }
        LossCurve.draw(summary.members().get(0).history()).forEach(terminal.out()::line);
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
        printBundle(summary);
    }

    private void printBundle(TrainingProgram.Summary summary) {
        terminal.out()
                .line("bundle " + terminal.out().paint(Style.BOLD, out.toString()) + ", fingerprint "
                        + summary.fingerprint() + ", " + summary.provenance().weights() + " weights");
        if (report != null) {
            terminal.out().line("report " + report);
        }
    }

    private void printEnsemble(TrainingProgram.Summary summary) {
        var provenance = summary.provenance();
        for (Manifest.Member member : provenance.members()) {
            terminal.out()
                    .line(String.format(
                            Locale.ROOT,
                            "seed %d: %d epochs; best epoch %d: training loss %.4f, validation loss %.4f nats per event",
                            member.seed(),
                            member.epochs(),
                            member.bestEpoch(),
                            member.trainingLoss(),
                            member.validationLoss()));
        }
        terminal.out()
                .line(String.format(
                        Locale.ROOT,
                        "trained %d networks on %d events of %d entities in %.1f s; validation loss of the ensemble %.4f"
                                + " nats per event",
                        provenance.members().size(),
                        provenance.trainingEvents(),
                        provenance.entities(),
                        provenance.seconds(),
                        provenance.validationLoss()));
        printBundle(summary);
    }

    private void printJson(TrainingProgram.Summary summary) {
        terminal.out()
                .line(RecordJson.line(RecordJson.object(summary.provenance())
                        .put("bundle", out.toString())
                        .put("fingerprint", summary.fingerprint())));
    }
}
