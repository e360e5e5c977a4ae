package dev.sequitur.model.train;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.LearnedField.Vocabulary;
import dev.sequitur.model.spec.PipelineSpec.ClassWeightSpec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ClassWeightsTest {
    private static final Vocabulary LETTERS = new Vocabulary(List.of("a", "b", "c"), 2);

    @Test
    void shouldMakeTheClassesThatOccurCountAlike() {
        // No unknown, two missing, 6 a, 12 b, no c: 20 events of 3 classes.
        float[] weights = ClassWeights.of(new ClassWeightSpec.Balanced(), LETTERS, new long[] {0, 2, 6, 12, 0});

        assertThat(weights).containsExactly(1, 20f / 6, 20f / 18, 20f / 36, 1);
        assertThat(2 * weights[1] + 6 * weights[2] + 12 * weights[3])
                .as("of all events together")
                .isEqualTo(20);
    }

    @Test
    void shouldWeighWhatIsNamed() {
        ClassWeightSpec named = new ClassWeightSpec.Named(Map.of("c", 4.0, "a", 0.5));

        assertThat(ClassWeights.of(named, LETTERS, new long[5])).containsExactly(1, 1, 0.5f, 1, 4);
    }

    @Test
    void shouldWarnOfAValueThatWasNotLearned() {
        Map<String, LearnedField> learned = Map.of("letter", LETTERS);

        assertThat(ClassWeights.warnings(
                        Map.of("letter", new ClassWeightSpec.Named(Map.of("a", 2.0, "x", 2.0))), learned))
                .hasSize(1)
                .allMatch(w -> w.contains("training.class-weights names 'x' of field 'letter'"));
        assertThat(ClassWeights.warnings(Map.of("letter", new ClassWeightSpec.Balanced()), learned))
                .isEmpty();
    }
}
