package dev.sequitur.deploy.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Norms of a gradient by the distance in time, a line a cell, on a logarithmic scale from 1 down to {@value #FLOOR}: what
 * is smaller has vanished. Each line is relative to its norm at distance 0.
 */
final class GradientPlot {
    /** Decades that are shown. */
    private static final int DECADES = 12;

    private static final double FLOOR = 1e-12;

    private static final int WIDTH = 560;
    private static final int HEIGHT = 300;
    private static final int LEFT = 60;
    private static final int TOP = 40;
    private static final int LEGEND = 170;
    private static final int ROW = 18;
    private static final String BLOCKS = "▁▂▃▄▅▆▇█";
    private static final int COLUMNS = 50;

    /** Told apart by people who see colours differently, too; then dashed. */
    private static final List<String> COLOURS =
            List.of("#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9");

    private static final List<String> DASHES = List.of("", "6 3", "2 2", "8 3 2 3");

    /** @param norms by distance, from 0 */
    record Line(String name, double[] norms) {
        double relative(int distance) {
            return norms[0] > 0 ? norms[distance] / norms[0] : 0;
        }
    }

    private GradientPlot() {}

    /** The share of the scale, from 0 (at most {@value #FLOOR}) to 1 (at least 1). */
    static double height(double relative) {
        return relative <= FLOOR ? 0 : Math.min(1, 1 + Math.log10(relative) / DECADES);
    }

    /** A picture, with a frame, a grid of decades and a legend. */
    static String svg(String title, List<Line> lines) {
        int distances = lines.stream().mapToInt(l -> l.norms().length).max().orElse(1);
        int height = TOP + Math.max(HEIGHT, ROW * lines.size()) + 50;
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">",
                LEFT + WIDTH + LEGEND,
                height);
        add(svg, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>");
        add(svg, "<text x=\"%d\" y=\"22\" font-size=\"15\">%s</text>", LEFT, escaped(title));
        for (int decade = 0; decade <= DECADES; decade += 3) {
            double y = TOP + HEIGHT * decade / (double) DECADES;
            add(
                    svg,
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#dddddd\"/>",
                    LEFT,
                    y,
                    LEFT + WIDTH,
                    y);
            add(
                    svg,
                    "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%s</text>",
                    LEFT - 8,
                    y + 4,
                    decade == 0 ? "1" : "1e-" + decade);
        }
        for (int tick = 0; tick <= 4; tick++) {
            int distance = (distances - 1) * tick / 4;
            add(
                    svg,
                    "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>",
                    x(distance, distances),
                    TOP + HEIGHT + 18,
                    distance);
        }
        add(
                svg,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">events between the state and the loss</text>",
                LEFT + WIDTH / 2,
                TOP + HEIGHT + 36);
        for (int i = 0; i < lines.size(); i++) {
            line(svg, lines.get(i), i, distances);
        }
        return svg.append("</svg>\n").toString();
    }

    private static void line(StringBuilder svg, Line line, int index, int distances) {
        String stroke = String.format(
                Locale.ROOT,
                "fill=\"none\" stroke=\"%s\" stroke-width=\"1.8\" stroke-dasharray=\"%s\"",
                COLOURS.get(index % COLOURS.size()),
                DASHES.get(index / COLOURS.size() % DASHES.size()));
        StringBuilder points = new StringBuilder();
        for (int k = 0; k < line.norms().length; k++) {
            points.append(String.format(
                    Locale.ROOT, "%.1f,%.1f ", x(k, distances), TOP + HEIGHT * (1 - height(line.relative(k)))));
        }
        add(svg, "<polyline points=\"%s\" %s/>", points.toString().strip(), stroke);
        int y = TOP + 8 + ROW * index;
        int x = LEFT + WIDTH + 14;
        add(svg, "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" %s/>", x, y, x + 26, y, stroke);
        add(svg, "<text x=\"%d\" y=\"%d\">%s</text>", x + 32, y + 4, escaped(line.name()));
    }

    private static double x(int distance, int distances) {
        return LEFT + WIDTH * distance / (double) Math.max(1, distances - 1);
    }

    private static void add(StringBuilder svg, String format, Object... arguments) {
        svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
    }

    private static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
    }

    /** The same in characters: distance 0 on the left; an empty place has vanished. */
    static List<String> sketch(String title, List<Line> lines) {
        int width = lines.stream().mapToInt(l -> l.name().length()).max().orElse(0);
        List<String> sketch = new ArrayList<>();
        sketch.add(title + ", from 1 (" + BLOCKS.charAt(BLOCKS.length() - 1) + ") down to 1e-" + DECADES
                + " ( ), last event on the left");
        for (Line line : lines) {
            int distances = line.norms().length;
            StringBuilder row = new StringBuilder(
                    "  " + line.name() + " ".repeat(width - line.name().length()) + " │");
            int columns = Math.min(COLUMNS, distances);
            for (int c = 0; c < columns; c++) {
                double height = height(line.relative(columns == 1 ? 0 : c * (distances - 1) / (columns - 1)));
                row.append(height == 0 ? ' ' : BLOCKS.charAt((int) Math.round(height * (BLOCKS.length() - 1))));
            }
            sketch.add(row.append("│ ")
                    .append(String.format(Locale.ROOT, "%.0e", line.relative(distances - 1)))
                    .toString());
        }
        return sketch;
    }
}
