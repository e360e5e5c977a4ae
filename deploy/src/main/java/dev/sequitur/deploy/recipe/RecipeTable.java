package dev.sequitur.deploy.recipe;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.deploy.terminal.Output;
import dev.sequitur.deploy.terminal.Style;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * What a recipe found: this project's figures, those of baselines in the same run, published ones.
 *
 * @param notes what a reader must know of the figures
 */
public record RecipeTable(String title, List<Column> columns, List<Row> rows, List<String> notes) {
    /** @param decimals that are shown to people */
    public record Column(String name, String unit, int decimals) {}

    /** Whose figures a row has. */
    public enum Kind {
        SEQUITUR("this project"),
        BASELINE("baselines, the same run"),
        PUBLISHED("published");

        private final String title;

        Kind(String title) {
            this.title = title;
        }
    }

    /**
     * @param values one a column; null where there is none
     * @param source where a published figure stands, or how a figure was made; may be empty
     */
    public record Row(Kind kind, String name, List<Double> values, String source) {
        public Row {
            values = java.util.Collections.unmodifiableList(new ArrayList<>(values));
        }
    }

    public RecipeTable {
        columns = List.copyOf(columns);
        rows = List.copyOf(rows);
        notes = List.copyOf(notes);
        for (Row row : rows) {
            if (row.values().size() != columns.size()) {
                throw new IllegalArgumentException("row '" + row.name() + "' has "
                        + row.values().size() + " values for " + columns.size() + " columns");
            }
        }
    }

    /** The first row of that name. */
    public Row row(String name) {
        return rows.stream().filter(r -> r.name().equals(name)).findFirst().orElseThrow();
    }

    /** For people: rows grouped by whose they are. */
    public void print(Output out) {
        out.line(out.paint(Style.BOLD, title));
        int nameWidth = rows.stream().mapToInt(r -> r.name().length()).max().orElse(0);
        StringBuilder header = new StringBuilder(" ".repeat(nameWidth + 4));
        for (Column column : columns) {
            header.append(right(heading(column), width(column))).append("  ");
        }
        out.line(header.toString().stripTrailing());
        for (Kind kind : Kind.values()) {
            List<Row> ofKind = rows.stream().filter(r -> r.kind() == kind).toList();
            if (ofKind.isEmpty()) {
                continue;
            }
            out.line("  " + out.paint(Style.BOLD, kind.title));
            for (Row row : ofKind) {
                StringBuilder line = new StringBuilder("    ")
                        .append(row.name())
                        .append(" ".repeat(nameWidth - row.name().length()));
                for (int c = 0; c < columns.size(); c++) {
                    line.append(right(text(columns.get(c), row.values().get(c)), width(columns.get(c))))
                            .append("  ");
                }
                out.line(
                        row.source().isEmpty()
                                ? line.toString().stripTrailing()
                                : line + out.paint(Style.DIM, row.source()));
            }
        }
        notes.forEach(note -> out.line("  " + out.paint(Style.DIM, note)));
    }

    /** For machines: one line of JSON a figure. */
    public void printJson(Output out, String recipe) {
        for (Row row : rows) {
            for (int c = 0; c < columns.size(); c++) {
                if (row.values().get(c) != null) {
                    ObjectNode node = JsonNodeFactory.instance.objectNode();
                    node.put("recipe", recipe)
                            .put("kind", row.kind().name().toLowerCase(Locale.ROOT))
                            .put("name", row.name())
                            .put("metric", columns.get(c).name())
                            .put("value", row.values().get(c))
                            .put("unit", columns.get(c).unit())
                            .put("source", row.source());
                    out.line(RecordJson.line(node));
                }
            }
        }
    }

    private static String heading(Column column) {
        return column.unit().isEmpty() ? column.name() : column.name() + ", " + column.unit();
    }

    private int width(Column column) {
        int at = columns.indexOf(column);
        return Math.max(
                heading(column).length(),
                rows.stream()
                        .mapToInt(r -> text(column, r.values().get(at)).length())
                        .max()
                        .orElse(0));
    }

    private static String text(Column column, Double value) {
        return value == null ? "" : String.format(Locale.ROOT, "%." + column.decimals() + "f", value);
    }

    private static String right(String text, int width) {
        return " ".repeat(Math.max(0, width - text.length())) + text;
    }
}
