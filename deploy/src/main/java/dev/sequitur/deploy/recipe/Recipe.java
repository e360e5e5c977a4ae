package dev.sequitur.deploy.recipe;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * An evaluation with a protocol of its own, on public or generated data: what is read, how it is split, what is measured,
 * beside baselines of the same run and published results.
 */
public interface Recipe {
    /** Every recipe: a new one is a class and an entry here. */
    List<Recipe> ALL = List.of(
            new HelpdeskRecipe(), new AssistRecipe(), new ChoralesRecipe(), new NabRecipe(), new LongMemoryRecipe());

    /** What a recipe may be asked for, beside its name. */
    enum Option {
        /** A folder with its data. Without this option the data are generated. */
        DATA,
        THROUGH_KAFKA,
        CELLS,
        LAGS,
        SEEDS,
        ENSEMBLE
    }

    /** What {@code evaluate --recipe} calls it, and its folder under {@code deploy/evaluation}. */
    String name();

    /** One line: the question that it asks of a model. */
    String question();

    /** What it understands. */
    Set<Option> options();

    /**
     * @throws dev.sequitur.deploy.terminal.UserException when the data are not those that the recipe is for
     * @throws dev.sequitur.model.train.TrainingStoppedException when someone wanted the end
     */
    RecipeTable run(RecipeRun run) throws IOException;
}
