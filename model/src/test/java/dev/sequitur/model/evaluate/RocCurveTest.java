package dev.sequitur.model.evaluate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class RocCurveTest {
    @Test
    void shouldCountThePairsThatAreInOrderAndHalfOfTheTies() {
        Random random = new Random(3);
        int n = 3000;
        double[] probabilities = new double[n];
        boolean[] answers = new boolean[n];
        RocCurve curve = new RocCurve();
        for (int i = 0; i < n; i++) {
            answers[i] = random.nextInt(3) == 0;
            // A few values only, so that there are ties.
            probabilities[i] = Math.min(1, (random.nextInt(20) + (answers[i] ? 4 : 0)) / 20.0);
            curve.add(probabilities[i], answers[i]);
        }
        double won = 0;
        double pairs = 0;
        double right = 0;
        for (int i = 0; i < n; i++) {
            right += (probabilities[i] >= 0.5) == answers[i] ? 1 : 0;
            for (int j = 0; j < n; j++) {
                if (answers[i] && !answers[j]) {
                    pairs++;
                    won += probabilities[i] > probabilities[j] ? 1 : probabilities[i] == probabilities[j] ? 0.5 : 0;
                }
            }
        }
        assertThat(curve.area()).isCloseTo(won / pairs, within(1e-12));
        assertThat(curve.accuracy()).isCloseTo(right / n, within(1e-12));
        assertThat(curve.size()).isEqualTo(n);
    }
}
