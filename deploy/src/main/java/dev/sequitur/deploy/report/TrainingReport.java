package dev.sequitur.deploy.report;

import dev.sequitur.model.bundle.Manifest;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.evaluate.Baselines;
import dev.sequitur.model.evaluate.Metric;
import dev.sequitur.model.evaluate.NextEventMetrics;
import dev.sequitur.model.evaluate.OfflineScoring;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.spec.AlarmSpec;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.Role;
import dev.sequitur.model.train.EpochReport;
import dev.sequitur.schemas.FieldSurprise;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A training as one HTML page that needs nothing else: what was trained on what, how the loss fell, how good predictions
 * and probabilities are on the validation part, and what surprised most there. No scripts; light and dark; for a phone
 * and for paper.
 */
public final class TrainingReport {
    private static final int SURPRISING = 10;
    private static final int CLASSES = 8;
    private static final String OTHER = "other";
    private static final double[] RATES = {1, 0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001};

    private final ModelBundle bundle;
    private final PipelineSpec spec;
    private final List<List<EpochReport>> histories;
    private final List<String> warnings;
    private final List<Metric> metrics;
    private final List<Metric> baselines;
    private final Evidence evidence;
    private final Expectations expectations;

    /**
     * Scores the validation part.
     *
     * @param events that the bundle was trained on, in the order of their source
     * @param histories epochs of each of the bundle's networks
     * @param warnings that the training gave
     */
    public TrainingReport(
            ModelBundle bundle, List<Event> events, List<List<EpochReport>> histories, List<String> warnings) {
        this.bundle = bundle;
        this.spec = bundle.spec();
        this.histories = histories;
        this.warnings = List.copyOf(warnings);
        this.expectations = new Expectations(spec);
        Timeline timeline = Timeline.of(spec, events, Timeline.Part.VALIDATION);
        NextEventMetrics measured = new NextEventMetrics(spec, timeline);
        evidence = new Evidence(spec, timeline, SURPRISING);
        new OfflineScoring(bundle.model()).run(timeline, (step, outcome) -> {
            measured.add(step, outcome);
            evidence.add(step, outcome);
        });
        metrics = measured.metrics();
        baselines = new Baselines(spec).measure(List.of(Timeline.of(spec, events, Timeline.Part.TRAIN)), timeline);
    }

    /** The page. */
    public String html() {
        Html page = new Html();
        page.markup("<!DOCTYPE html>\n");
        page.open("html", "lang", "en", "xmlns", "http://www.w3.org/1999/xhtml").open("head");
        page.markup("<meta charset=\"utf-8\"/>");
        page.markup("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>");
        page.element("title", spec.name() + ": training report");
        page.open("style").markup(css()).close().close().open("body");
        page.element("h1", spec.name() + ": training report");
        page.open("p", "class", "dim")
                .text("Fingerprint ")
                .element("code", bundle.fingerprint())
                .text(", trained " + bundle.manifest().training().trainedAt() + " by sequitur "
                        + bundle.manifest().training().sequitur())
                .close();
        warnings.forEach(warning -> page.element("p", "Warning: " + warning, "class", "warning"));
        facts(page);
        losses(page);
        figures(page);
        calibration(page);
        confusions(page);
        surprising(page);
        page.element("h2", "Pipeline spec")
                .open("pre")
                .text(bundle.manifest().spec())
                .close();
        page.close().close().markup("\n");
        return page.toString();
    }

    private static String css() {
        try (InputStream in = TrainingReport.class.getResourceAsStream("/report/report.css")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("the style sheet is packed with this class", e);
        }
    }

