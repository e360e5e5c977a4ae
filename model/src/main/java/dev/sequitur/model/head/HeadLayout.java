package dev.sequitur.model.head;

import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.Slice;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Where each predicted field stands in the F surprises and in the P parameters of the next event's distribution:
 * targets in the order of the spec, END last where the spec knows an end.
 *
 * <ul>
 *   <li>numeric [2]: mean and standard deviation of the scaled value; with C > 1 components [3C] as since-previous
 *   <li>categorical [K]: probability of each slot
 *   <li>flags [n]: probability of each flag
 *   <li>since-previous [3C]: weights, means, standard deviations of C normals of the scaled
 *       logarithm
 *   <li>END [1]: probability that nothing follows
 * </ul>
 *
 * <p>An ensemble of M > 1 networks predicts the uniform mixture of theirs: probabilities are means, and a numeric or
 * since-previous field of C components has 3MC parameters, the normals of every member.
 */
public final class HeadLayout {
    /**
     * One predicted field.
     *
     * @param index among the F surprises
     * @param field null for END
     * @param parameters its slice of the P parameters
     */
    public record Target(int index, FieldSpec field, Slice parameters) {
        public String name() {
            return parameters.name();
        }

        public boolean end() {
            return field == null;
        }

        /** Whether the parameters are those of one normal: its mean and standard deviation, with no weight before. */
        public boolean plainNormal() {
            return field instanceof FieldSpec.Numeric && parameters.width() == 2;
        }

        /** Normals of a numeric or since-previous field's distribution. */
        public int normals() {
            return plainNormal() ? 1 : parameters.width() / 3;
        }
    }

    private final List<Target> targets = new ArrayList<>();
    private final int width;

    /** The layout of one network. */
    public HeadLayout(PipelineSpec spec, Map<String, LearnedField> learned) {
        this(spec, learned, 1);
    }

    /**
     * @param members networks whose distributions are mixed
     * @throws IllegalArgumentException when there is none
     */
    public HeadLayout(PipelineSpec spec, Map<String, LearnedField> learned, int members) {
        if (members < 1) {
            throw new IllegalArgumentException("members must be >= 1, got " + members);
        }
        int at = 0;
        for (FieldSpec field : spec.fields(Role.TARGET)) {
            Slice slice = new Slice(field.name(), at, parameters(field, learned.get(field.name()), members));
            targets.add(new Target(targets.size(), field, slice));
            at = slice.end();
        }
        if (spec.end() instanceof PipelineSpec.EndSpec.Last) {
            Slice slice = new Slice(PipelineSpec.END, at, 1);
            targets.add(new Target(targets.size(), null, slice));
            at = slice.end();
        }
        width = at;
    }

    private static int parameters(FieldSpec field, LearnedField learned, int members) {
        if (field instanceof FieldSpec.Numeric numeric) {
            int normals = members * numeric.components();
            return normals == 1 ? 2 : 3 * normals;
        } else if (field instanceof FieldSpec.Categorical) {
            return ((LearnedField.Vocabulary) learned).size();
        } else if (field instanceof FieldSpec.Flags flags) {
            return flags.flags().size();
        } else if (field instanceof FieldSpec.SincePrevious time) {
            return 3 * members * time.components();
        }
        throw new IllegalArgumentException("field '" + field.name() + "' can't be a target: its kind is derived from"
                + " the event's time; only numeric, categorical, flags and since-previous fields are predicted");
    }

    public List<Target> targets() {
        return List.copyOf(targets);
    }

    /** F. */
    public int surprises() {
        return targets.size();
    }

    /** P. */
    public int parameters() {
        return width;
    }
}
