package dev.sequitur.deploy.recipe;

import dev.sequitur.deploy.recipe.RecipeTable.Column;
import dev.sequitur.deploy.recipe.RecipeTable.Kind;
import dev.sequitur.deploy.recipe.RecipeTable.Row;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The next frame of a chorale by Bach, 88 keys of a piano: data of Boulanger-Lewandowski, Bengio and Vincent 2012, arXiv
 * 1206.6392, in the form and split of Bai, Kolter and Koltun 2018, arXiv 1803.01271. Keys are independent given the past.
 *
 * <p>A file has a piece a line, frames separated by {@code ;}, a frame the sounding keys.
 */
final class ChoralesRecipe implements Recipe {
    private static final int KEYS = 88;
    private static final int SEEDS = 3;

    @Override
    public String name() {
        return "jsb";
    }

    @Override
    public String question() {
        return "Which keys sound in the next frame of a chorale?";
    }

    @Override
    public Set<Option> options() {
        return Set.of(Option.DATA, Option.THROUGH_KAFKA, Option.CELLS, Option.SEEDS);
    }

    @Override
    public RecipeTable run(RecipeRun run) throws IOException {
        Path csv = run.out().resolve(name() + ".csv");
        int test = 0;
        try (BufferedWriter out = Files.newBufferedWriter(csv)) {
            out.write("piece,second,keys\n");
            for (String part : List.of("train", "valid", "test")) {
                test = convert(run.file("jsb_chorales_" + part + ".txt", name()), part, out);
            }
        }
        List<String> cells = run.cells().isEmpty() ? List.of("rnn", "lstm", "gru") : run.cells();
        int seeds = run.seeds() == 0 ? SEEDS : run.seeds();
        // Cells differ in the network alone: the events and their parts are the same.
        PipelineSpec spec = PipelineSpecReader.parse(spec(cells.get(0), 1), name());
        List<Event> events = RecipeRun.events(spec, csv);
        Timeline testPart = Timeline.of(spec, events, Timeline.Part.TEST);
        List<Row> rows = new ArrayList<>();
        for (String cell : cells) {
            double[] nats = new double[seeds];
            for (int seed = 1; seed <= seeds; seed++) {
                String yaml = spec(cell, seed);
                Path bundle = run.train(yaml, events, csv, cell + "-" + seed, 1);
                nats[seed - 1] = nats(run, bundle, testPart);
            }
            rows.add(new Row(
                    Kind.SEQUITUR,
                    cell,
                    List.of(
                            Arrays.stream(nats).average().orElseThrow(),
                            Arrays.stream(nats).min().orElseThrow(),
                            Arrays.stream(nats).max().orElseThrow()),
                    seeds + (seeds == 1 ? " seed" : " seeds")));
        }
        rows.addAll(baselines(Timeline.of(spec, events, Timeline.Part.TRAIN), testPart));
        for (String[] published : new String[][] {
            {"TCN", "8.10", "Bai et al. 2018, table 1"},
            {"GRU", "8.43", "Bai et al. 2018, table 1"},
            {"LSTM", "8.45", "Bai et al. 2018, table 1"},
            {"RNN", "8.91", "Bai et al. 2018, table 1"},
            {"GRU", "8.54", "Chung et al. 2014, table 2"},
            {"LSTM", "8.67", "Chung et al. 2014, table 2"},
            {"tanh", "9.10", "Chung et al. 2014, table 2"}
        }) {
            rows.add(new Row(
                    Kind.PUBLISHED,
                    published[0],
                    Arrays.asList(Double.valueOf(published[1]), null, null),
                    published[2]));
        }
        return new RecipeTable(
                "JSB chorales, test part: " + test + " pieces, negative log-likelihood of a frame",
                List.of(new Column("mean", "nats", 3), new Column("best", "nats", 3), new Column("worst", "nats", 3)),
                rows,
                List.of("the first frame of a piece isn't counted; differences below 0.1 between cells are noise of"
                        + " the seed"));
    }

    private String spec(String cell, int seed) {
        return RecipeRun.spec(name(), cell.equals("rnn") ? "rnn.yaml" : "spec.yaml")
                .replaceFirst("kind: (lstm|rnn)", "kind: " + cell)
                .replaceFirst("seed: 1", "seed: " + seed);
    }

    private static int convert(Path file, String part, BufferedWriter out) throws IOException {
        int pieces = 0;
        for (String line : Files.readAllLines(file)) {
            if (line.isBlank()) {
                continue;
            }
            pieces++;
            String[] frames = line.split(";", -1);
            for (int i = 0; i < frames.length; i++) {
                out.write(part + "-" + pieces + "," + (1_000_000L + i) + "," + frames[i].trim() + "\n");
            }
        }
        return pieces;
    }

    private static double nats(RecipeRun run, Path bundle, Timeline timeline) {
        double[] sum = new double[2];
        run.score(bundle, timeline, (step, outcome) -> {
            Timeline.Step at = timeline.steps().get(step);
            if (at.counted() && at.clock().steps() > 0) {
                sum[0] += outcome.fields().get(0).getSurprise();
                sum[1]++;
            }
        });
        return sum[0] / sum[1];
    }

    /** Keys at their shares in the training part, and at their shares after the same key in the frame before. */
    private static List<Row> baselines(Timeline train, Timeline test) {
        // [key][sounded before][sounds], each counted once more than it was seen.
        double[][][] counts = new double[KEYS][2][2];
        for (double[][] key : counts) {
            Arrays.fill(key[0], 1);
            Arrays.fill(key[1], 1);
        }
        boolean[] before = null;
        for (Timeline.Step step : train.steps()) {
            boolean[] frame = frame(step);
            if (step.clock().steps() > 0) {
                for (int k = 0; k < KEYS; k++) {
                    counts[k][before[k] ? 1 : 0][frame[k] ? 1 : 0]++;
                }
            }
            before = frame;
        }
        double marginal = 0;
        double markov = 0;
        int frames = 0;
        for (Timeline.Step step : test.steps()) {
            boolean[] frame = frame(step);
            if (step.clock().steps() > 0) {
                frames++;
                for (int k = 0; k < KEYS; k++) {
                    int now = frame[k] ? 1 : 0;
                    double[] after = counts[k][before[k] ? 1 : 0];
                    double all = Arrays.stream(counts[k])
                            .mapToDouble(c -> c[0] + c[1])
                            .sum();
                    marginal -= Math.log((counts[k][0][now] + counts[k][1][now]) / all);
                    markov -= Math.log(after[now] / (after[0] + after[1]));
                }
            }
            before = frame;
        }
        return List.of(
                new Row(Kind.BASELINE, "shares of the keys", Arrays.asList(marginal / frames, null, null), ""),
                new Row(Kind.BASELINE, "Markov-1 of each key", Arrays.asList(markov / frames, null, null), ""));
    }

    private static boolean[] frame(Timeline.Step step) {
        return (boolean[]) step.event().values()[0];
    }
}
