package dev.sequitur.deploy.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.deploy.terminal.Captured;
import dev.sequitur.deploy.terminal.StopSignal;
import dev.sequitur.model.step.StatePrecision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LongMemoryRecipeTest {
    @TempDir
    Path out;

    @Test
    void shouldTrainMeasureAndDrawWhatIsAskedFor() throws IOException {
        RecipeTable table;
        try (StopSignal stop = StopSignal.install(Duration.ofSeconds(5))) {
            table = new LongMemoryRecipe(60)
                    .run(new RecipeRun(
                            null,
                            false,
                            StatePrecision.FLOAT32,
                            List.of("gru"),
                            List.of(3),
                            1,
                            1,
                            out,
                            Captured.pipes().terminal(),
                            stop));
        }
        assertThat(table.columns())
                .extracting(RecipeTable.Column::name)
                .containsExactly("adding 3", "order 3", "recall 3", "generate 3");
        assertThat(table.rows()).extracting(RecipeTable.Row::name).containsExactly("gru", "chance");
        assertThat(table.row("chance").values()).containsExactly(0.1536, 0.25, 0.125, 0.16);
        assertThat(table.row("gru").values())
                .allSatisfy(share -> assertThat(share).isBetween(0.0, 1.0));
        for (String stage : List.of("initial", "trained")) {
            assertThat(Files.readString(out.resolve("gradient-3-" + stage + ".svg")))
                    .contains("<polyline", ">gru<");
        }
    }
}
