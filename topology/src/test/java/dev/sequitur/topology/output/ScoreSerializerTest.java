package dev.sequitur.topology.output;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Flags;
import dev.sequitur.schemas.Probability;
import dev.sequitur.schemas.Score;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ScoreSerializerTest {
    private final ScoreSerializer serializer = new ScoreSerializer(SingleObjectSerde.header(Score.getClassSchema()));

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(random.nextInt(20) == 0 ? 2000 : 12); i > 0; i--) {
            // Of one to four bytes in UTF-8; no halves of pairs, which aren't text.
            text.appendCodePoint(new int[] {'a' + random.nextInt(26), 0xE4, 0x4E2D, 0x1F600}[random.nextInt(4)]);
        }
        return text.toString();
    }

    private static double real(Random random) {
        double[] odd = {0.0, -0.0, Double.NaN, Double.POSITIVE_INFINITY, Double.MIN_VALUE, -Double.MAX_VALUE};
        return random.nextInt(4) == 0 ? odd[random.nextInt(odd.length)] : random.nextGaussian();
    }

    private static List<Probability> top(Random random) {
        List<Probability> top = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
            top.add(new Probability(text(random), real(random)));
        }
        return top;
    }

    private static Object distribution(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> new Continuous(real(random), real(random), real(random));
            case 1 -> new Categorical(top(random));
            case 2 -> new Flags(real(random), top(random));
            default -> new Binary(real(random));
        };
    }

    private static Score score(Random random) {
        List<FieldSurprise> fields = new ArrayList<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            fields.add(new FieldSurprise(
                    real(random),
                    random.nextInt(3) == 0 ? null : text(random),
                    new Expectation(text(random), distribution(random))));
        }
        return new Score(
                text(random),
                Instant.ofEpochMilli(random.nextLong() >> random.nextInt(64)),
                random.nextInt() >> random.nextInt(32),
                random.nextLong() >> random.nextInt(64),
                random.nextLong() >> random.nextInt(64),
                random.nextBoolean(),
                real(random),
                real(random),
                random.nextBoolean(),
                random.nextBoolean(),
                text(random),
                fields);
    }

    @Test
    void shouldGiveTheBytesOfAvrosOwnEncoder() throws Exception {
        Random random = new Random(1);
        for (int i = 0; i < 2000; i++) {
            Score score = score(random);
            ByteBuffer expected = Score.getEncoder().encode(score);
            assertThat(ByteBuffer.wrap(serializer.serialize("scores", score))).isEqualTo(expected);
        }
    }

    @Test
    void shouldKeepNull() {
        assertThat(serializer.serialize("scores", null)).isNull();
    }
}
