package dev.sequitur.deploy.recipe;

import dev.sequitur.deploy.recipe.RecipeTable.Column;
import dev.sequitur.deploy.recipe.RecipeTable.Kind;
import dev.sequitur.deploy.recipe.RecipeTable.Row;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.evaluate.Baselines;
import dev.sequitur.model.evaluate.Metric;
import dev.sequitur.model.evaluate.NextEventMetrics;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * The next activity of a business process and the time to it: log, split and metrics of Tax, Verenich, La Rosa and Dumas,
 * "Predictive business process monitoring with LSTM neural networks", CAiSE 2017, arXiv 1612.02130.
 */
final class HelpdeskRecipe implements Recipe {
    private static final int MEMBERS = 5;

    @Override
    public String name() {
        return "helpdesk";
    }

    @Override
    public String question() {
        return "What happens next to a ticket, and when?";
    }

    @Override
    public Set<Option> options() {
        return Set.of(Option.DATA, Option.THROUGH_KAFKA, Option.ENSEMBLE);
    }

    @Override
    public RecipeTable run(RecipeRun run) throws IOException {
        Path file = run.file("helpdesk.csv", name());
        String yaml = RecipeRun.spec(name(), "spec.yaml");
        int members = run.members() == 0 ? MEMBERS : run.members();
        PipelineSpec spec = PipelineSpecReader.parse(yaml, name());
        List<Event> events = RecipeRun.events(spec, file);
        Path bundle = run.train(yaml, events, file, name(), members);
        Timeline test = Timeline.of(spec, events, Timeline.Part.TEST);
        NextEventMetrics metrics = new NextEventMetrics(spec, test);
        run.score(bundle, test, metrics::add);
        List<Metric> baselines = new Baselines(spec)
                .measure(
                        List.of(
                                Timeline.of(spec, events, Timeline.Part.TRAIN),
                                Timeline.of(spec, events, Timeline.Part.VALIDATION)),
                        test);
        List<Row> rows = new ArrayList<>();
        rows.add(new Row(
                Kind.SEQUITUR,
                RecipeRun.title("LSTM", members),
                figures(metrics.metrics(), "", "mean absolute error"),
                ""));
        for (String markov : List.of("Markov-1", "Markov-1 that never ends")) {
            rows.add(new Row(Kind.BASELINE, markov, figures(baselines, ", " + markov, "none"), ""));
        }
        rows.add(new Row(
                Kind.BASELINE,
                "median time by activity",
                figures(baselines, ", none", "mean absolute error, median time by activity"),
                ""));
        String tax = "Tax et al. 2017, table 1";
        rows.add(new Row(Kind.PUBLISHED, "LSTM, shared layers", Arrays.asList(0.7123, null, 3.75), tax));
        rows.add(new Row(Kind.PUBLISHED, "RNN", Arrays.asList(0.6572, null, null), tax));
        rows.add(new Row(Kind.PUBLISHED, "set abstraction", Arrays.asList(null, null, 5.83), tax));
        rows.add(new Row(Kind.PUBLISHED, "bag abstraction", Arrays.asList(null, null, 5.74), tax));
        rows.add(new Row(Kind.PUBLISHED, "sequence abstraction", Arrays.asList(null, null, 5.67), tax));
        return new RecipeTable(
                "helpdesk, test part: " + test.sequences() / 3 + " cases",
                List.of(
                        new Column("accuracy", "", 4),
                        new Column("accuracy with END", "", 4),
                        new Column("time error", "days", 3)),
                rows,
                List.of(
                        "accuracy counts where a next event exists; who never answers END gains there and loses with END"));
    }

    private static List<Double> figures(List<Metric> metrics, String suffix, String error) {
        return Arrays.asList(
                value(metrics, "activity", "accuracy" + suffix),
                value(metrics, "activity", "accuracy with END" + suffix),
                value(metrics, "gap", error));
    }

    private static Double value(List<Metric> metrics, String field, String name) {
        return metrics.stream()
                .filter(m -> m.field().equals(field) && m.name().equals(name))
                .map(Metric::value)
                .findFirst()
                .orElse(null);
    }
}
