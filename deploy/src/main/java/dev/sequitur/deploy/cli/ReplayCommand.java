package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.replay.Replay;
import dev.sequitur.deploy.replay.ResultFile;
import dev.sequitur.deploy.terminal.Progress;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.evaluate.NextEventMetrics;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Score;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "replay",
        description = "Runs a part of the data through an embedded Kafka broker and the real topology, exactly once,"
                + " and measures what comes out. Results are written in the order of the data.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur replay --bundle model --data events.csv",
            "  sequitur replay --bundle model --data events.csv \\",
            "      --scores scores.jsonl --predictions predictions.avro"
        })
final class ReplayCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Option(names = "--bundle", required = true, paramLabel = "PATH", description = "The bundle.")
    private Path bundle;

    @Mixin
    private DataOptions data;

    @Mixin
    private PartOption part;

    @Option(names = "--scores", paramLabel = "FILE", description = "Write the scores: .jsonl or .avro.")
    private Path scores;

    @Option(names = "--predictions", paramLabel = "FILE", description = "Write the predictions: .jsonl or .avro.")
    private Path predictions;

    @Option(
            names = "--partitions",
            defaultValue = "4",
            description = "Partitions of the input topic. Default: ${DEFAULT-VALUE}.")
    private int partitions;

    ReplayCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException {
        PipelineSpec spec;
        try (ModelBundle loaded = ModelBundle.load(bundle)) {
            spec = loaded.spec();
        }
        DataOptions.Loaded events = data.load(spec, terminal);
        Timeline timeline = part.timeline(spec, events.events());
        NextEventMetrics metrics = new NextEventMetrics(spec, timeline);
        try (Progress progress =
                        Progress.start(terminal, "replay", timeline.steps().size());
                ResultFile<Score> scoreFile = scores == null ? null : new ResultFile<>(scores, Score.getClassSchema());
                ResultFile<Prediction> predictionFile =
                        predictions == null ? null : new ResultFile<>(predictions, Prediction.getClassSchema())) {
            new Replay(bundle, partitions).run(timeline, (step, result) -> {
                metrics.add(step, result.outcome());
                if (scoreFile != null) {
                    scoreFile.write(result.score());
                }
                if (predictionFile != null) {
                    result.prediction().ifPresent(predictionFile::write);
                }
                progress.advanceTo(step + 1L);
            });
        }
        new Figures(spec, events.events(), timeline, part.name(spec))
                .print(terminal.out(), options.json(), metrics.metrics());
        return 0;
    }
}
