package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.recipe.Recipe;
import dev.sequitur.deploy.recipe.RecipeRun;
import dev.sequitur.deploy.recipe.RecipeTable;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.deploy.terminal.Terminal;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.cell.CellKind;
import dev.sequitur.model.step.StatePrecision;
import dev.sequitur.model.train.TrainingStoppedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.common.utils.Utils;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options of {@code evaluate --recipe}. */
final class RecipeOptions {
    private static final Duration GRACE = Duration.ofSeconds(30);
    private static final String ALL = "all";

    @Option(
            names = "--recipe",
            paramLabel = "NAME",
            completionCandidates = Names.class,
            description =
                    "The recipe: ${COMPLETION-CANDIDATES}. Its --data is a folder; deploy/evaluation/NAME says where"
                            + " to get it.")
    private String name;

    @Option(
            names = "--through-kafka",
            description = "Score by the topology, behind an embedded broker, instead of offline.")
    private boolean throughKafka;

    @Option(
            names = "--cells",
            split = ",",
            paramLabel = "CELL",
            description = "Cells to train, or all. Default: the recipe's.")
    private List<String> cells = new ArrayList<>();

    @Option(names = "--lags", split = ",", paramLabel = "STEPS", description = "Lags of long-memory's tasks.")
    private List<Integer> lags = new ArrayList<>();

    @Option(names = "--seeds", paramLabel = "N", description = "Trainings of each cell. Default: the recipe's.")
    private int seeds;

    @Option(
            names = "--ensemble",
            paramLabel = "N",
            description = "Networks whose mean is one model. Default: the recipe's.")
    private int members;

    @Option(names = "--out", paramLabel = "FOLDER", description = "Keep what is made: bundles, plots.")
    private Path out;

    /** Names of the recipes. */
    static final class Names extends ArrayList<String> {
        private static final long serialVersionUID = 1L;

        Names() {
            super(Recipe.ALL.stream().map(Recipe::name).toList());
        }
    }

    /** The recipe that is wanted, if any. */
    Optional<Recipe> recipe(CommandSpec command) {
        if (name == null) {
            if (throughKafka || !cells.isEmpty() || !lags.isEmpty() || seeds != 0 || members != 0 || out != null) {
                throw new ParameterException(
                        command.commandLine(),
                        "--through-kafka, --cells, --lags, --seeds, --ensemble and --out belong to --recipe; give it too");
            }
            return Optional.empty();
        }
        return Optional.of(Recipe.ALL.stream()
                .filter(r -> r.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new ParameterException(
                        command.commandLine(), "There is no recipe '" + name + "'; there are " + new Names())));
    }

    int run(
            Recipe recipe,
            CommandSpec command,
            DataOptions data,
            StatePrecision precision,
            Terminal terminal,
            boolean json)
            throws IOException {
        checkOptions(recipe, command, data);
        if (precision != StatePrecision.FLOAT32
                && (throughKafka || !recipe.options().contains(Recipe.Option.DATA))) {
            throw new ParameterException(
                    command.commandLine(),
                    "--state-precision rounds where a recipe's data are scored offline; the recipe " + recipe.name()
                            + (throughKafka ? " scores --through-kafka" : " scores none"));
        }
        Path folder = null;
        if (recipe.options().contains(Recipe.Option.DATA)) {
            folder = data.only().orElseThrow();
            if (!Files.isDirectory(folder)) {
                throw new UserException("--data of a recipe is the folder with its files, got " + folder
                        + ". deploy/evaluation/" + recipe.name() + "/README.md says how to get them");
            }
        }
        Path work = out == null ? Files.createTempDirectory("sequitur-" + recipe.name()) : Files.createDirectories(out);
        try (StopSignal stop = StopSignal.install(GRACE)) {
            RecipeTable table = recipe.run(new RecipeRun(
                    folder, throughKafka, precision, kinds(command), lags, seeds, members, work, terminal, stop));
            if (json) {
                table.printJson(terminal.out(), recipe.name());
            } else {
                table.print(terminal.out());
            }
            return ExitCode.OK;
        } catch (TrainingStoppedException e) {
            terminal.err().line("stopped; the recipe has no result");
            return ExitCode.SOFTWARE;
        } finally {
            if (out == null) {
                Utils.delete(work.toFile());
            }
        }
    }

    private void checkOptions(Recipe recipe, CommandSpec command, DataOptions data) {
        Set<Recipe.Option> given = EnumSet.noneOf(Recipe.Option.class);
        if (data.given()) {
            given.add(Recipe.Option.DATA);
        }
        if (throughKafka) {
            given.add(Recipe.Option.THROUGH_KAFKA);
        }
        if (!cells.isEmpty()) {
            given.add(Recipe.Option.CELLS);
        }
        if (!lags.isEmpty()) {
            given.add(Recipe.Option.LAGS);
        }
        if (seeds != 0) {
            given.add(Recipe.Option.SEEDS);
        }
        if (members != 0) {
            given.add(Recipe.Option.ENSEMBLE);
        }
        for (Recipe.Option option : given) {
            if (!recipe.options().contains(option)) {
                throw new ParameterException(
                        command.commandLine(),
                        "The recipe " + recipe.name() + " takes no --"
                                + option.name().toLowerCase(Locale.ROOT).replace('_', '-'));
            }
        }
        if (recipe.options().contains(Recipe.Option.DATA) && data.only().isEmpty()) {
            throw new ParameterException(
                    command.commandLine(),
                    "The recipe " + recipe.name() + " needs --data FOLDER; deploy/evaluation/" + recipe.name()
                            + "/README.md says how to get its files");
        }
        if (seeds < 0 || members < 0 || lags.stream().anyMatch(lag -> lag < 1)) {
            throw new ParameterException(command.commandLine(), "--seeds, --ensemble and --lags are at least 1");
        }
    }

    private List<String> kinds(CommandSpec command) {
        List<String> there =
                Stream.of(CellKind.values()).map(CellKind::specName).toList();
        for (String cell : cells) {
            if (!cell.equals(ALL) && !there.contains(cell)) {
                throw new ParameterException(
                        command.commandLine(), "There is no cell '" + cell + "'; there are " + there + ", or all");
            }
        }
        return cells.contains(ALL) ? there : cells;
    }
}
