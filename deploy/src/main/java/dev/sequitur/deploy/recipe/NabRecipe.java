package dev.sequitur.deploy.recipe;

import dev.sequitur.deploy.recipe.NabScore.Profile;
import dev.sequitur.deploy.recipe.RecipeTable.Column;
import dev.sequitur.deploy.recipe.RecipeTable.Kind;
import dev.sequitur.deploy.recipe.RecipeTable.Row;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.zip.GZIPInputStream;

/**
 * Anomalies of 58 series, one row at a time: the Numenta Anomaly Benchmark, version 1.1 (Lavin and Ahmad 2015, arXiv
 * 1510.03336; Ahmad et al. 2017, arXiv 1607.02480).
 *
 * <p>A file is an entity, its value comes as a share of the file's range. One network learns from the probation rows of
 * all files, which the benchmark doesn't score; then every file is scored in one pass, in the order of its rows. A
 * detection is the start of an alarm.
 */
final class NabRecipe implements Recipe {
    /** What chose the options of spec.yaml; the other groups chose none. */
    private static final Set<String> TUNED = Set.of(
            "artificialNoAnomaly", "artificialWithAnomaly", "realAWSCloudwatch", "realAdExchange", "realTraffic");

    private static final String ROW_SCORES = "results/row_scores/%s.csv.gz";

    @Override
    public String name() {
        return "nab";
    }

    @Override
    public String question() {
        return "Which rows of a metric are abnormal, as early as can be told?";
    }

    @Override
    public Set<Option> options() {
        return Set.of(Option.DATA, Option.THROUGH_KAFKA);
    }

    @Override
    public RecipeTable run(RecipeRun run) throws IOException {
        List<NabSeries> series = NabSeries.all(run.data(), name());
        NabScore score = new NabScore(series);
        if (score.windows() == 0) {
            throw new UserException("No file has a window, so there is nothing to score; see labels");
        }
        Path csv = run.out().resolve(name() + ".csv");
        write(series, csv);
        String yaml = RecipeRun.spec(name(), "spec.yaml");
        PipelineSpec spec = PipelineSpecReader.parse(yaml, name());
        List<Event> events = RecipeRun.events(spec, csv);
        Path bundle = run.train(yaml, probation(series, events), csv, name(), 1);

        NabDetectors detectors = new NabDetectors(series, spec);
        Timeline timeline = Timeline.of(spec, events, Timeline.Part.ALL);
        run.score(
                bundle,
                timeline,
                (step, outcome) -> detectors.add(timeline.steps().get(step), outcome));

        List<Row> rows = new ArrayList<>();
        String network = spec.cell().kind().toUpperCase(Locale.ROOT) + " "
                + spec.cell().units().get(0);
        rows.add(row(Kind.SEQUITUR, network + ", novelty", score, detectors.alarms(), "starts of alarms"));
        rows.addAll(groups(score, detectors.alarms()));
        rows.add(row(
                Kind.SEQUITUR,
                network + ", surprise's novelty",
                score,
                detectors.noveltyOfSurprise(),
                "the network alone"));
        rows.add(row(Kind.SEQUITUR, network + ", adaptive", score, detectors.adaptive(), "likelihood of Ahmad et al."));
        rows.add(row(Kind.SEQUITUR, network + ", surprise", score, detectors.surprise(), "nats as they are"));
        rows.add(row(Kind.BASELINE, "novelty without a network", score, detectors.noveltyAlone(), "starts of alarms"));
        rows.add(row(Kind.BASELINE, "moving z-score", score, detectors.movingDeviation(), "of the last rows"));
        rows.add(row(Kind.BASELINE, "EWMA tail", score, detectors.weightedDeviation(), ""));
        rows.addAll(rescored(run, series, score));
        rows.addAll(published());
        List<Column> columns = new ArrayList<>();
        for (Profile profile : Profile.values()) {
            columns.add(new Column(profile.title, "", 1));
        }
        columns.add(new Column("tuned groups", "", 1));
        columns.add(new Column("untouched groups", "", 1));
        return new RecipeTable(
                "NAB v1.1, " + series.size() + " files, " + score.windows() + " windows",
                columns,
                rows,
                List.of(
                        "one threshold for all files, the best for each profile, as in every published figure; the parts"
                                + " are the standard profile's at the threshold of all files, on their own windows",
                        "learned from the probation rows of all files, which nobody scores; one pass, no look-ahead but"
                                + " each file's range, which the benchmark gives every detector",
                        "untouched: options were chosen by the other groups, not by realKnownCause and realTweets, whose figures"
                                + " were seen, though, while the recipe was finished",
                        "a point more or less is noise: a false detection costs 0.05 points, a window 0.9"));
    }

    private static void write(List<NabSeries> series, Path csv) throws IOException {
        try (BufferedWriter out = Files.newBufferedWriter(csv)) {
            out.write("file,timestamp,value\n");
            for (NabSeries one : series) {
                double[] shares = one.shares();
                for (int row = 0; row < one.rows(); row++) {
                    out.write(one.name() + "," + one.times().get(row) + "," + shares[row] + "\n");
                }
            }
        }
    }

    /** The events come as {@link #write} wrote them. */
    private static List<Event> probation(List<NabSeries> series, List<Event> events) {
        List<Event> probation = new ArrayList<>();
        int at = 0;
        for (NabSeries one : series) {
            probation.addAll(events.subList(at, at + one.probation()));
            at += one.rows();
        }
        return probation;
    }

