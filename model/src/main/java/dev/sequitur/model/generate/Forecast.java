package dev.sequitur.model.generate;

import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.spec.Role;
import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.Flags;
import dev.sequitur.schemas.Probability;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * What samples of a rollout have in common, step by step: quantiles of numbers and times, shares of categories and
 * flags, in the fields' own units.
 *
 * @param step from 1
 * @param samples that have an event at this step; the others ended before
 * @param fields of those samples, in the order of the spec; END is the share of all samples that ended before this step's
 *     event. Without an event there is only END
 */
public record Forecast(int step, int samples, List<Expectation> fields) {
    public Forecast {
        fields = List.copyOf(fields);
    }

    /**
     * @param from where the samples start
     * @param top values that a categorical or flags field lists
     * @return one for each step that some sample reached, and one where all had ended
     */
    public static List<Forecast> of(PipelineSpec spec, EntityPoint from, List<Continuation> samples, int top) {
        int steps = samples.stream().mapToInt(s -> s.events().size()).max().orElse(0);
        boolean allEnded = samples.stream().allMatch(Continuation::ended);
        List<Forecast> forecasts = new ArrayList<>();
        for (int i = 0; i < steps + (allEnded ? 1 : 0); i++) {
            int step = i;
            List<Continuation> there =
                    samples.stream().filter(s -> s.events().size() > step).toList();
            List<Expectation> fields = new ArrayList<>();
            for (FieldSpec field : there.isEmpty() ? List.<FieldSpec>of() : spec.fields(Role.TARGET)) {
                fields.add(new Expectation(
                        field.name(), distribution(spec, field, from.clock().lastEventMs(), there, step, top)));
            }
            if (samples.stream().anyMatch(Continuation::ended)) {
                fields.add(new Expectation(PipelineSpec.END, new Binary(1 - (double) there.size() / samples.size())));
            }
            forecasts.add(new Forecast(i + 1, there.size(), fields));
        }
        return forecasts;
    }

    private static Object distribution(
            PipelineSpec spec, FieldSpec field, long lastEventMs, List<Continuation> samples, int step, int top) {
        if (field instanceof FieldSpec.SincePrevious) {
            return continuous(samples.stream()
                    .mapToDouble(s -> s.events().get(step).timeMs()
                            - (step == 0
                                    ? lastEventMs
                                    : s.events().get(step - 1).timeMs())));
        }
        int index = spec.fields().indexOf(field);
        Function<Continuation, Object> value = s -> s.events().get(step).values()[index];
        if (field instanceof FieldSpec.Numeric) {
            return continuous(samples.stream().mapToDouble(s -> (Double) value.apply(s)));
        } else if (field instanceof FieldSpec.Flags flags) {
            List<Probability> shares = IntStream.range(0, flags.flags().size())
                    .mapToObj(i -> new Probability(
                            flags.flags().get(i),
                            (double) samples.stream()
                                            .filter(s -> ((boolean[]) value.apply(s))[i])
                                            .count()
                                    / samples.size()))
                    .toList();
            double count =
                    shares.stream().mapToDouble(Probability::getProbability).sum();
            return new Flags(count, likeliest(shares, top));
        }
        Map<String, Long> counts = samples.stream()
                .map(s -> value.apply(s) == null ? LearnedField.Vocabulary.MISSING_TEXT : (String) value.apply(s))
                .collect(Collectors.groupingBy(v -> v, Collectors.counting()));
        return new Categorical(likeliest(
                counts.entrySet().stream()
                        .map(e -> new Probability(e.getKey(), (double) e.getValue() / samples.size()))
                        .toList(),
                top));
    }

    private static List<Probability> likeliest(List<Probability> shares, int top) {
        return shares.stream()
                .sorted(Comparator.comparing(Probability::getProbability)
                        .reversed()
                        .thenComparing(Probability::getValue))
                .limit(top)
                .toList();
    }

    private static Continuous continuous(java.util.stream.DoubleStream values) {
        double[] sorted = values.sorted().toArray();
        return new Continuous(quantile(sorted, 0.5), quantile(sorted, 0.05), quantile(sorted, 0.95));
    }

    /** Between the values around {@code p (n − 1)}, linearly. */
    private static double quantile(double[] sorted, double p) {
        double at = p * (sorted.length - 1);
        int below = (int) at;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
