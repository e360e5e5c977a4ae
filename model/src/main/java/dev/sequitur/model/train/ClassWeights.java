package dev.sequitur.model.train;

import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.LearnedField.Vocabulary;
import dev.sequitur.model.spec.PipelineSpec.ClassWeightSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What the classes of a categorical target weigh in the training loss. */
final class ClassWeights {
    private ClassWeights() {}

    /**
     * The weight of each slot. Balanced weights are those of King and Zeng 2001 ("Logistic regression in rare events
     * data", section 4.2): their mean over the training events is 1.
     *
     * @param counts of each slot among the training events
     */
    static float[] of(ClassWeightSpec spec, Vocabulary vocabulary, long[] counts) {
        float[] weights = new float[counts.length];
        if (spec instanceof ClassWeightSpec.Named named) {
            for (int slot = 0; slot < weights.length; slot++) {
                weights[slot] = named.weights()
                        .getOrDefault(vocabulary.value(slot), 1.0)
                        .floatValue();
            }
            return weights;
        }
        double events = Arrays.stream(counts).sum();
        long classes = Arrays.stream(counts).filter(n -> n > 0).count();
        for (int slot = 0; slot < weights.length; slot++) {
            weights[slot] = counts[slot] == 0 ? 1 : (float) (events / (classes * counts[slot]));
        }
        return weights;
    }

    /** Of values with a weight that the training data doesn't have. */
    static List<String> warnings(Map<String, ClassWeightSpec> specs, Map<String, LearnedField> learned) {
        List<String> warnings = new ArrayList<>();
        specs.forEach((field, spec) -> {
            Vocabulary vocabulary = (Vocabulary) learned.get(field);
            Set<String> known = new HashSet<>();
            for (int slot = 0; slot < vocabulary.size(); slot++) {
                known.add(vocabulary.value(slot));
            }
            if (spec instanceof ClassWeightSpec.Named named) {
                named.weights().keySet().stream()
                        .filter(value -> !known.contains(value))
                        .sorted()
                        .forEach(value -> warnings.add("training.class-weights names '" + value + "' of field '" + field
                                + "', which isn't among the values that training learned; mend or remove it"));
            }
        });
        return warnings;
    }
}
