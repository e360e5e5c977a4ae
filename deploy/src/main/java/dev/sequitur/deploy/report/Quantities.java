package dev.sequitur.deploy.report;

import java.util.Locale;

/** Numbers and times as people read them. */
final class Quantities {
    private static final double[] MS = {86_400_000, 3_600_000, 60_000, 1000};
    private static final String[] UNITS = {"d", "h", "min", "s"};

    private Quantities() {}

    /** Three digits that count. */
    static String number(double value) {
        double size = Math.abs(value);
        if (size != 0 && (size < 1e-3 || size >= 1e6)) {
            return String.format(Locale.ROOT, "%.2e", value);
        }
        int whole = size == 0 ? 1 : (int) Math.floor(Math.log10(size)) + 1;
        String text = String.format(Locale.ROOT, "%." + Math.max(0, 3 - whole) + "f", value);
        return text.contains(".") ? text.replaceAll("\\.?0+$", "") : text;
    }

    /** In the largest unit that it fills. */
    static String duration(double ms) {
        for (int i = 0; i < MS.length; i++) {
            if (ms >= MS[i]) {
                return number(ms / MS[i]) + " " + UNITS[i];
            }
        }
        return number(ms) + " ms";
    }

    /** A share, in percent. */
    static String percent(double share) {
        return String.format(Locale.ROOT, share >= 0.0995 || share == 0 ? "%.0f %%" : "%.1f %%", 100 * share);
    }
}
