package dev.sequitur.model.spec;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The numbers that an option takes, written as decimals ({@code 0.2}, {@code 1e-3}) or fractions ({@code 1/3}). */
record NumberRange(double min, boolean minIncluded, double max, boolean maxIncluded) {
    private static final Pattern FRACTION = Pattern.compile("(\\d{1,15})\\s*/\\s*(\\d{1,15})");
    private static final Pattern DECIMAL = Pattern.compile("[-+]?(\\d++(\\.\\d*+)?|\\.\\d++)([eE][-+]?\\d++)?");

    static final NumberRange ANY = new NumberRange(Double.NEGATIVE_INFINITY, false, Double.POSITIVE_INFINITY, false);
    static final NumberRange POSITIVE = new NumberRange(0, false, Double.POSITIVE_INFINITY, false);

    static final NumberRange NOT_NEGATIVE = new NumberRange(0, true, Double.POSITIVE_INFINITY, false);
    /** Between 0 and 1, neither included. */
    static final NumberRange OPEN_SHARE = new NumberRange(0, false, 1, false);
    /** From 0, and below 1. */
    static final NumberRange SHARE = new NumberRange(0, true, 1, false);

    /** @throws IllegalArgumentException when the text is no number or one outside the range */
    double parse(String text) {
        double number = number(text);
        boolean above = minIncluded ? number >= min : number > min;
        boolean below = maxIncluded ? number <= max : number < max;
        if (!above || !below) {
            throw new IllegalArgumentException("expected " + this + ", got " + text + ".");
        }
        return number;
    }

    private double number(String text) {
        Matcher fraction = FRACTION.matcher(text);
        if (fraction.matches()) {
            return Double.parseDouble(fraction.group(1)) / Double.parseDouble(fraction.group(2));
        }
        // Java's own parser also takes 1d, 0x1p3 and NaN.
        if (!DECIMAL.matcher(text).matches()) {
            throw new IllegalArgumentException("expected " + this + ", got '" + text + "'.");
        }
        return Double.parseDouble(text);
    }

    @Override
    public String toString() {
        if (min == Double.NEGATIVE_INFINITY && max == Double.POSITIVE_INFINITY) {
            return "a finite number";
        }
        String lower = (minIncluded ? ">= " : "> ") + plain(min);
        return "a number " + lower
                + (max == Double.POSITIVE_INFINITY ? "" : (maxIncluded ? " and <= " : " and < ") + plain(max));
    }

    private static String plain(double bound) {
        return bound == Math.rint(bound) ? Long.toString((long) bound) : Double.toString(bound);
    }
}
