package dev.sequitur.deploy.recipe;

import dev.sequitur.deploy.recipe.RecipeTable.Column;
import dev.sequitur.deploy.recipe.RecipeTable.Kind;
import dev.sequitur.deploy.recipe.RecipeTable.Row;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.cell.CellKind;
import dev.sequitur.model.data.EntitySequence;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.Sequences;
import dev.sequitur.model.evaluate.GradientFlow;
import dev.sequitur.model.evaluate.Timeline;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.feature.FeatureEncoder;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.graph.NamedWeight;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.PipelineSpec.CellSpec;
import dev.sequitur.model.spec.PipelineSpecReader;
import dev.sequitur.model.train.TrainingProgram;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * What each cell remembers, over how many events: the generated tasks of {@link MemoryTask}, trained and measured by the
 * pipeline itself, and how far back its gradient reaches, before and after training.
 *
 * <p>A cell with a gate that keeps the state starts out remembering for as long as a sequence ({@code cell.max-lag}); the LSTM,
 * the GRU and their closest variants then can learn in larger steps than the others.
 */
final class LongMemoryRecipe implements Recipe {
    /** A tenth of them validates, a tenth is the test part. */
    private static final int SEQUENCES = 4000;

    private static final List<Integer> LAGS = List.of(10, 100);

    /** What the specs stand for: a sequence of lag 100. */
    private static final String LENGTH_IN_SPEC = String.valueOf(MemoryTask.length(100));

    /** The kinds that learn at the rate of a task's spec, by the validation part; the others at 0.002. */
    private static final List<String> LARGE_STEPS = CellSpec.LAG_KINDS.stream()
            .filter(kind -> !kind.equals("grid-lstm") && !kind.equals("vrnn"))
            .toList();

    /** Sequences that a gradient is measured on. */
    private static final int MEASURED = 16;

    /** The task whose gradients are drawn. */
    private static final MemoryTask DRAWN = MemoryTask.RECALL;

    private final int sequences;

    LongMemoryRecipe() {
        this(SEQUENCES);
    }

    LongMemoryRecipe(int sequences) {
        this.sequences = sequences;
    }

    @Override
    public String name() {
        return "long-memory";
    }

    @Override
    public String question() {
        return "Over how many events does each cell remember?";
    }

    @Override
    public Set<Option> options() {
        return Set.of(Option.CELLS, Option.LAGS, Option.SEEDS);
    }

    /** Gradients by distance, a line a cell. */
    private record Reach(List<GradientPlot.Line> initial, List<GradientPlot.Line> trained) {
        Reach() {
            this(new ArrayList<>(), new ArrayList<>());
        }
    }

    /** One training. */
    private record Result(double right, int epochs) {}

    @Override
    public RecipeTable run(RecipeRun run) throws IOException {
        List<String> cells = run.cells().isEmpty()
                ? Stream.of(CellKind.values()).map(CellKind::specName).toList()
                : run.cells();
        List<Integer> lags = run.lags().isEmpty() ? LAGS : run.lags();
        int seeds = run.seeds() == 0 ? 1 : run.seeds();
        TreeMap<Integer, Reach> reaches = new TreeMap<>();
        List<Column> columns = new ArrayList<>();
        for (MemoryTask task : MemoryTask.values()) {
            lags.forEach(lag -> columns.add(new Column(task.specName() + " " + lag, "", 3)));
        }
        List<Row> rows = new ArrayList<>();
        for (String cell : cells) {
            List<Double> right = new ArrayList<>();
            List<String> epochs = new ArrayList<>();
            for (MemoryTask task : MemoryTask.values()) {
                for (int lag : lags) {
                    double sum = 0;
                    int spent = 0;
                    for (int seed = 1; seed <= seeds; seed++) {
                        Reach reach =
                                task == DRAWN && seed == 1 ? reaches.computeIfAbsent(lag, l -> new Reach()) : null;
                        Result result = train(run, task, lag, cell, seed, reach);
                        sum += result.right();
                        spent += result.epochs();
                    }
                    right.add(sum / seeds);
                    epochs.add(Integer.toString(spent / seeds));
                }
            }
            rows.add(new Row(Kind.SEQUITUR, cell, right, String.join(" ", epochs) + " epochs"));
        }
        List<Double> chance = new ArrayList<>();
        for (MemoryTask task : MemoryTask.values()) {
            chance.addAll(Collections.nCopies(lags.size(), task.chance()));
        }
        rows.add(new Row(Kind.BASELINE, "chance", chance, ""));
        rows.addAll(published(columns));
        for (var reach : reaches.entrySet()) {
            draw(run, reach.getKey(), reach.getValue());
        }
        return new RecipeTable(
                "long-memory: share of answers that are right, " + sequences / 10 + " sequences of the test part, "
                        + seeds + (seeds == 1 ? " seed" : " seeds"),
                columns,
                rows,
                List.of(
                        "adding: within 0.04; what is asked for came at least so many events before the end",
                        "an epoch is " + sequences * 8 / 10
                                + " sequences; training ends when the task is solved, when 12"
                                + " epochs bring nothing, or after 40"));
    }

