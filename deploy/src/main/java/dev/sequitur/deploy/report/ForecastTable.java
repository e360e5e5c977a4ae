package dev.sequitur.deploy.report;

import dev.sequitur.deploy.terminal.Output;
import dev.sequitur.deploy.terminal.Style;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.generate.Continuation;
import dev.sequitur.model.generate.Forecast;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.Role;
import dev.sequitur.schemas.Expectation;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A rollout for people: a line a step, then the sequences of categories that came most often. */
public final class ForecastTable {
    private static final int SEQUENCES_SHOWN = 5;

    private final PipelineSpec spec;
    private final Output out;
    private final Expectations expectations;

    public ForecastTable(PipelineSpec spec, Output out) {
        this.spec = spec;
        this.out = out;
        this.expectations = new Expectations(spec);
    }

    public void print(List<Forecast> forecasts, List<Continuation> samples) {
        List<List<String>> rows = new ArrayList<>();
        List<String> head = new ArrayList<>(List.of("step", "samples"));
        List<String> names = new ArrayList<>(
                spec.fields(Role.TARGET).stream().map(FieldSpec::name).toList());
        if (forecasts.stream().anyMatch(f -> find(f, PipelineSpec.END).isPresent())) {
            names.add(PipelineSpec.END);
        }
        head.addAll(names);
        for (Forecast forecast : forecasts) {
            List<String> row =
                    new ArrayList<>(List.of(Integer.toString(forecast.step()), Integer.toString(forecast.samples())));
            names.forEach(name ->
                    row.add(find(forecast, name).map(expectations::expected).orElse("")));
            rows.add(row);
        }
        out.line(out.paint(Style.BOLD, line(head, rows, head)));
        rows.forEach(row -> out.line(line(head, rows, row)));
        printSequences(samples);
    }

    private static Optional<Expectation> find(Forecast forecast, String field) {
        return forecast.fields().stream()
                .filter(e -> e.getField().equals(field))
                .findFirst();
    }

    private static String line(List<String> head, List<List<String>> rows, List<String> cells) {
        StringBuilder line = new StringBuilder();
        for (int c = 0; c < cells.size(); c++) {
            int column = c;
            int width = Math.max(
                    head.get(c).length(),
                    rows.stream().mapToInt(r -> r.get(column).length()).max().orElse(0));
            line.append("  ").append(String.format("%-" + width + "s", cells.get(c)));
        }
        return line.toString().stripTrailing();
    }

    private void printSequences(List<Continuation> samples) {
        Optional<FieldSpec> field = spec.fields(Role.TARGET).stream()
                .filter(f -> f instanceof FieldSpec.Categorical)
                .findFirst();
        if (field.isEmpty()) {
            return;
        }
        int index = spec.fields().indexOf(field.get());
        Map<String, Integer> counts = new LinkedHashMap<>();
        for (Continuation sample : samples) {
            List<String> values = new ArrayList<>();
            sample.events()
                    .forEach(e -> values.add(
                            e.values()[index] == null
                                    ? LearnedField.Vocabulary.MISSING_TEXT
                                    : e.values()[index].toString()));
            if (sample.ended()) {
                values.add(PipelineSpec.END);
            }
            counts.merge(String.join(" → ", values), 1, Integer::sum);
        }
        out.line(out.paint(
                Style.BOLD, "likeliest continuations of " + field.get().name()));
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .limit(SEQUENCES_SHOWN)
                .forEach(e -> out.line(String.format(
                        "  %6s  %s", Quantities.percent((double) e.getValue() / samples.size()), e.getKey())));
    }
}
