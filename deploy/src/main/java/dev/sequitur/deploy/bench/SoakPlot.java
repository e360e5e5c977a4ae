package dev.sequitur.deploy.bench;

import dev.sequitur.deploy.bench.SoakReport.Figure;
import java.util.List;
import java.util.Locale;

/** A soak as a picture: a panel for each figure, over events, from 0 up; the warm-up is grey. */
final class SoakPlot {
    private static final int LEFT = 70;
    private static final int WIDTH = 620;
    private static final int PANEL = 110;
    private static final int GAP = 46;
    private static final int TOP = 34;
    private static final double HEADROOM = 1.15;

    private SoakPlot() {}

    static String svg(List<SoakSample> samples) {
        int height = TOP + Figure.values().length * (PANEL + GAP);
        StringBuilder svg = new StringBuilder();
        add(
                svg,
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\""
                        + " font-size=\"12\">",
                LEFT + WIDTH + 20,
                height);
        add(svg, "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>");
        for (Figure figure : Figure.values()) {
            panel(svg, figure, samples, TOP + figure.ordinal() * (PANEL + GAP));
        }
        return svg.append("</svg>\n").toString();
    }

    private static void panel(StringBuilder svg, Figure figure, List<SoakSample> samples, int top) {
        double most = Math.max(1, samples.stream().mapToDouble(figure::in).max().orElse(1) * HEADROOM);
        double events = Math.max(1, samples.get(samples.size() - 1).events());
        add(
                svg,
                "<rect x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"%d\" fill=\"#eeeeee\"/>",
                LEFT,
                top,
                WIDTH * Steadiness.WARM_UP,
                PANEL);
        add(svg, "<text x=\"%d\" y=\"%d\" font-size=\"13\">%s</text>", LEFT, top - 8, title(figure));
        for (double share : new double[] {0, 0.5, 1}) {
            double y = top + PANEL * (1 - share);
            add(
                    svg,
                    "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#cccccc\"/>",
                    LEFT,
                    y,
                    LEFT + WIDTH,
                    y);
            add(svg, "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%,.0f</text>", LEFT - 8, y + 4, most * share);
        }
        StringBuilder points = new StringBuilder();
        for (SoakSample sample : samples) {
            points.append(String.format(
                    Locale.ROOT,
                    "%.1f,%.1f ",
                    LEFT + WIDTH * sample.events() / events,
                    top + PANEL * (1 - figure.in(sample) / most)));
        }
        add(
                svg,
                "<polyline points=\"%s\" fill=\"none\" stroke=\"#0072b2\" stroke-width=\"1.6\"/>",
                points.toString().strip());
        add(
                svg,
                "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%,.0f events</text>",
                LEFT + WIDTH,
                top + PANEL + 16,
                events);
    }

    private static String title(Figure figure) {
        return figure.unit().isEmpty() ? figure.title() : figure.title() + ", " + figure.unit();
    }

    private static void add(StringBuilder svg, String format, Object... arguments) {
        svg.append(String.format(Locale.ROOT, format, arguments)).append('\n');
    }
}
