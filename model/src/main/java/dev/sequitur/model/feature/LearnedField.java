package dev.sequitur.model.feature;

import dev.sequitur.model.spec.FieldSpec;
import java.util.List;

/** What the training data taught of one field. Fields with nothing to learn have no entry. */
public sealed interface LearnedField {
    /**
     * A continuous field. {@code y = (bend(x) − shift) / scale}, where bend is the identity, or
     * {@code sign(x)·log(1 + |x|/unit)} when {@code unit > 0}.
     */
    record Scale(double unit, double shift, double scale) implements LearnedField {
        public Scale {
            if (!(unit >= 0) || !Double.isFinite(shift) || !(scale > 0)) {
                throw new IllegalArgumentException("a scale needs unit >= 0, a finite shift and scale > 0, got unit="
                        + unit + " shift=" + shift + " scale=" + scale);
            }
        }

        public double forward(double x) {
            double bent = unit > 0 ? Math.signum(x) * Math.log1p(Math.abs(x) / unit) : x;
            return (bent - shift) / scale;
        }

        public double inverse(double y) {
            double bent = y * scale + shift;
            return unit > 0 ? Math.signum(bent) * unit * Math.expm1(Math.abs(bent)) : bent;
        }
    }

    /**
     * The values of a categorical field, most frequent first; the slot of {@code values.get(i)} is {@code 2 + i}.
     *
     * @param embedding floats that a value is embedded in
     */
    record Vocabulary(List<String> values, int embedding) implements LearnedField {
        /** Slot of a value that training didn't see. */
        public static final int UNKNOWN = 0;
        /** Slot of no value. */
        public static final int MISSING = 1;
        /** Slots before the first learned value. */
        public static final int RESERVED = 2;

        public Vocabulary {
            values = List.copyOf(values);
            if (embedding < 1) {
                throw new IllegalArgumentException("an embedding needs >= 1 floats, got " + embedding);
            }
        }

        /** Slots in all. */
        public int size() {
            return RESERVED + values.size();
        }

        /** The value of a slot, as people read it. */
        public String value(int slot) {
            return switch (slot) {
                case UNKNOWN -> "<unknown>";
                case MISSING -> "<missing>";
                default -> values.get(slot - RESERVED);
            };
        }
    }

    /** Whether a field of this kind has something to learn. */
    static boolean learns(FieldSpec field) {
        return field instanceof FieldSpec.Numeric
                || field instanceof FieldSpec.Categorical
                || field instanceof FieldSpec.SincePrevious
                || field instanceof FieldSpec.SinceStart
                || field instanceof FieldSpec.Position;
    }
}
