package dev.sequitur.model.bundle;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.Slice;
import dev.sequitur.model.score.AlarmThreshold;
import dev.sequitur.model.score.TailCalibration;
import java.util.List;
import java.util.Map;

/**
 * {@code manifest.json} of a bundle: everything about the model but its weights.
 *
 * @param formatVersion of the bundle, see {@link ModelBundle#FORMAT_VERSION}
 * @param members networks whose distributions the model mixes; a manifest that doesn't say has one
 * @param spec the pipeline spec, YAML as the user wrote it
 * @param learned vocabularies and scales, by field
 * @param features slices of a feature row
 * @param state slices of a state row
 * @param surprises names of the F surprises
 * @param parameters slices of the P parameters
 * @param alarms where alarms start by the spec's budget; null where it has none
 * @param blocks the T for which there is a signature {@code block_T}
 * @param files SHA-256, hexadecimal, of every other file of the bundle, by its path
 */
public record Manifest(
        int formatVersion,
        String name,
        String cell,
        List<Integer> units,
        int members,
        String spec,
        Map<String, Learned> learned,
        List<Slice> features,
        List<Slice> state,
        List<String> surprises,
        List<Slice> parameters,
        List<Integer> blocks,
        TailCalibration calibration,
        @JsonInclude(JsonInclude.Include.NON_NULL) AlarmThreshold alarms,
        Provenance training,
        Map<String, String> files) {

    public Manifest {
        members = members == 0 ? 1 : members;
    }

    /**
     * How the weights came to be.
     *
     * @param seed of the first member, as are the epochs and the training loss
     * @param validationLoss of the whole model: an ensemble's is that of the mixture
     * @param weights of all members
     * @param members each network by itself
     */
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
            long weights,
            List<Member> members) {
        public Provenance {
            // A manifest written before there were ensembles names no members.
            members = members == null
                    ? List.of(new Member(seed, epochs, bestEpoch, trainingLoss, validationLoss))
                    : List.copyOf(members);
        }
    }

    /**
     * How one network of the model came to be.
     *
     * @param validationLoss of this network alone
     */
    public record Member(long seed, int epochs, int bestEpoch, double trainingLoss, double validationLoss) {}

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
