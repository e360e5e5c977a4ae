package dev.sequitur.deploy.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.evaluate.Baselines;
import dev.sequitur.model.evaluate.Metric;
import dev.sequitur.model.evaluate.NextEventMetrics;
import dev.sequitur.model.evaluate.OfflineScoring;
import dev.sequitur.model.evaluate.StepOutcome;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.train.Trainer;
import dev.sequitur.model.train.TrainingListener;
import dev.sequitur.model.train.TrainingProgram;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

/** The page of a small ensemble whose data wishes a page ill. */
class TrainingReportTest {
    private static final String VALUE = "</td><script>alert('a')</script>&amp;\"";
    private static final String ENTITY = "<img src=x onerror=alert(1)> \u0001\uD800 ]]> ";
    private static final String SOURCE = "<b>events</b>.csv";
    private static final String WARNING = "column <i>level</i> is & stays constant";

    @TempDir
    static Path directory;

    private static Document page;
    private static String html;
    private static List<Metric> metrics;
    private static List<Metric> baselines;
    private static List<StepOutcome> outcomes;
    private static List<Timeline.Step> steps;

    @BeforeAll
    static void train() throws Exception {
        List<Event> events = TinyPipeline.events(40, 30, 1).stream()
                .map(TrainingReportTest::hostile)
                .toList();
        Path out = directory.resolve("bundle");
        TrainingProgram.Summary summary = TrainingProgram.run(
                TinyPipeline.yaml("{kind: gru, units: 4}", TinyPipeline.TRAINING),
                events,
                new TrainingProgram.Origin(List.of(SOURCE), 0),
                out,
                2,
                false,
                TrainingListener.SILENT);
        try (ModelBundle bundle = ModelBundle.load(out)) {
            html = new TrainingReport(
                            bundle,
                            events,
                            summary.members().stream()
                                    .map(Trainer.Trained::history)
                                    .toList(),
                            List.of(WARNING))
                    .html();
            Timeline timeline = Timeline.of(bundle.spec(), events, Timeline.Part.VALIDATION);
            NextEventMetrics measured = new NextEventMetrics(bundle.spec(), timeline);
            StepOutcome[] all = new StepOutcome[timeline.steps().size()];
            new OfflineScoring(bundle.model()).run(timeline, (step, outcome) -> {
                measured.add(step, outcome);
                all[step] = outcome;
            });
            outcomes = List.of(all);
            steps = timeline.steps();
            metrics = measured.metrics();
            baselines = new Baselines(bundle.spec())
                    .measure(List.of(Timeline.of(bundle.spec(), events, Timeline.Part.TRAIN)), timeline);
        }
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        page = factory.newDocumentBuilder().parse(new ByteArrayInputStream(html.getBytes(StandardCharsets.UTF_8)));
    }

    private static Event hostile(Event event) {
        Object[] values = event.values().clone();
        values[0] = values[0].equals("a") ? VALUE : values[0];
        return new Event(ENTITY + event.entity(), event.timeMs(), values, event.last());
    }

    private static List<Element> all(String tag) {
        NodeList found = page.getElementsByTagName(tag);
        return IntStream.range(0, found.getLength())
                .mapToObj(i -> (Element) found.item(i))
                .toList();
    }

