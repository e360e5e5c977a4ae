package dev.sequitur.model.step;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.reference.TinyPipeline;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a view tells and what it refuses; its values are checked by {@code SequenceNetworkTest}. */
class CellViewTest {
    @TempDir
    static Path directory;

    private static ModelBundle bundle;
    private static CellView view;
    private static StepShape shape;

    @BeforeAll
    static void train() throws Exception {
        Path out = directory.resolve("bundle");
        TinyPipeline.train("{kind: lstm, units: 4}", out);
        bundle = ModelBundle.load(out);
        view = bundle.cellView();
        shape = bundle.model().step().shape();
    }

    @AfterAll
    static void close() {
        bundle.close();
    }

    private static float[] rows(int n) {
        float[] rows = new float[n * shape.features()];
        for (int i = 0; i < n; i++) {
            rows[(i + 1) * shape.features() - 1] = i - 1f;
        }
        return rows;
    }

    @Test
    void shouldTellTheLastStepsAsTheyFollowFromAllBeforeThem() {
        float[] base = new float[shape.state()];
        Arrays.fill(base, 0.25f);
        List<CellView.Step> all = view.replay(0, base, rows(5), 5);
        List<CellView.Step> last = view.replay(0, base, rows(5), 2);
        assertThat(last).hasSize(2);
        for (int i = 0; i < 2; i++) {
            CellView.Step expected = all.get(3 + i);
            assertThat(last.get(i).signals().keySet())
                    .containsExactlyElementsOf(expected.signals().keySet());
            last.get(i).signals().forEach((name, values) -> assertThat(values)
                    .as(name)
                    .containsExactly(expected.signals().get(name)));
        }
        assertThat(base).containsOnly(0.25f);
    }

    @Test
    void shouldTellAllStepsWhereThereAreFewerThanAskedFor() {
        assertThat(view.replay(0, new float[shape.state()], rows(3), 64)).hasSize(3);
        assertThat(view.replay(0, new float[shape.state()], rows(0), 64)).isEmpty();
    }

    @Test
    void shouldCountTheStateAsZerosWhereASessionStarts() {
        float[] base = new float[shape.state()];
        Arrays.fill(base, 1f);
        float[] rows = rows(1);
        assertThat(view.replay(0, base, rows, 1).get(0).signals().get("1.cell-before"))
                .containsOnly(1f);
        rows[0] = 1;
        CellView.Step step = view.replay(0, base, rows, 1).get(0);
        assertThat(step.start()).isTrue();
        assertThat(step.signals().get("1.cell-before")).containsOnly(0f);
        assertThat(step.signals().get("1.kept")).containsOnly(0f);
    }

    @Test
    void shouldRefuseRowsOfAnotherModelAndMembersThatThereAreNot() {
        float[] base = new float[shape.state()];
        assertThatThrownBy(() -> view.replay(0, new float[3], rows(1), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(
                        "a state row of " + shape.state() + " floats", "got 3 and " + shape.features());
        assertThatThrownBy(() -> view.replay(0, base, new float[2], 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll("feature rows of " + shape.features(), "and 2;");
        assertThatThrownBy(() -> view.replay(1, base, rows(1), 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("member must be 0 to 0, got 1");
    }

    @Test
    void shouldSumASignalUpByItsMeanItsEndsAndItsQuartiles() {
        // By hand: sorted 1, 2, 4, 8, 16; a quartile lies on the second, third and fourth.
        CellView.Spread odd = CellView.Spread.of(new float[] {16, 1, 8, 2, 4});
        assertThat(odd).isEqualTo(new CellView.Spread(6.2, 1, 2, 4, 8, 16));
        // Between two: 0 + 0.75·1, 0.5·(1 + 2), 2 + 0.25·1.
        CellView.Spread even = CellView.Spread.of(new float[] {0, 1, 2, 3});
        assertThat(even.p25()).isCloseTo(0.75, within(1e-12));
        assertThat(even.p50()).isCloseTo(1.5, within(1e-12));
        assertThat(even.p75()).isCloseTo(2.25, within(1e-12));
        assertThat(CellView.Spread.of(new float[] {-3})).isEqualTo(new CellView.Spread(-3, -3, -3, -3, -3, -3));
    }
}
