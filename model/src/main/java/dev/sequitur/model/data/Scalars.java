package dev.sequitur.model.data;

import dev.sequitur.model.data.MalformedEventException.Reason;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.time.Instant;
import java.util.regex.Pattern;

/** Single values of a record as the types that fields have. Nothing (null, empty text) is null. */
final class Scalars {
    private static final int SHOWN = 80;
    /** From here on a double has no fraction and may exceed a long. */
    private static final double INTEGRAL = 0x1p53;

    /** Possessive: a record of a megabyte of digits must not cost its square. */
    private static final Pattern DECIMAL = Pattern.compile("[-+]?(\\d++(\\.\\d*+)?|\\.\\d++)([eE][-+]?\\d++)?");

    private static final Pattern NOT_FINITE = Pattern.compile("(?i)[-+]?(nan|inf|infinity)");

    private Scalars() {}

    static String text(Object value, String where) throws MalformedEventException {
        if (value == null) {
            return null;
        }
        if (value instanceof CharSequence text) {
            return text.length() == 0 ? null : text.toString();
        }
        if (value instanceof Double || value instanceof Float) {
            return text(((Number) value), finite(((Number) value).doubleValue(), value, where));
        }
        if (value instanceof BigDecimal decimal) {
            return decimal.signum() == 0 ? "0" : decimal.stripTrailingZeros().toPlainString();
        }
        if (value instanceof Number || value instanceof Boolean || value instanceof Instant) {
            return value.toString();
        }
        throw wrongType(where, "a single value", value);
    }

    private static String text(Number original, double number) {
        if (number != Math.rint(number)) {
            return original.toString();
        }
        return Math.abs(number) < INTEGRAL ? Long.toString((long) number) : new BigDecimal(number).toPlainString();
    }

    static Double number(Object value, String where) throws MalformedEventException {
        if (value == null) {
            return null;
        }
        if (value instanceof Number number) {
            return finite(number.doubleValue(), value, where);
        }
        if (value instanceof Boolean truth) {
            return truth ? 1.0 : 0.0;
        }
        if (value instanceof CharSequence) {
            String text = value.toString().strip();
            if (text.isEmpty()) {
                return null;
            }
            // Java's own parser also takes 1d and 0x1p3.
            if (DECIMAL.matcher(text).matches()) {
                return finite(Double.parseDouble(text), value, where);
            }
            if (NOT_FINITE.matcher(text).matches()) {
                throw notFinite(where, value);
            }
        }
        throw wrongType(where, "a number", value);
    }

    static Boolean truth(Object value, String where) throws MalformedEventException {
        if (value == null || value instanceof Boolean) {
            return (Boolean) value;
        }
        if (value instanceof CharSequence) {
            String text = value.toString().strip();
            if (text.isEmpty()) {
                return null;
            }
            if (text.equalsIgnoreCase("true") || text.equalsIgnoreCase("false")) {
                return Boolean.valueOf(text);
            }
        }
        if (value instanceof Number || value instanceof CharSequence) {
            double number = number(value, where);
            if (number == 0 || number == 1) {
                return number == 1;
            }
        }
        throw wrongType(where, "0, 1, true or false", value);
    }

    private static double finite(double number, Object value, String where) throws MalformedEventException {
        if (!Double.isFinite(number)) {
            throw notFinite(where, value);
        }
        return number;
    }

    private static MalformedEventException notFinite(String where, Object value) {
        return new MalformedEventException(
                Reason.NOT_FINITE, where + ": expected a finite number, got " + show(value) + ".");
    }

    static MalformedEventException wrongType(String where, String expected, Object value) {
        return new MalformedEventException(
                Reason.WRONG_TYPE, where + ": expected " + expected + ", got " + show(value) + ".");
    }

    static MalformedEventException missing(String where, String whatToDo) {
        return new MalformedEventException(Reason.MISSING_FIELD, where + ": expected a value, got none." + whatToDo);
    }

    /** A value as a message shows it: short, and with its type where that isn't plain to see. */
    static String show(Object value) {
        String text = String.valueOf(value);
        String shown = text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text;
        boolean plain = value instanceof CharSequence
                || value instanceof Number
                || value instanceof Boolean
                || value instanceof Instant;
        return "'" + shown + "'" + (plain ? "" : " (" + value.getClass().getSimpleName() + ")");
    }

    /** A whole number, without the rounding of a double; null where the value isn't one that fits. */
    static Long whole(Object value) {
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        if (value instanceof BigInteger integer && integer.bitLength() < Long.SIZE) {
            return integer.longValue();
        }
        return null;
    }
}
