package dev.sequitur.model.evaluate;

import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import java.util.List;

/**
 * What scoring made of one step.
 *
 * @param surprise nats, over the fields that alarms look at
 * @param fields surprise of each field
 * @param prediction of the next event; empty after the end of a sequence
 */
public record StepOutcome(
        double surprise, double score, boolean alarm, List<FieldSurprise> fields, List<Expectation> prediction) {}
