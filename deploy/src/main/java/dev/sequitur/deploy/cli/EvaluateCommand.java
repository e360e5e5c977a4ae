package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.terminal.Progress;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.evaluate.NextEventMetrics;
import dev.sequitur.model.evaluate.OfflineScoring;
import dev.sequitur.model.evaluate.Timeline;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "evaluate",
        description = "Measures a bundle on a part of the data, beside baselines that need no network.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur evaluate --bundle model --data events.csv",
            "  sequitur evaluate --bundle model --data new.csv --part all --json"
        })
final class EvaluateCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Option(names = "--bundle", required = true, paramLabel = "PATH", description = "The bundle.")
    private Path bundle;

    @Mixin
    private DataOptions data;

    @Mixin
    private PartOption part;

    EvaluateCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException {
        try (ModelBundle loaded = ModelBundle.load(bundle)) {
            DataOptions.Loaded events = data.load(loaded.spec(), terminal);
            Timeline timeline = part.timeline(loaded.spec(), events.events());
            NextEventMetrics metrics = new NextEventMetrics(loaded.spec(), timeline);
            try (Progress progress = Progress.start(
                    terminal, "evaluate", Math.max(1, timeline.steps().size()))) {
                int[] done = {0};
                new OfflineScoring(loaded.model()).run(timeline, (step, outcome) -> {
                    metrics.add(step, outcome);
                    progress.advanceTo(++done[0]);
                });
            }
            new Figures(loaded.spec(), events.events(), timeline, part.name(loaded.spec()))
                    .print(terminal.out(), options.json(), metrics.metrics());
            return 0;
        }
    }
}
