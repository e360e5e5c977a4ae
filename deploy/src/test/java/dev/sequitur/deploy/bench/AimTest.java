package dev.sequitur.deploy.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AimTest {
    @Test
    void shouldSayWhatWasMeasuredBesideWhatIsAimedAt() {
        assertThat(Aim.atLeast(0.8, 0.79, "a / b").line()).isEqualTo("  missed   a / b: 0.79, aim >= 0.80");
        assertThat(Aim.atLeast(0.8, 0.8, "a / b").line()).isEqualTo("  reached  a / b: 0.80, aim >= 0.80");
        assertThat(Aim.atMost(15, 14.5, "p99, ms").line()).isEqualTo("  reached  p99, ms: 14.50, aim <= 15.00");
        assertThat(Aim.atMost(15, 15.5, "p99, ms").line()).isEqualTo("  missed   p99, ms: 15.50, aim <= 15.00");
    }

    @Test
    void shouldMissWhereNothingWasMeasured() {
        assertThat(Aim.atLeast(0.8, Double.NaN, "a / b").reached()).isFalse();
        assertThat(Aim.atMost(15, Double.NaN, "p99, ms").reached()).isFalse();
    }
}
