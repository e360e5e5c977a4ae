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
        /** e to a larger power is no double. */
        private static final double LARGEST_EXPONENT = 709;

        public Scale {
            if (!(unit >= 0 && unit <= Double.MAX_VALUE)
                    || !Double.isFinite(shift)
                    || !(scale > 0 && scale <= Double.MAX_VALUE)) {
                throw new IllegalArgumentException(
                        "a scale needs a finite unit >= 0, a finite shift and a finite scale > 0, got unit=" + unit
                                + " shift=" + shift + " scale=" + scale);
            }
        }

        public double forward(double x) {
            return ((unit > 0 ? Math.signum(x) * log(Math.abs(x)) : x) - shift) / scale;
        }

        /** The number that {@link #forward} takes to {@code y}; the largest double where it is too large for one. */
        public double inverse(double y) {
            double bent = y * scale + shift;
            double x = unit > 0 ? Math.signum(bent) * size(Math.abs(bent)) : bent;
            return Math.max(-Double.MAX_VALUE, Math.min(Double.MAX_VALUE, x));
        }

        private double log(double size) {
            double units = size / unit;
            return units <= Double.MAX_VALUE ? Math.log1p(units) : Math.log(size) - Math.log(unit);
        }

        private double size(double log) {
            return log < LARGEST_EXPONENT ? unit * Math.expm1(log) : Math.exp(log + Math.log(unit));
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
        /** The missing slot, as people read it. */
        public static final String MISSING_TEXT = "<missing>";
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
                case MISSING -> MISSING_TEXT;
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
