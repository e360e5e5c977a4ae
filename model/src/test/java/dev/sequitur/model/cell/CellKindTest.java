package dev.sequitur.model.cell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.model.spec.PipelineSpec;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class CellKindTest {
    @Test
    void shouldHaveEveryCellThatASpecMayName() {
        assertThat(Arrays.stream(CellKind.values()).map(CellKind::specName))
                .containsExactlyInAnyOrderElementsOf(PipelineSpec.CellSpec.KINDS);
    }

    @Test
    void shouldListTheCellsWhereAnUnknownOneIsAskedFor() {
        assertThatThrownBy(() -> CellKind.of("lstn"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("unknown cell 'lstn'; there are " + String.join(", ", PipelineSpec.CellSpec.KINDS));
    }
}
