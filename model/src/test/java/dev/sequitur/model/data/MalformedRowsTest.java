package dev.sequitur.model.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.model.data.MalformedEventException.Reason;
import org.junit.jupiter.api.Test;

class MalformedRowsTest {
    private static MalformedEventException problem(Reason reason) {
        return new MalformedEventException(reason, "expected better.");
    }

    @Test
    void shouldCountByReasonAndNameTheFirstTen() {
        MalformedRows rows = new MalformedRows(100);
        for (int i = 1; i <= 12; i++) {
            rows.add("f.csv:" + i, problem(i % 3 == 0 ? Reason.NOT_FINITE : Reason.WRONG_TYPE));
        }

        assertThat(rows.count()).isEqualTo(12);
        assertThat(rows.count(Reason.WRONG_TYPE)).isEqualTo(8);
        assertThat(rows.count(Reason.NOT_FINITE)).isEqualTo(4);
        assertThat(rows.count(Reason.TOO_LARGE)).isZero();
        assertThat(rows.report().lines())
                .hasSize(12)
                .startsWith("12 malformed rows: 8 wrong-type, 4 not-finite", "  f.csv:1: expected better.")
                .endsWith("  f.csv:10: expected better.", "  … and 2 more");
    }

    @Test
    void shouldStopAtTheFirstRowBeyondTheLimit() {
        MalformedRows rows = new MalformedRows(1);
        rows.add("f.csv:3", problem(Reason.WRONG_TYPE));

        assertThatThrownBy(() -> rows.add("f.csv:9", problem(Reason.WRONG_TYPE)))
                .isInstanceOf(TooManyMalformedRowsException.class)
                .hasMessageContaining("More than 1 malformed rows")
                .hasMessageContaining("raise data.max-malformed")
                .hasMessageContaining("f.csv:3: expected better.");
    }

    @Test
    void shouldAllowNoneWhereTheLimitIsZero() {
        assertThat(new MalformedRows(0).report()).isEqualTo("No malformed rows.");
        assertThatThrownBy(() -> new MalformedRows(0).add("f", problem(Reason.TOO_LARGE)))
                .isInstanceOf(TooManyMalformedRowsException.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MalformedRows(-1))
                .withMessageContaining("got -1");
    }
}
