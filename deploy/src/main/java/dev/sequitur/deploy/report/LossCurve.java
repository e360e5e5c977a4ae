package dev.sequitur.deploy.report;

import dev.sequitur.model.train.EpochReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Training and validation loss by epoch, drawn in characters. */
public final class LossCurve {
    private static final int HEIGHT = 10;
    private static final int WIDTH = 60;

    private LossCurve() {}

    /** Lines of the plot: {@code .} training, {@code o} validation, {@code *} both. */
    public static List<String> draw(List<EpochReport> history) {
        List<EpochReport> finite = history.stream()
                .filter(r -> Double.isFinite(r.trainingLoss()) && Double.isFinite(r.validationLoss()))
                .toList();
        List<String> lines = new ArrayList<>();
        if (finite.isEmpty()) {
            return lines;
        }
        double low = finite.stream()
                .mapToDouble(r -> Math.min(r.trainingLoss(), r.validationLoss()))
                .min()
                .getAsDouble();
        double high = finite.stream()
                .mapToDouble(r -> Math.max(r.trainingLoss(), r.validationLoss()))
                .max()
                .getAsDouble();
        int width = Math.min(WIDTH, finite.size());
        char[][] canvas = new char[HEIGHT][width];
        for (char[] row : canvas) {
            java.util.Arrays.fill(row, ' ');
        }
        for (int column = 0; column < width; column++) {
            EpochReport report = finite.get(width == 1 ? 0 : column * (finite.size() - 1) / (width - 1));
            int training = row(report.trainingLoss(), low, high);
            int validation = row(report.validationLoss(), low, high);
            canvas[training][column] = '.';
            canvas[validation][column] = training == validation ? '*' : 'o';
        }
        for (int row = 0; row < HEIGHT; row++) {
            double level = high - (high - low) * row / (HEIGHT - 1);
            lines.add(String.format(Locale.ROOT, "%9.4f │%s", level, new String(canvas[row])));
        }
        lines.add(" ".repeat(10) + "└" + "─".repeat(width));
        lines.add(String.format(
                Locale.ROOT,
                "%11s 1%s%d",
                "epoch",
                " "
                        .repeat(Math.max(
                                1, width - 1 - Integer.toString(finite.size()).length())),
                finite.size()));
        lines.add(" ".repeat(12) + ". training   o validation   * both");
        return lines;
    }

    private static int row(double loss, double low, double high) {
        return high == low ? HEIGHT - 1 : (int) Math.round((HEIGHT - 1) * (high - loss) / (high - low));
    }
}