    private static List<String> texts(Element row) {
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < row.getChildNodes().getLength(); i++) {
            texts.add(row.getChildNodes().item(i).getTextContent());
        }
        return texts;
    }

    private static List<List<String>> rows() {
        return all("tr").stream().map(TrainingReportTest::texts).toList();
    }

    @Test
    void shouldEscapeWhateverComesFromData() {
        assertThat(all("script")).isEmpty();
        assertThat(all("img")).isEmpty();
        assertThat(all("b")).isEmpty();
        assertThat(all("i")).isEmpty();
        assertThat(page.getDocumentElement().getTextContent()).contains(VALUE, SOURCE, WARNING);
        assertThat(all("h3").stream().map(Element::getTextContent))
                .anyMatch(text -> text.startsWith("<img src=x onerror=alert(1)> \uFFFD\uFFFD ]]> entity-"));
    }

    @Test
    void shouldNeedNothingFromElsewhere() {
        assertThat(html).doesNotContain("href", "src=\"", "url(", "@import");
        assertThat(html).contains("prefers-color-scheme: dark", "@media print", "name=\"viewport\"");
        assertThat(html).startsWith("<!DOCTYPE html>");
    }

    @Test
    void shouldShowTheFiguresOfTheMetricsAndTheBaselines() {
        List<List<String>> rows = rows();
        for (Metric metric : metrics) {
            String value = String.format(Locale.ROOT, "%.4f", metric.value())
                    + (metric.unit().isEmpty() ? "" : " " + metric.unit());
            assertThat(rows)
                    .contains(List.of(
                            metric.field().isEmpty() ? "event" : metric.field(),
                            metric.name(),
                            value,
                            "",
                            Long.toString(metric.count())));
        }
        assertThat(baselines).isNotEmpty();
        for (Metric metric : baselines) {
            assertThat(rows)
                    .anyMatch(row -> row.size() == 5
                            && row.get(0).equals(metric.field())
                            && row.get(1).equals(metric.name())
                            && row.get(2).isEmpty()
                            && row.get(3).startsWith(String.format(Locale.ROOT, "%.4f", metric.value())));
        }
    }

    @Test
    void shouldCountAnswersAsTheAccuracyDoes() {
        Element table = all("table").stream()
                .filter(t -> t.getAttribute("class").equals("confusion"))
                .findFirst()
                .orElseThrow();
        List<List<String>> rows = new ArrayList<>();
        NodeList found = table.getElementsByTagName("tr");
        for (int i = 0; i < found.getLength(); i++) {
            rows.add(texts((Element) found.item(i)));
        }
        List<String> head = rows.get(0);
        assertThat(head).contains("b", "c", "d", "e", VALUE, "END", "other", "right", "count");
        long right = 0;
        long total = 0;
        for (List<String> row : rows.subList(1, rows.size())) {
            String diagonal = row.get(head.indexOf(row.get(0)));
            right += diagonal.isEmpty() ? 0 : Long.parseLong(diagonal);
            long count = Long.parseLong(row.get(head.indexOf("count")));
            assertThat(row.subList(1, head.indexOf("right")).stream()
                            .mapToLong(n -> n.isEmpty() ? 0 : Long.parseLong(n))
                            .sum())
                    .isEqualTo(count);
            total += count;
        }
        Metric accuracy = metrics.stream()
                .filter(m -> m.field().equals("letter") && m.name().equals("accuracy with END"))
                .findFirst()
                .orElseThrow();
        assertThat(total).isEqualTo(accuracy.count());
        assertThat((double) right / total).isCloseTo(accuracy.value(), within(1e-12));
    }

    @Test
    void shouldShowTheStepsThatSurprisedMost() {
        List<Integer> order = IntStream.range(0, outcomes.size())
                .boxed()
                .sorted(Comparator.comparingDouble(
                        (Integer i) -> -outcomes.get(i).surprise()))
                .toList();
        List<Element> shown = all("div").stream()
                .filter(d -> d.getAttribute("class").equals("event"))
                .toList();
        assertThat(shown).hasSize(10);
        for (int i = 0; i < shown.size(); i++) {
            StepOutcome outcome = outcomes.get(order.get(i));
            String entity = steps.get(order.get(i)).entity();
            assertThat(shown.get(i).getTextContent())
                    .contains(entity.substring(entity.indexOf("entity-")))
                    .contains("surprise " + Quantities.number(outcome.surprise()) + " nats");
            assertThat(shown.get(i).getElementsByTagName("tr").getLength())
                    .isEqualTo(1 + outcome.fields().size());
        }
    }

    @Test
    void shouldMeasureHowTheScoresLie() {
        double[] scores = outcomes.stream().mapToDouble(StepOutcome::score).toArray();
        for (double q : new double[] {0.5, 0.1, 0.01}) {
            double share = (double) Arrays.stream(scores).filter(s -> s > 1 - q).count() / scores.length;
            if (share > 0) {
                assertThat(all("title").stream().map(Element::getTextContent))
                        .contains(Quantities.percent(share) + " above " + (1 - q));
            }
        }
        assertThat(html).contains("Share of the " + scores.length + " events and ends");
    }

    @Test
    void shouldDrawALossCurveForEachNetwork() {
        List<Element> lines = all("polyline").stream()
                .filter(l -> l.getAttribute("class").equals("line validation"))
                .toList();
        assertThat(lines).hasSize(2);
        assertThat(lines).allMatch(l -> l.getAttribute("points").split(" ").length == 3);
        assertThat(rows()).anyMatch(row -> row.get(0).equals("ensemble"));
    }
}