    private static Row row(Kind kind, String name, NabScore score, Map<String, double[]> scores, String source) {
        List<Double> values = new ArrayList<>();
        for (Profile profile : Profile.values()) {
            values.add(score.best(scores, profile).score());
        }
        double threshold = score.best(scores, Profile.STANDARD).threshold();
        values.add(part(score, TUNED::contains, threshold, scores));
        values.add(part(score, group -> !TUNED.contains(group), threshold, scores));
        return new Row(kind, name, values, source);
    }

    /** Null where the part has no window. */
    private static Double part(
            NabScore score, Predicate<String> group, double threshold, Map<String, double[]> scores) {
        NabScore part = score.of(group);
        return part.windows() == 0 ? null : Double.valueOf(part.at(threshold, scores, Profile.STANDARD));
    }

    /** This project's figures group by group; the artificial ones together, as one of them has no window. */
    private static List<Row> groups(NabScore score, Map<String, double[]> scores) {
        Map<String, Predicate<String>> groups = new LinkedHashMap<>();
        for (NabSeries one : score.series()) {
            boolean artificial = one.group().startsWith("artificial");
            groups.putIfAbsent(
                    artificial ? "artificial" : one.group(),
                    artificial ? group -> group.startsWith("artificial") : one.group()::equals);
        }
        List<Row> rows = new ArrayList<>();
        groups.forEach((name, group) -> {
            NabScore part = score.of(group);
            if (part.windows() > 0) {
                List<Double> values = new ArrayList<>();
                for (Profile profile : Profile.values()) {
                    values.add(part.at(score.best(scores, profile).threshold(), scores, profile));
                }
                values.addAll(Arrays.asList(null, null));
                rows.add(new Row(Kind.SEQUITUR, "- " + name, values, part.windows() + " windows"));
            }
        });
        return rows;
    }

    /** Published detectors, from what they said of each row: shows that the score is computed as everyone's was. */
    private static List<Row> rescored(RecipeRun run, List<NabSeries> series, NabScore score) throws IOException {
        List<Row> rows = new ArrayList<>();
        for (Published detector : Published.values()) {
            if (detector.rowScores != null) {
                Path file = run.data().resolve(ROW_SCORES.formatted(detector.rowScores));
                if (Files.isRegularFile(file)) {
                    rows.add(row(
                            Kind.PUBLISHED,
                            detector.title + ", rescored",
                            score,
                            rowScores(file, series),
                            "its scores of each row, summed up here"));
                }
            }
        }
        return rows;
    }

    /** @param file lines of file, row, score; a file's rows in their order */
    static Map<String, double[]> rowScores(Path file, List<NabSeries> series) throws IOException {
        Map<String, double[]> scores = new HashMap<>();
        for (NabSeries one : series) {
            scores.put(one.name(), new double[one.rows()]);
        }
        try (BufferedReader in = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(file)), StandardCharsets.UTF_8))) {
            in.readLine();
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                String[] cells = line.split(",");
                scores.get(cells[0])[Integer.parseInt(cells[1])] = Double.parseDouble(cells[2]);
            }
        }
        return scores;
    }

    /**
     * {@code results/final_results.json} and the README of the benchmark's repository. The parts are from {@code
     * results/per_file_scores}, on the windows of the part.
     */
    private enum Published {
        AR_TIME("ARTime", null, 74.9, 65.2, 80.4, 74.5, 75.3),
        NUMENTA("Numenta HTM", "numenta", 70.1, 63.1, 74.3, 75.5, 63.4),
        CONTEXT_OSE("CAD OSE", null, 69.9, 67.0, 73.2, 75.9, 62.5),
        HTM_JAVA("htmjava", null, 65.5, 53.3, 70.4, 69.8, 60.3),
        NUMENTA_TM("Numenta TM", null, 64.6, 56.7, 69.2, 70.3, 57.5),
        EARTHGECKO("earthgecko Skyline", null, 58.2, 46.2, 63.8, 60.2, 55.8),
        KNN_CAD("KNN-CAD", null, 58.0, 43.4, 64.8, 58.5, 57.3),
        RELATIVE_ENTROPY("relative entropy", null, 54.6, 47.6, 58.8, 53.4, 56.2),
        RANDOM_CUT_FOREST("random cut forest", null, 51.7, 38.4, 59.7, 56.1, 46.3),
        TWITTER("Twitter ADVec", "twitterADVec", 47.1, 33.6, 53.5, 46.6, 47.6),
        WINDOWED_GAUSSIAN("windowed Gaussian", "windowedGaussian", 39.6, 20.9, 47.4, 41.4, 37.5),
        SKYLINE("Etsy Skyline", "skyline", 35.7, 27.1, 44.5, 46.5, 22.4),
        BAYES("Bayes changepoint", null, 17.7, 3.2, 32.2, null, null),
        EXPOSE("EXPoSE", null, 16.4, 3.2, 26.9, null, null);

        private final String title;
        private final String rowScores;
        private final List<Double> values;

        Published(String title, String rowScores, Double... values) {
            this.title = title;
            this.rowScores = rowScores;
            this.values = Arrays.asList(values);
        }
    }

    private static List<Row> published() {
        return Arrays.stream(Published.values())
                .map(p -> new Row(Kind.PUBLISHED, p.title, p.values, "github.com/numenta/NAB, final_results.json"))
                .toList();
    }
}
