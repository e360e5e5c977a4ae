package dev.sequitur.model.bundle;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.Slice;
import dev.sequitur.model.score.TailCalibration;
import java.util.List;
import java.util.Map;

/**
 * {@code manifest.json} of a bundle: everything about the model but its weights.
 *
 * @param formatVersion of the bundle, see {@link ModelBundle#FORMAT_VERSION}
 * @param spec the pipeline spec, YAML as the user wrote it
 * @param learned vocabularies and scales, by field
 * @param features slices of a feature row
 * @param state slices of a state row
 * @param surprises names of the F surprises
 * @param parameters slices of the P parameters
 * @param blocks the T for which there is a signature {@code block_T}
 * @param files SHA-256, hexadecimal, of every other file of the bundle, by its path
 */
public record Manifest(
        int formatVersion,
        String name,
        String cell,
        List<Integer> units,
        String spec,
        Map<String, Learned> learned,
        List<Slice> features,
        List<Slice> state,
        List<String> surprises,
        List<Slice> parameters,
        List<Integer> blocks,
        TailCalibration calibration,
        Provenance training,
        Map<String, String> files) {

    /** How the weights came to be. */
    public record Provenance(
            String sequitur,
            String trainedAt,
            List<String> data,
            long entities,
            long trainingEvents,
            long validationEvents,
            long malformed,
            long seed,
            int epochs,
            int bestEpoch,
            double trainingLoss,
            double validationLoss,
            double seconds,
            long weights) {}

    /** {@link LearnedField} as JSON. */
    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = LearnedScale.class, name = "scale"),
        @JsonSubTypes.Type(value = LearnedVocabulary.class, name = "vocabulary")
    })
    public sealed interface Learned {
        LearnedField field();

        static Learned of(LearnedField field) {
            if (field instanceof LearnedField.Scale scale) {
                return new LearnedScale(scale.unit(), scale.shift(), scale.scale());
            }
            LearnedField.Vocabulary vocabulary = (LearnedField.Vocabulary) field;
            return new LearnedVocabulary(vocabulary.values(), vocabulary.embedding());
        }
    }

    /** {@link LearnedField.Scale}. */
    public record LearnedScale(double unit, double shift, double scale) implements Learned {
        @Override
        public LearnedField field() {
            return new LearnedField.Scale(unit, shift, scale);
        }
    }

    /** {@link LearnedField.Vocabulary}. */
    public record LearnedVocabulary(List<String> values, int embedding) implements Learned {
        @Override
        public LearnedField field() {
            return new LearnedField.Vocabulary(values, embedding);
        }
    }
}
