package dev.sequitur.model.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SoftmaxHeadTest extends HeadContract {
    private static final int SLOTS = 7;

    @Override
    Head head() {
        return new SoftmaxHead(SLOTS);
    }

    @Override
    float[] observe(Random random) {
        return new float[] {random.nextInt(SLOTS)};
    }

    @Override
    float[] observeExtreme(Random random) {
        return observe(random);
    }

    @Override
    double nats(double[] raw, double[] observed) {
        double largest = Arrays.stream(raw).max().orElseThrow();
        double sum = Arrays.stream(raw).map(l -> Math.exp(l - largest)).sum();
        return largest + Math.log(sum) - raw[(int) observed[0]];
    }

    @Override
    double[] parameters(double[] raw) {
        double[] shares = new double[SLOTS];
        Arrays.setAll(shares, k -> Math.exp(-nats(raw, new double[] {k})));
        return shares;
    }

    @Test
    void shouldShareOneAmongTheSlots() {
        float[] raw = {100, -100, 3, 99, 0, 0, 1};
        float[][] rows = new float[SLOTS][];
        float[][] observed = new float[SLOTS][];
        Arrays.setAll(rows, k -> raw);
        Arrays.setAll(observed, k -> new float[] {k});
        float[][] nats = HeadRun.of(head(), rows, observed).surprise();

        double sum = Arrays.stream(nats).mapToDouble(n -> Math.exp(-n[0])).sum();
        assertThat(sum).isCloseTo(1, within(1e-5));
    }

    @Test
    void shouldTellSlotsOfALargeVocabularyApart() {
        Head large = new SoftmaxHead(20_002);
        float[][] raw = new float[2][20_002];
        raw[0][20_001] = 30;
        raw[1][20_000] = 30;
        float[][] nats =
                HeadRun.of(large, raw, new float[][] {{20_001}, {20_001}}).surprise();

        assertThat(nats[0][0]).isCloseTo(0, within(1e-5f));
        assertThat(nats[1][0]).isCloseTo(30, within(1e-4f));
    }

    @Test
    void shouldStartWithEverySlotAlike() {
        assertThat(head().initialBias()).hasSize(SLOTS).containsOnly(0);
    }
}