    private void facts(Html page) {
        Manifest manifest = bundle.manifest();
        Manifest.Provenance training = manifest.training();
        page.element("h2", "What was trained").open("table", "class", "facts");
        fact(
                page,
                "Network",
                (manifest.members() == 1 ? "" : "ensemble of " + manifest.members() + ", ") + manifest.cell() + " "
                        + manifest.units() + ", " + training.weights() + " weights");
        fact(page, "Data", String.join(", ", training.data()));
        fact(
                page,
                "Events",
                training.trainingEvents() + " to train on, " + training.validationEvents() + " to validate on, of "
                        + training.entities() + " entities; " + training.malformed() + " malformed rows skipped");
        fact(
                page,
                "Predicts",
                String.join(", ", manifest.surprises()) + "; alarms on "
                        + String.join(", ", spec.task().alarm().on()));
        fact(page, "Time", String.format(Locale.ROOT, "%.1f s", training.seconds()));
        page.close();
        page.open("div", "class", "wide").open("table");
        head(page, "", "Seed", "Epochs", "Best epoch", "Training loss", "Validation loss");
        for (Manifest.Member member : training.members()) {
            row(
                    page,
                    "",
                    Long.toString(member.seed()),
                    Integer.toString(member.epochs()),
                    Integer.toString(member.bestEpoch()),
                    figure(member.trainingLoss()),
                    figure(member.validationLoss()));
        }
        if (training.members().size() > 1) {
            row(page, "ensemble", "", "", "", "", figure(training.validationLoss()));
        }
        page.close().close();
    }

    private static void fact(Html page, String name, String value) {
        page.open("tr").element("th", name).element("td", value).close();
    }

    private static void head(Html page, String first, String... others) {
        page.open("tr").element("th", first);
        for (String other : others) {
            page.element("th", other, "class", "n");
        }
        page.close();
    }

