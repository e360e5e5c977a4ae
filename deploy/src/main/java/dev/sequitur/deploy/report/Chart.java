package dev.sequitur.deploy.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A small chart as inline SVG; its colours are the page's. */
final class Chart {
    private static final int WIDTH = 400;
    private static final int HEIGHT = 240;
    private static final int LEFT = 52;
    private static final int RIGHT = 12;
    private static final int TOP = 10;
    private static final int BOTTOM = 40;

    private final Html svg = new Html();
    private final Axis x;
    private final Axis y;

    /**
     * @param log whether equal steps are equal factors; then {@code low > 0}
     * @param label what is measured
     */
    record Axis(double low, double high, boolean log, String label) {
        Axis {
            if (!(low < high) || log && low <= 0) {
                throw new IllegalArgumentException("an axis needs low < high, got " + low + " and " + high);
            }
        }

        /** Room for all values, with a margin where they are alike. */
        static Axis around(List<Double> values, String label) {
            double low = values.stream().mapToDouble(v -> v).min().orElse(0);
            double high = values.stream().mapToDouble(v -> v).max().orElse(1);
            double margin = high > low ? 0.04 * (high - low) : Math.max(0.5, Math.abs(high) / 10);
            return new Axis(low - margin, high + margin, false, label);
        }

        private double share(double value) {
            double at = log
                    ? (Math.log(Math.max(value, low)) - Math.log(low)) / (Math.log(high) - Math.log(low))
                    : (value - low) / (high - low);
            return Math.max(0, Math.min(1, at));
        }

        private List<Double> ticks() {
            List<Double> ticks = new ArrayList<>();
            if (log) {
                for (double at = Math.pow(10, Math.ceil(Math.log10(low) - 1e-9)); at <= high * (1 + 1e-9); at *= 10) {
                    ticks.add(at);
                }
                return ticks;
            }
            double rough = (high - low) / 4;
            double power = Math.pow(10, Math.floor(Math.log10(rough)));
            double step = rough / power < 1.5
                    ? power
                    : rough / power < 3.5 ? 2 * power : rough / power < 7.5 ? 5 * power : 10 * power;
            for (double i = Math.ceil(low / step); i * step <= high + 1e-9 * step; i++) {
                ticks.add(i * step);
            }
            return ticks;
        }
    }

    /** @param title for those who can't see it */
    Chart(String title, Axis x, Axis y) {
        this.x = x;
        this.y = y;
        svg.open(
                "svg",
                "class",
                "chart",
                "viewBox",
                "0 0 " + WIDTH + " " + HEIGHT,
                "role",
                "img",
                "xmlns",
                "http://www.w3.org/2000/svg");
        svg.element("title", title);
        for (double tick : y.ticks()) {
            segment("grid", LEFT, y(tick), WIDTH - RIGHT, y(tick));
            label("end", LEFT - 6, y(tick) + 4, Quantities.number(tick));
        }
        for (double tick : x.ticks()) {
            segment("grid", x(tick), TOP, x(tick), HEIGHT - BOTTOM);
            label("middle", x(tick), HEIGHT - BOTTOM + 15, Quantities.number(tick));
        }
        segment("axis", LEFT, HEIGHT - BOTTOM, WIDTH - RIGHT, HEIGHT - BOTTOM);
        label("middle", (LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 6, x.label());
        svg.element(
                "text",
                y.label(),
                "class",
                "label",
                "text-anchor",
                "middle",
                "transform",
                "translate(11 " + number((TOP + HEIGHT - BOTTOM) / 2.0) + ") rotate(-90)");
    }

    private double x(double value) {
        return LEFT + x.share(value) * (WIDTH - LEFT - RIGHT);
    }

    private double y(double value) {
        return HEIGHT - BOTTOM - y.share(value) * (HEIGHT - TOP - BOTTOM);
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    private void segment(String css, double x1, double y1, double x2, double y2) {
        svg.open("line", "class", css, "x1", number(x1), "y1", number(y1), "x2", number(x2), "y2", number(y2))
                .close();
    }

    private void label(String anchor, double atX, double atY, String text) {
        svg.element("text", text, "class", "label", "text-anchor", anchor, "x", number(atX), "y", number(atY));
    }

    /** Where both axes are the same. */
    Chart diagonal() {
        double low = Math.max(x.low(), y.low());
        double high = Math.min(x.high(), y.high());
        segment("ideal", x(low), y(low), x(high), y(high));
        return this;
    }

    /** @param points pairs of x and y */
    Chart line(String css, List<double[]> points) {
        StringBuilder path = new StringBuilder();
        for (double[] point : points) {
            path.append(number(x(point[0])))
                    .append(',')
                    .append(number(y(point[1])))
                    .append(' ');
        }
        svg.open("polyline", "class", "line " + css, "points", path.toString().strip())
                .close();
        return points.size() == 1 ? dot(css, points.get(0)[0], points.get(0)[1], 3, "") : this;
    }

    /** @param hint shown when the pointer rests on it; may be empty */
    Chart dot(String css, double atX, double atY, double radius, String hint) {
        svg.open("circle", "class", "dot " + css, "cx", number(x(atX)), "cy", number(y(atY)), "r", number(radius));
        if (!hint.isEmpty()) {
            svg.element("title", hint);
        }
        svg.close();
        return this;
    }

    String svg() {
        return svg.close().toString();
    }
}
