package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.recipe.Recipe;
import dev.sequitur.deploy.terminal.Progress;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.evaluate.NextEventMetrics;
import dev.sequitur.model.evaluate.OfflineScoring;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.step.StatePrecision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "evaluate",
        description =
                "Measures a bundle on a part of the data, beside baselines that need no network; or runs a recipe:"
                        + " a public data set with its protocol, trained, measured, beside published results.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sequitur evaluate --bundle model --data events.csv",
            "  sequitur evaluate --bundle model --data new.csv --part all --json",
            "  sequitur evaluate --bundle model --data new.csv --state-precision bfloat16",
            "  sequitur evaluate --recipe helpdesk --data folder --through-kafka"
        })
final class EvaluateCommand implements Callable<Integer> {
    private final Terminal terminal;
    private final GlobalOptions options;

    @Spec
    private CommandSpec command;

    @Option(names = "--bundle", paramLabel = "PATH", description = "The bundle.")
    private Path bundle;

    @Mixin
    private DataOptions data;

    @Mixin
    private PartOption part;

    @Option(
            names = "--state-precision",
            paramLabel = "PRECISION",
            defaultValue = "FLOAT32",
            description = "Round each state between two events as sequitur.state.precision would store it, to see what"
                    + " that costs: ${COMPLETION-CANDIDATES}. Default: ${DEFAULT-VALUE}.")
    private StatePrecision precision;

    @ArgGroup(exclusive = false, validate = false, heading = "Recipes:%n")
    private final RecipeOptions recipe = new RecipeOptions();

    EvaluateCommand(Terminal terminal, GlobalOptions options) {
        this.terminal = terminal;
        this.options = options;
    }

    @Override
    public Integer call() throws IOException {
        Optional<Recipe> wanted = recipe.recipe(command);
        if (wanted.isPresent() == (bundle != null)) {
            throw new ParameterException(command.commandLine(), "Give either --bundle or --recipe");
        }
        return wanted.isPresent()
                ? recipe.run(wanted.get(), command, data, precision, terminal, options.json())
                : measure();
    }

    private int measure() throws IOException {
        try (ModelBundle loaded = ModelBundle.load(bundle)) {
            DataOptions.Loaded events = data.load(loaded.spec(), terminal);
            Timeline timeline = part.timeline(loaded.spec(), events.events());
            NextEventMetrics metrics = new NextEventMetrics(loaded.spec(), timeline);
            try (Progress progress = Progress.start(
                    terminal, "evaluate", Math.max(1, timeline.steps().size()))) {
                int[] done = {0};
                new OfflineScoring(loaded.model(), precision).run(timeline, (step, outcome) -> {
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