    private static void row(Html page, String first, String... others) {
        page.open("tr").element("td", first);
        for (String other : others) {
            page.element("td", other, "class", "n");
        }
        page.close();
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, "%.4f", value);
    }

    private void losses(Html page) {
        page.element("h2", "Loss");
        page.open("p", "class", "dim")
                .element("span", "training, with dropout", "class", "key training")
                .element("span", "validation; the dot is the best epoch", "class", "key validation")
                .close();
        page.open("div", "class", "charts");
        for (int m = 0; m < histories.size(); m++) {
            List<EpochReport> history = histories.get(m).stream()
                    .filter(r -> Double.isFinite(r.trainingLoss()) && Double.isFinite(r.validationLoss()))
                    .toList();
            if (history.isEmpty()) {
                continue;
            }
            long seed = bundle.manifest().training().members().get(m).seed();
            List<Double> values = new ArrayList<>();
            history.forEach(r -> values.addAll(List.of(r.trainingLoss(), r.validationLoss())));
            Chart chart = new Chart(
                    "Loss by epoch, seed " + seed,
                    new Chart.Axis(0.5, history.get(history.size() - 1).epoch() + 0.5, false, "epoch"),
                    Chart.Axis.around(values, "nats per event"));
            chart.line("training", points(history, false)).line("validation", points(history, true));
            EpochReport best = history.stream()
                    .filter(EpochReport::best)
                    .reduce((a, b) -> b)
                    .orElse(history.get(0));
            chart.dot(
                    "validation",
                    best.epoch(),
                    best.validationLoss(),
                    4,
                    "epoch " + best.epoch() + ": " + figure(best.validationLoss()));
            figure(page, histories.size() == 1 ? "" : "seed " + seed, chart, "");
        }
        page.close();
    }

    private static List<double[]> points(List<EpochReport> history, boolean validation) {
        return history.stream()
                .map(r -> new double[] {r.epoch(), validation ? r.validationLoss() : r.trainingLoss()})
                .toList();
    }

    private static void figure(Html page, String name, Chart chart, String caption) {
        page.open("figure");
        if (!name.isEmpty()) {
            page.element("div", name, "class", "name");
        }
        page.markup(chart.svg());
        if (!caption.isEmpty()) {
            page.element("figcaption", caption);
        }
        page.close();
    }

    private void figures(Html page) {
        page.element("h2", "Figures of the validation part");
        page.element(
                "p",
                "The validation part chose the epoch and calibrated the alarms; figures of a part that training never"
                        + " saw come from sequitur evaluate.",
                "class",
                "dim");
        page.open("div", "class", "wide").open("table", "class", "figures");
        page.open("tr")
                .element("th", "Field")
                .element("th", "Figure")
                .element("th", "Sequitur", "class", "n")
                .element("th", "Baseline", "class", "n")
                .element("th", "Count", "class", "n")
                .close();
        for (String field : metrics.stream().map(Metric::field).distinct().toList()) {
            metrics.stream().filter(m -> m.field().equals(field)).forEach(m -> metric(page, m, true));
            baselines.stream().filter(m -> m.field().equals(field)).forEach(m -> metric(page, m, false));
        }
        page.close().close();
    }

    private static void metric(Html page, Metric metric, boolean ours) {
        String value = String.format(Locale.ROOT, "%.4f", metric.value())
                + (metric.unit().isEmpty() ? "" : " " + metric.unit());
        page.open("tr")
                .element("td", metric.field().isEmpty() ? "event" : metric.field())
                .element("td", metric.name())
                .element("td", ours ? value : "", "class", "n")
                .element("td", ours ? "" : value, "class", "n")
                .element("td", Long.toString(metric.count()), "class", "n")
                .close();
    }

    private void calibration(Html page) {
        page.element("h2", "Are the probabilities right?");
        page.open("div", "class", "charts");
        if (spec.task().alarm().scorer() instanceof AlarmSpec.Tail) {
            scores(page);
        }
        reliabilities(page);
    }

    /** Of a scorer whose score is a share of normal events. */
    private void scores(Html page) {
        Chart scores = new Chart(
                        "Share of events whose score exceeds 1 − q",
                        new Chart.Axis(0.001, 1, true, "q"),
                        new Chart.Axis(0.001, 1, true, "share of events"))
                .diagonal();
        List<double[]> line = new ArrayList<>();
        for (double rate : RATES) {
            double share = evidence.exceeding(rate);
            if (share > 0) {
                line.add(new double[] {rate, share});
                scores.dot("training", rate, share, 3, Quantities.percent(share) + " above " + (1 - rate));
            }
        }
        scores.line("training", line);
        figure(
                page,
                "Scores",
                scores,
                "Share of the " + evidence.scored()
                        + " events and ends whose score exceeds 1 − q. On the dashed line a score means what it says.");
    }

    private void reliabilities(Html page) {
        evidence.reliabilities().forEach((field, reliability) -> {
            Chart.Axis probability = new Chart.Axis(0, 1, false, "stated probability");
            Chart chart = new Chart(
                            "Stated probability against how often it came true, " + field,
                            probability,
                            new Chart.Axis(0, 1, false, "came true"))
                    .diagonal();
            List<double[]> points = new ArrayList<>();
            long most = 1;
            for (int bin = 0; bin < Evidence.BINS; bin++) {
                most = Math.max(most, reliability.count(bin));
            }
            for (int bin = 0; bin < Evidence.BINS; bin++) {
                if (reliability.count(bin) > 0) {
                    points.add(new double[] {reliability.stated(bin), reliability.came(bin)});
                    chart.dot(
                            "training",
                            reliability.stated(bin),
                            reliability.came(bin),
                            2 + 5 * Math.sqrt((double) reliability.count(bin) / most),
                            reliability.count(bin) + " predictions");
                }
            }
            chart.line("training", points);
            figure(page, field, chart, what(field) + " A dot's area grows with the number of predictions.");
        });
        page.close();
        intervals(page);
    }

    private String what(String field) {
        if (field.equals(PipelineSpec.END)) {
            return "How often a sequence ended, by the stated probability of END.";
        }
        return spec.field(field) instanceof FieldSpec.Flags
                ? "How often a listed flag was set, by its stated probability."
                : "How often the likeliest value came, by its stated probability.";
    }

    private void intervals(Html page) {
        if (evidence.intervals().isEmpty()) {
            return;
        }
        page.element("h3", "Where values fell in the predicted ranges");
        page.open("div", "class", "wide").open("table");
        head(page, "Field", "below 5 %", "5 % to median", "median to 95 %", "above 95 %", "Count");
        row(page, "expected", shares(Evidence.INTERVALS, ""));
        for (FieldSpec field : spec.fields(Role.TARGET)) {
            long[] counts = evidence.intervals().getOrDefault(field.name(), new long[0]);
            long sum = 0;
            for (long count : counts) {
                sum += count;
            }
            double[] shares = new double[counts.length];
            for (int i = 0; i < shares.length; i++) {
                shares[i] = (double) counts[i] / sum;
            }
            if (sum > 0) {
                row(page, field.name(), shares(shares, Long.toString(sum)));
            }
        }
        page.close().close();
    }

    private static String[] shares(double[] shares, String count) {
        String[] cells = new String[shares.length + 1];
        for (int i = 0; i < shares.length; i++) {
            cells[i] = String.format(Locale.ROOT, "%.1f %%", 100 * shares[i]);
        }
        cells[shares.length] = count;
        return cells;
    }

    private void confusions(Html page) {
        for (Map.Entry<String, Evidence.Confusion> entry : evidence.confusions().entrySet()) {
            Evidence.Confusion confusion = entry.getValue();
            List<String> actual = confusion.actual();
            if (actual.isEmpty()) {
                continue;
            }
            page.element("h2", "What was taken for what: " + entry.getKey());
            page.element(
                    "p",
                    "A row is what came next, a column the answer that was likeliest"
                            + (actual.size() > CLASSES
                                    ? "; the " + CLASSES + " most frequent of " + actual.size()
                                            + " values, and the rest"
                                    : "")
                            + ".",
                    "class",
                    "dim");
            confusion(page, confusion, actual.subList(0, Math.min(CLASSES, actual.size())));
        }
    }

    private static void confusion(Html page, Evidence.Confusion confusion, List<String> shown) {
        page.open("div", "class", "wide").open("table", "class", "confusion");
        page.open("tr").element("th", "");
        shown.forEach(value -> page.element("th", value, "title", value));
        page.element("th", OTHER).element("th", "right").element("th", "count").close();
        for (String actual : shown) {
            long count = confusion.count(actual);
            page.open("tr").element("th", actual, "title", actual);
            long rest = count;
            for (String answer : shown) {
                long n = confusion.count(actual, answer);
                rest -= n;
                cell(page, n, count);
            }
            cell(page, rest, count);
            page.element("td", Quantities.percent((double) confusion.count(actual, actual) / count))
                    .element("td", Long.toString(count))
                    .close();
        }
        List<String> others =
                confusion.actual().subList(shown.size(), confusion.actual().size());
        if (!others.isEmpty()) {
            long count = others.stream().mapToLong(confusion::count).sum();
            long right = others.stream().mapToLong(o -> confusion.count(o, o)).sum();
            page.open("tr").element("th", OTHER);
            long rest = count;
            for (String answer : shown) {
                long n = others.stream()
                        .mapToLong(o -> confusion.count(o, answer))
                        .sum();
                rest -= n;
                cell(page, n, count);
            }
            cell(page, rest, count);
            page.element("td", Quantities.percent((double) right / count))
                    .element("td", Long.toString(count))
                    .close();
        }
        page.close().close();
    }

    private static void cell(Html page, long count, long of) {
        double share = of == 0 ? 0 : (double) count / of;
        page.element(
                "td",
                count == 0 ? "" : Long.toString(count),
                "style",
                String.format(Locale.ROOT, "background: rgba(var(--heat), %.2f)", 0.6 * share));
    }

    private void surprising(Html page) {
        page.element("h2", "What surprised most");
        for (Evidence.Surprising surprising : evidence.surprising()) {
            Timeline.Step step = surprising.step();
            page.open("div", "class", "event");
            page.element("h3", step.entity());
            page.element(
                    "p",
                    (step.end()
                                    ? "the end, after "
                                            + Instant.ofEpochMilli(step.clock().lastEventMs())
                                    : Instant.ofEpochMilli(step.event().timeMs())
                                            .toString())
                            + ", after " + step.clock().steps() + " events of its session: surprise "
                            + Quantities.number(surprising.outcome().surprise()) + " nats, score "
                            + figure(surprising.outcome().score())
                            + (surprising.outcome().alarm() ? ", alarm" : ""),
                    "class",
                    "dim");
            page.open("div", "class", "wide").open("table");
            page.open("tr")
                    .element("th", "Field")
                    .element("th", "Nats", "class", "n")
                    .element("th", "Came")
                    .element("th", "Expected")
                    .close();
            for (FieldSurprise field : surprising.outcome().fields()) {
                page.open("tr")
                        .element("td", field.getExpected().getField())
                        .element("td", String.format(Locale.ROOT, "%.2f", field.getSurprise()), "class", "n")
                        .element("td", expectations.observed(field))
                        .element("td", expectations.expected(field.getExpected()))
                        .close();
            }
            page.close().close().close();
        }
    }
}
