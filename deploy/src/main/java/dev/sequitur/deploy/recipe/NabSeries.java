package dev.sequitur.deploy.recipe;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sequitur.deploy.terminal.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * One file of the Numenta Anomaly Benchmark: a series, and the windows that hold its anomalies.
 *
 * @param name with its group, as in {@code realTraffic/speed_6005.csv}
 * @param times as the file has them; neither unique nor always ascending
 * @param windows row numbers, ascending, in no other's way
 */
record NabSeries(String name, List<String> times, double[] values, List<Window> windows) {
    private static final double PROBATION_SHARE = 0.15;
    private static final int LONGEST_PROBATION = 750;
    private static final String LABELS = "labels/combined_windows.json";
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Rows {@code first} to {@code last}, both in it. */
    record Window(int first, int last) {
        int width() {
            return last - first + 1;
        }
    }

    /** Every series that has labels, in the order of the labels' file. */
    static List<NabSeries> all(Path data, String recipe) throws IOException {
        Path labels = RecipeRun.file(data, LABELS, recipe);
        List<NabSeries> all = new ArrayList<>();
        try {
            for (Map.Entry<String, JsonNode> entry :
                    JSON.readTree(Files.readString(labels)).properties()) {
                all.add(read(RecipeRun.file(data, "data/" + entry.getKey(), recipe), entry.getKey(), entry.getValue()));
            }
        } catch (JsonProcessingException e) {
            throw new UserException(labels + " is no JSON: " + e.getOriginalMessage(), e);
        }
        if (all.isEmpty()) {
            throw new UserException(labels + " names no file; expected file: [[start, end], ...]");
        }
        return all;
    }

    private static NabSeries read(Path file, String name, JsonNode labels) throws IOException {
        List<String> lines = Files.readAllLines(file);
        List<String> times = new ArrayList<>();
        double[] values = new double[Math.max(0, lines.size() - 1)];
        for (int i = 1; i < lines.size(); i++) {
            int comma = lines.get(i).indexOf(',');
            try {
                times.add(lines.get(i).substring(0, comma));
                values[i - 1] = Double.parseDouble(lines.get(i).substring(comma + 1));
            } catch (IndexOutOfBoundsException | NumberFormatException e) {
                throw new UserException(
                        file + ", line " + (i + 1) + ": expected timestamp,value, got '" + lines.get(i) + "'", e);
            }
        }
        List<Window> windows = new ArrayList<>();
        for (JsonNode label : labels) {
            windows.add(new Window(
                    row(times, label.path(0).asText(), file),
                    row(times, label.path(1).asText(), file)));
        }
        windows.sort(Comparator.comparingInt(Window::first));
        return new NabSeries(name, times, values, windows);
    }

    /** The first row of a time, whose fraction of a second the data don't have. */
    private static int row(List<String> times, String label, Path file) {
        int dot = label.indexOf('.');
        String time = dot < 0 ? label : label.substring(0, dot);
        int row = times.indexOf(time);
        if (row < 0) {
            throw new UserException(
                    LABELS + " has a window that starts or ends at '" + time + "', but " + file + " has no such row");
        }
        return row;
    }

    String group() {
        return name.substring(0, Math.max(0, name.indexOf('/')));
    }

    int rows() {
        return values.length;
    }

    /** Rows at the start that aren't scored: a detector may learn from them. */
    int probation() {
        return Math.min((int) (PROBATION_SHARE * rows()), LONGEST_PROBATION);
    }

    /** The values as shares of their range, which the benchmark lets a detector know; 0 where they are all the same. */
    double[] shares() {
        double low = Arrays.stream(values).min().orElse(0);
        double range = Arrays.stream(values).max().orElse(0) - low;
        return Arrays.stream(values).map(v -> range > 0 ? (v - low) / range : 0).toArray();
    }
}
