package dev.sequitur.deploy.report;

import dev.sequitur.model.spec.FieldSpec;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Flags;
import dev.sequitur.schemas.Probability;
import java.util.List;
import java.util.stream.Collectors;

/** Expected distributions and observed values in a few words. */
final class Expectations {
    private static final int VALUES_SHOWN = 3;

    private final PipelineSpec spec;

    Expectations(PipelineSpec spec) {
        this.spec = spec;
    }

    /** A median with the range that holds nine of ten, or the likeliest values. */
    String expected(Expectation expectation) {
        Object distribution = expectation.getDistribution();
        if (distribution instanceof Continuous continuous) {
            boolean time = time(expectation.getField());
            return quantity(continuous.getMedian(), time) + " (" + quantity(continuous.getP05(), time) + " to "
                    + quantity(continuous.getP95(), time) + ")";
        } else if (distribution instanceof Categorical categorical) {
            return values(categorical.getTop());
        } else if (distribution instanceof Flags flags) {
            return values(flags.getTop());
        }
        return Quantities.percent(((Binary) distribution).getProbability());
    }

    /** What came; a dash where the field was missing. */
    String observed(FieldSurprise field) {
        String observed = field.getObserved();
        if (observed == null) {
            return "–";
        }
        if (field.getExpected().getDistribution() instanceof Binary) {
            return observed.equals("true") ? "yes" : "no";
        }
        return field.getExpected().getDistribution() instanceof Continuous
                ? quantity(
                        Double.parseDouble(observed), time(field.getExpected().getField()))
                : observed;
    }

    private boolean time(String field) {
        return spec.field(field) instanceof FieldSpec.SincePrevious;
    }

    private static String quantity(double value, boolean time) {
        return time ? Quantities.duration(value) : Quantities.number(value);
    }

    private static String values(List<Probability> top) {
        return top.stream()
                .limit(VALUES_SHOWN)
                .map(p -> p.getValue() + " (" + Quantities.percent(p.getProbability()) + ")")
                .collect(Collectors.joining(", "));
    }
}
