package dev.sequitur.model.evaluate;

import dev.sequitur.model.score.Verdict;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import java.util.List;

/**
 * What scoring made of one step.
 *
 * @param fields surprise of each field
 * @param prediction of the next event; empty after the end of a sequence
 */
public record StepOutcome(Verdict verdict, List<FieldSurprise> fields, List<Expectation> prediction) {
    /** Nats, over the fields that alarms look at. */
    public double surprise() {
        return verdict.surprise();
    }

    public double score() {
        return verdict.score();
    }

    /** Whether an alarm starts with this step. */
    public boolean alarm() {
        return verdict.alarm();
    }
}
