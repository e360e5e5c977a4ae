package dev.sequitur.deploy.export;

import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Categorical;
import dev.sequitur.schemas.Continuous;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.FieldSurprise;
import dev.sequitur.schemas.Flags;
import dev.sequitur.schemas.Prediction;
import dev.sequitur.schemas.Probability;
import dev.sequitur.schemas.Score;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.specific.SpecificRecord;

/**
 * Scores or predictions as a table: a row for each field of each event, the event's own columns repeated, so that the
 * columns are the same for every model.
 *
 * <p>Threading: immutable.
 */
enum ResultTable {
    SCORES(
            new Column("surprise", Type.NUMBER),
            new Column("score", Type.NUMBER),
            new Column("alarm", Type.TRUTH),
            new Column("alarming", Type.TRUTH),
            new Column("end", Type.TRUTH),
            new Column("model", Type.TEXT),
            new Column("field", Type.TEXT),
            new Column("field_surprise", Type.NUMBER),
            new Column("observed", Type.TEXT)),
    PREDICTIONS(new Column("model", Type.TEXT), new Column("field", Type.TEXT));

    private final List<Column> columns;

    /** What a column holds: {@link String}, {@link Instant}, {@link Long}, {@link Double} or {@link Boolean}; or null. */
    enum Type {
        TEXT,
        TIME,
        WHOLE,
        NUMBER,
        TRUTH
    }

    /** Its name and what it holds. */
    record Column(String name, Type type) {}

    ResultTable(Column... own) {
        columns = new ArrayList<>(List.of(
                new Column("entity", Type.TEXT),
                new Column("time", Type.TIME),
                new Column("partition", Type.WHOLE),
                new Column("offset", Type.WHOLE),
                new Column("step", Type.WHOLE)));
        columns.addAll(Arrays.asList(own));
        columns.addAll(List.of(
                new Column("expected_median", Type.NUMBER),
                new Column("expected_p05", Type.NUMBER),
                new Column("expected_p95", Type.NUMBER),
                new Column("expected_value", Type.TEXT),
                new Column("expected_probability", Type.NUMBER)));
    }

    List<Column> columns() {
        return List.copyOf(columns);
    }

    /** Its rows, a value for each column. */
    static List<Object[]> rows(SpecificRecord result) {
        return result instanceof Score score ? rows(score) : rows((Prediction) result);
    }

    private static List<Object[]> rows(Score score) {
        List<Object[]> rows = new ArrayList<>();
        for (FieldSurprise field : score.getFields()) {
            rows.add(row(
                    field.getExpected(),
                    score.getEntity(),
                    score.getEventTime(),
                    (long) score.getPartition(),
                    score.getOffset(),
                    score.getStep(),
                    score.getSurprise(),
                    score.getScore(),
                    score.getAlarm(),
                    score.getAlarming(),
                    score.getEnd(),
                    score.getModel(),
                    field.getExpected().getField(),
                    field.getSurprise(),
                    field.getObserved()));
        }
        return rows;
    }

    private static List<Object[]> rows(Prediction prediction) {
        List<Object[]> rows = new ArrayList<>();
        for (Expectation field : prediction.getFields()) {
            rows.add(row(
                    field,
                    prediction.getEntity(),
                    prediction.getEventTime(),
                    (long) prediction.getPartition(),
                    prediction.getOffset(),
                    prediction.getStep(),
                    prediction.getModel(),
                    field.getField()));
        }
        return rows;
    }

    private static Object[] row(Expectation expected, Object... own) {
        Object[] row = Arrays.copyOf(own, own.length + 5);
        int at = own.length;
        Object distribution = expected.getDistribution();
        if (distribution instanceof Continuous continuous) {
            row[at] = continuous.getMedian();
            row[at + 1] = continuous.getP05();
            row[at + 2] = continuous.getP95();
        } else if (distribution instanceof Binary binary) {
            row[at + 3] = "true";
            row[at + 4] = binary.getProbability();
        } else {
            List<Probability> top = distribution instanceof Categorical categorical
                    ? categorical.getTop()
                    : ((Flags) distribution).getTop();
            if (!top.isEmpty()) {
                row[at + 3] = top.get(0).getValue();
                row[at + 4] = top.get(0).getProbability();
            }
        }
        return row;
    }
}
