package dev.sequitur.model.step;

/**
 * How the numbers of a state row are kept between two batches. The step function itself works in float32 always.
 *
 * <p>Rounding is to nearest, ties to even (IEEE 754-2019, 4.3.1). A number beyond the format's range becomes the largest
 * of its sign that there is: a saturated state goes on, an infinite one would make every later result infinite or NaN.
 */
public enum StatePrecision {
    /** IEEE 754 binary32: 4 bytes a number, nothing is lost. */
    FLOAT32(4, 0x7F80_0000) {
        @Override
        public int bits(float value) {
            return Float.floatToRawIntBits(value);
        }

        @Override
        public float value(int bits) {
            return Float.intBitsToFloat(bits);
        }
    },
    /** The upper half of binary32: 2 bytes a number, its range, 8 significant bits. */
    BFLOAT16(2, 0x7F7F_8000) {
        @Override
        public int bits(float value) {
            int bits = Float.floatToRawIntBits(value);
            if (Float.isNaN(value)) {
                return bits >>> 16 | 0x40;
            }
            return holds(value) ? bits + 0x7FFF + (bits >>> 16 & 1) >>> 16 : bits >>> 16 & 0x8000 | 0x7F7F;
        }

        @Override
        public float value(int bits) {
            return Float.intBitsToFloat(bits << 16);
        }
    },
    /** IEEE 754 binary16: 2 bytes a number, up to 65504, 11 significant bits, fewer below 2⁻¹⁴. */
    FLOAT16(2, 0x477F_F000) {
        @Override
        public int bits(float value) {
            int bits = Float.floatToRawIntBits(value);
            int sign = bits >>> 16 & 0x8000;
            int magnitude = bits & 0x7FFF_FFFF;
            if (magnitude > 0x7F80_0000) {
                return sign | 0x7E00;
            }
            if (!holds(value)) {
                return sign | 0x7BFF;
            }
            if (magnitude >= LEAST_NORMAL) {
                // 13 bits of the fraction go; the exponent's bias falls from 127 to 15.
                return sign | (magnitude + 0xFFF + (magnitude >>> 13 & 1) >>> 13) - (127 - 15 << 10);
            }
            if (magnitude < HALF_OF_LEAST) {
                return sign;
            }
            // Multiples of 2⁻²⁴.
            int significand = magnitude & 0x7F_FFFF | 0x80_0000;
            int shift = 126 - (magnitude >>> 23);
            int multiple = significand >>> shift;
            int rest = significand - (multiple << shift);
            int half = 1 << shift - 1;
            boolean up = rest > half || rest == half && (multiple & 1) == 1;
            return sign | (up ? multiple + 1 : multiple);
        }

        @Override
        public float value(int bits) {
            int exponent = bits >>> 10 & 0x1F;
            int fraction = bits & 0x3FF;
            if (exponent == 0) {
                float magnitude = fraction * 0x1p-24f;
                return (bits & 0x8000) == 0 ? magnitude : -magnitude;
            }
            int wide = exponent == 0x1F ? 0xFF : exponent + 127 - 15;
            return Float.intBitsToFloat((bits & 0x8000) << 16 | wide << 23 | fraction << 13);
        }
    };

    /** 2⁻¹⁴, as binary32. */
    private static final int LEAST_NORMAL = 0x3880_0000;
    /** 2⁻²⁵, as binary32. */
    private static final int HALF_OF_LEAST = 0x3300_0000;

    private final int bytes;
    /**
     * The least magnitude out of range, as binary32: half way between the largest number and the next that would follow,
     * since the tie would go there.
     */
    private final int beyond;

    StatePrecision(int bytes, int beyond) {
        this.bytes = bytes;
        this.beyond = beyond;
    }

    /** Of one number. */
    public int bytes() {
        return bytes;
    }

    /** The number as it is kept, in the lowest {@code 8 · bytes()} bits; the others are 0. */
    public abstract int bits(float value);

    /** The number that {@code bits}, as {@link #bits(float)} gave them, stand for: exact. */
    public abstract float value(int bits);

    /** Whether rounding leaves the number within the range; NaN is in none. */
    public boolean holds(float value) {
        return (Float.floatToRawIntBits(value) & 0x7FFF_FFFF) < beyond;
    }

    /** What is left of a number that was kept. */
    public float rounded(float value) {
        return value(bits(value));
    }
}
