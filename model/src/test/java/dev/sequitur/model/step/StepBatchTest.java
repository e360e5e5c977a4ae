package dev.sequitur.model.step;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class StepBatchTest {
    private final StepBatch batch = new StepBatch(new StepShape(3, 5, 2, 4));

    @Test
    void shouldHaveFewWidthsAndLittlePadding() {
        Set<Integer> widths = new TreeSet<>();
        for (int rows = 0; rows <= 1024; rows++) {
            batch.resize(rows);
            assertThat(batch.rows()).isEqualTo(rows);
            assertThat(batch.width()).isBetween(rows, rows + rows / 8);
            widths.add(batch.width());
        }
        assertThat(widths).hasSizeLessThan(70);
    }

    @Test
    void shouldHaveRoomForEverySlotAndRow() {
        for (int steps : new int[] {1, 4, 16}) {
            for (int rows : new int[] {1, 17, 16, 33, 500, 3}) {
                batch.resize(steps, rows);
                int last = batch.slot(steps - 1, batch.width() - 1);
                assertThat(last).isEqualTo(steps * batch.width() - 1);
                assertThat(batch.features).hasSizeGreaterThanOrEqualTo((last + 1) * 3);
                assertThat(batch.surprise).hasSizeGreaterThanOrEqualTo((last + 1) * 2);
                assertThat(batch.expected).hasSizeGreaterThanOrEqualTo((last + 1) * 4);
                assertThat(batch.prediction).hasSizeGreaterThanOrEqualTo((last + 1) * 4);
                assertThat(batch.state).hasSizeGreaterThanOrEqualTo(batch.width() * 5);
                for (int row = 0; row < batch.width(); row++) {
                    assertThat(batch.lengths[row]).isEqualTo(row < rows ? steps : 1);
                }
            }
        }
    }
}
