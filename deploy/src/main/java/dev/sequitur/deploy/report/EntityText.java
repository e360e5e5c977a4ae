package dev.sequitur.deploy.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sequitur.deploy.terminal.Output;
import dev.sequitur.deploy.terminal.Style;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The API's answers on entities as a person reads them in a terminal.
 *
 * <p>Threading: belongs to one thread.
 */
public final class EntityText {
    private static final DateTimeFormatter CLOCK =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final int WHY = 2;
    private static final int VALUES = 3;
    private static final int BAR = 20;

    private final Output out;
    private final Set<String> times = new HashSet<>();

    /** @param model what {@code GET /model} answers: it knows which fields are times */
    public EntityText(Output out, JsonNode model) {
        this.out = out;
        model.path("fields").forEach(field -> {
            if (field.path("unit").asText().equals("ms")) {
                times.add(field.path("name").asText());
            }
        });
    }

    /** An entity, its last {@code events} events and what is expected next. */
    public void entity(JsonNode entity, int events) {
        out.line(out.paint(Style.BOLD, entity.path("key").asText())
                + (entity.path("alarming").asBoolean() ? out.paint(Style.RED, "  in an alarm") : ""));
        out.line(entity.path("steps").asLong() + " events in this session"
                + (entity.hasNonNull("sessionStart") ? ", since " + clock(entity.path("sessionStart")) : "")
                + "; the last at " + clock(entity.path("lastEventTime")) + "; on "
                + entity.path("instance").asText());
        if (entity.path("stale").isObject()) {
            out.line(out.paint(
                    Style.YELLOW,
                    "from a standby's copy, "
                            + entity.path("stale").path("offsets").asLong() + " changes behind"));
        }
        List<JsonNode> known = list(entity.path("events"));
        if (known.isEmpty()) {
            out.line("none of its events is in memory");
        } else {
            out.line("");
            known.subList(Math.max(0, known.size() - events), known.size()).forEach(this::event);
        }
        if (!entity.path("prediction").isEmpty()) {
            out.line("");
            out.line("expected next:");
            entity.path("prediction")
                    .forEach(field -> out.line("  " + field.path("field").asText() + "  "
                            + expected(field.path("field").asText(), field.path("expected"))));
        }
    }

    private void event(JsonNode event) {
        String score = String.format(Locale.ROOT, "%.4f", event.path("score").asDouble());
        String line = clock(event.path("time"))
                + String.format(Locale.ROOT, "  step %-6d", event.path("step").asLong())
                + "  score " + (event.path("alarming").asBoolean() ? out.paint(Style.RED, score) : score)
                + String.format(
                        Locale.ROOT, "  %7.2f nats", event.path("surprise").asDouble());
        boolean alarm = event.path("alarm").asBoolean();
        out.line(line
                + (event.path("end").asBoolean() ? "  END" : "")
                + (alarm ? out.paint(Style.RED, "  ALARM") + "  " + why(event.path("fields")) : ""));
    }

    /** An alarm in a line. */
    public void alarm(JsonNode alarm) {
        out.line(clock(alarm.path("time")) + "  " + out.paint(Style.RED, "ALARM") + "  "
                + out.paint(Style.BOLD, alarm.path("key").asText())
                + String.format(
                        Locale.ROOT, "  %.1f nats: ", alarm.path("surprise").asDouble())
                + why(alarm.path("why")));
    }

    private String why(JsonNode fields) {
        return mostFirst(fields).stream()
                .limit(WHY)
                .map(field -> field.path("field").asText() + " " + observed(field) + " (expected "
                        + expected(field.path("field").asText(), field.path("expected")) + ")")
                .collect(Collectors.joining("; "));
    }

    /** Each field of an event: what came, what was expected, and how much that surprised. */
    public void explain(String key, JsonNode event) {
        out.line(out.paint(Style.BOLD, key) + ", step " + event.path("step").asLong() + " at "
                + clock(event.path("time"))
                + (event.path("alarm").asBoolean() ? out.paint(Style.RED, "  ALARM") : ""));
        out.line(String.format(
                Locale.ROOT,
                "score %.4f, surprise %.2f nats",
                event.path("score").asDouble(),
                event.path("surprise").asDouble()));
        out.line("");
        List<JsonNode> fields = mostFirst(event.path("fields"));
        double most = fields.stream()
                .mapToDouble(field -> field.path("surprise").asDouble())
                .max()
                .orElse(0);
        int width = fields.stream()
                .mapToInt(field -> field.path("field").asText().length())
                .max()
                .orElse(0);
        for (JsonNode field : fields) {
            double surprise = field.path("surprise").asDouble();
            int length = most > 0 ? (int) Math.round(BAR * Math.max(0, surprise) / most) : 0;
            out.line(String.format(
                            Locale.ROOT,
                            "%-" + Math.max(1, width) + "s  %8.2f nats  ",
                            field.path("field").asText(),
                            surprise)
                    + out.paint(length == BAR ? Style.RED : Style.DIM, "#".repeat(length))
                    + " ".repeat(BAR - length) + "  " + observed(field) + ", expected "
                    + expected(field.path("field").asText(), field.path("expected")));
        }
    }

    private static List<JsonNode> mostFirst(JsonNode fields) {
        List<JsonNode> sorted = list(fields);
        sorted.sort(Comparator.comparingDouble(
                (JsonNode field) -> -field.path("surprise").asDouble()));
        return sorted;
    }

    private static List<JsonNode> list(JsonNode array) {
        List<JsonNode> list = new ArrayList<>();
        array.forEach(list::add);
        return list;
    }

    private String observed(JsonNode field) {
        JsonNode observed = field.path("observed");
        if (observed.isNull()) {
            return "missing";
        } else if (observed.isNumber()) {
            return quantity(field.path("field").asText(), observed.asDouble());
        } else if (observed.isBoolean()) {
            return observed.asBoolean() ? "yes" : "no";
        }
        return observed.asText();
    }

    private String expected(String name, JsonNode expected) {
        return switch (expected.path("kind").asText()) {
            case "continuous" ->
                quantity(name, expected.path("median").asDouble()) + ", "
                        + quantity(name, expected.path("p05").asDouble()) + " to "
                        + quantity(name, expected.path("p95").asDouble());
            case "binary" ->
                "yes " + Quantities.percent(expected.path("probability").asDouble());
            default ->
                list(expected.path("top")).stream()
                        .limit(VALUES)
                        .map(top -> top.path("value").asText() + " "
                                + Quantities.percent(top.path("probability").asDouble()))
                        .collect(Collectors.joining(", "));
        };
    }

    private String quantity(String name, double value) {
        return times.contains(name) ? Quantities.duration(value) : Quantities.number(value);
    }

    private static String clock(JsonNode time) {
        return CLOCK.format(Instant.parse(time.asText()));
    }
}