    private static List<Row> published(List<Column> columns) {
        List<Double> lstm = columns.stream()
                .map(column ->
                        column.name().equals("adding 100") || column.name().equals("order 100")
                                ? (Double) (2559 / 2560.0)
                                : null)
                .toList();
        return lstm.stream().allMatch(java.util.Objects::isNull)
                ? List.of()
                : List.of(new Row(
                        Kind.PUBLISHED,
                        "LSTM",
                        lstm,
                        "Hochreiter and Schmidhuber 1997, experiments 4 and 6a: lengths of 100, lags of 50 and 40"));
    }

    private Result train(RecipeRun run, MemoryTask task, int lag, String cell, int seed, Reach reach)
            throws IOException {
        String yaml = spec(task, lag, cell, seed);
        PipelineSpec spec = PipelineSpecReader.parse(yaml, task.specName());
        List<Event> events = task.events(lag, sequences, seed);
        String name = String.join("-", task.specName(), Integer.toString(lag), cell, Integer.toString(seed));
        TrainingProgram.Summary summary =
                run.train(yaml, events, "generated", name, 1, report -> report.validationLoss() < task.solved());
        if (reach != null) {
            try (ModelBundle bundle = ModelBundle.load(run.out().resolve(name))) {
                measure(bundle, events, summary.members().get(0).weights(), cell, reach);
            }
        }
        Timeline timeline = Timeline.of(spec, events, Timeline.Part.TEST);
        int answer = spec.fields().indexOf(spec.field("answer"));
        int[] counts = new int[2];
        run.score(run.out().resolve(name), timeline, (step, outcome) -> {
            Object value = timeline.steps().get(step).event().values()[answer];
            if (value != null) {
                Object expected = outcome.fields().get(0).getExpected().getDistribution();
                counts[0] += task.right(value, expected) ? 1 : 0;
                counts[1]++;
            }
        });
        return new Result(counts[0] / (double) counts[1], summary.provenance().epochs());
    }

    /** The task's spec for a lag; the weight of the answer and the window are the length of a sequence. */
    static String spec(MemoryTask task, int lag, String cell, int seed) {
        String yaml = RecipeRun.spec("long-memory", task.specName() + ".yaml")
                .replace(LENGTH_IN_SPEC, Integer.toString(MemoryTask.length(lag)))
                .replace("kind: lstm", "kind: " + cell)
                .replace("seed: 1", "seed: " + seed);
        if (!CellSpec.LAG_KINDS.contains(cell)) {
            yaml = yaml.replaceFirst(", max-lag: \\d+", "");
        }
        return LARGE_STEPS.contains(cell) ? yaml : yaml.replaceFirst("learning-rate: [0-9.]+", "learning-rate: 0.002");
    }

    private static void measure(
            ModelBundle bundle, List<Event> events, List<NamedWeight> trained, String cell, Reach reach) {
        PipelineSpec spec = bundle.spec();
        List<EntitySequence> measured = Sequences.group(events);
        FeatureEncoder encoder = bundle.model().encoder();
        List<EntitySequence> last =
                measured.subList(measured.size() - Math.min(MEASURED, measured.size()), measured.size());
        int length = last.get(0).events().size();
        float[][][] rows = new float[length][last.size()][encoder.width()];
        for (int s = 0; s < last.size(); s++) {
            EntityClock clock = EntityClock.START;
            for (int t = 0; t < length; t++) {
                Event event = last.get(s).events().get(t);
                encoder.encode(event, clock, rows[t][s], 0);
                clock = clock.after(event.timeMs());
            }
        }
        Map<String, LearnedField> learned = bundle.learned();
        reach.initial()
                .add(new GradientPlot.Line(
                        cell, GradientFlow.norms(spec, learned, GradientFlow.initialWeights(spec, learned), rows)));
        reach.trained().add(new GradientPlot.Line(cell, GradientFlow.norms(spec, learned, trained, rows)));
    }

    private static void draw(RecipeRun run, int lag, Reach reach) throws IOException {
        for (boolean trained : new boolean[] {false, true}) {
            List<GradientPlot.Line> lines = trained ? reach.trained() : reach.initial();
            String title = "Gradient of the answer by the state before, " + DRAWN.specName() + " " + lag + ", "
                    + (trained ? "trained" : "at initialisation");
            Path file = run.out().resolve("gradient-" + lag + (trained ? "-trained" : "-initial") + ".svg");
            Files.writeString(file, GradientPlot.svg(title, lines));
            GradientPlot.sketch(title, lines).forEach(run.terminal().err()::line);
        }
    }
}
