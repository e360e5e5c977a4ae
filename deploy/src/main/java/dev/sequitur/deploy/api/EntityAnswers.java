package dev.sequitur.deploy.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.api.Paging.Order;
import dev.sequitur.deploy.api.Paging.Place;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.generate.Forecast;
import dev.sequitur.model.generate.Rollout;
import dev.sequitur.model.generate.RolloutException;
import dev.sequitur.model.spec.PipelineSpec;
import dev.sequitur.model.step.CellView;
import dev.sequitur.schemas.Binary;
import dev.sequitur.schemas.Expectation;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.history.EntityHistory;
import dev.sequitur.topology.history.History;
import dev.sequitur.topology.query.EntityQueries;
import dev.sequitur.topology.state.Snapshot;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.eclipse.jetty.http.HttpStatus;

/**
 * What this instance has to say of its own entities.
 *
 * <p>Threading: safe for use by many threads.
 */
final class EntityAnswers {
    private static final int LISTED = 50;
    private static final int MOST_LISTED = 500;
    private static final int CELL_STEPS = 16;
    private static final int MOST_CELL_STEPS = 256;
    private static final int MOST_STEPS = 64;
    private static final int MOST_SAMPLES = 1000;
    private static final int MOST_CATEGORIES = 100_000;

    private final Served served;
    private final String instance;

    EntityAnswers(Served served, String instance) {
        this.served = served;
        this.instance = instance;
    }

    private Optional<EntityHistory> past(String key) {
        return served.history().flatMap(history -> history.entity(key));
    }

    /** Whether it has anything to say of the entity. */
    boolean knows(String key) {
        return past(key).isPresent() || served.queries().state(key).isPresent();
    }

    static int limit(Call call) {
        return call.number("limit", 1, MOST_LISTED, LISTED);
    }

    /** {@code GET /entities}. */
    ObjectNode list(Call call) {
        call.allow("order", "prefix", "limit", "after");
        Order order = Order.of(call.query().getOrDefault("order", "score"));
        String prefix = call.query().getOrDefault("prefix", "");
        int limit = limit(call);
        Optional<Place> after = Paging.place(call.query().get("after"));
        Stream<ObjectNode> all = order == Order.KEY
                ? served.queries().keys(prefix, after.map(Place::key).orElse(null), limit + 1).stream()
                        .map(key -> Answers.listed(key, past(key)))
                : served.history().stream()
                        .flatMap(History::entities)
                        .filter(past -> past.entity().startsWith(prefix))
                        .map(past -> Answers.listed(past.entity(), Optional.of(past)));
        List<ObjectNode> page = all.filter(entity ->
                        after.map(place -> place.before(order, entity)).orElse(true))
                .sorted(order.comparator())
                .limit(limit + 1L)
                .toList();
        return page(page, order, limit);
    }

    private ObjectNode page(List<? extends JsonNode> found, Order order, int limit) {
        ObjectNode answer = Answers.object();
        ArrayNode entities = answer.putArray("entities");
        found.stream().limit(limit).forEach(entities::add);
        answer.put("next", found.size() > limit ? Paging.token(order, found.get(limit - 1)) : null);
        answer.put(
                "since",
                served.history().flatMap(History::since).map(Instant::toString).orElse(null));
        return answer;
    }

    /** {@code GET /alarms}. */
    ObjectNode alarms(Call call) {
        call.allow("limit");
        ObjectNode answer = Answers.object();
        ArrayNode alarms = answer.putArray("alarms");
        served.history().stream()
                .flatMap(history -> history.alarms().stream())
                .limit(limit(call))
                .forEach(score -> alarms.add(Answers.alarm(score)));
        return answer;
    }

    /**
     * {@code GET /entities/{key}}.
     *
     * @param staleOffsets how far the states of a standby are behind; empty where they are the real ones
     * @return empty where it has nothing to say of the entity
     */
    Optional<ObjectNode> entity(String key, OptionalLong staleOffsets) {
        EntityQueries queries = staleOffsets.isPresent() ? served.standby() : served.queries();
        Optional<Snapshot> state = queries.state(key);
        Optional<EntityHistory> past = past(key);
        if (state.isEmpty() && past.isEmpty()) {
            return Optional.empty();
        }
        List<Score> scores = past.map(
                        it -> it.scores(served.history().orElseThrow().limits().events()))
                .orElse(List.of());
        ObjectNode answer = Answers.object().put("key", key).put("instance", instance);
        answer.put("steps", state.map(it -> it.clock().steps()).orElse(0L))
                .put(
                        "sessionStart",
                        state.map(it -> Instant.ofEpochMilli(it.clock().sessionStartMs())
                                        .toString())
                                .orElse(null))
                .put(
                        "lastEventTime",
                        state.map(it -> Instant.ofEpochMilli(it.clock().lastEventMs())
                                        .toString())
                                .orElseGet(() ->
                                        past.orElseThrow().last().getEventTime().toString()))
                .put("alarming", past.map(it -> it.last().getAlarming()).orElse(false));
        if (staleOffsets.isPresent()) {
            answer.putObject("stale").putNull("ms").put("offsets", staleOffsets.getAsLong());
        } else {
            answer.putNull("stale");
        }
        ArrayNode events = answer.putArray("events");
        scores.forEach(score -> events.add(Answers.event(score)));
        answer.set(
                "prediction",
                Answers.predictions(state.map(it -> queries.prediction(key, it)).orElse(List.of())));
        answer.putObject("history")
                .put("complete", false)
                .put(
                        "since",
                        past.map(EntityHistory::since)
                                .or(() -> served.history().flatMap(History::since))
                                .map(Instant::toString)
                                .orElse(null));
        return Optional.of(answer);
    }

    static ApiException unknown(String key) {
        return ApiException.notFound(
                "There is no entity '" + Call.shown(key) + "'", "List those there are: GET /api/v1/entities?order=key");
    }

    /** {@code POST /entities/{key}/what-if}. */
    ObjectNode whatIf(String key, JsonNode body) {
        allow(body, "time", "fields", "end");
        EntityQueries.Imagined imagined = served.queries()
                .whatIf(key, time(body.get("time")), fields(body.get("fields")), truth(body, "end", false));
        ObjectNode answer = Answers.object()
                .put("time", Instant.ofEpochMilli(imagined.timeMs()).toString())
                .put("score", imagined.verdict().score())
                .put("surprise", imagined.verdict().surprise())
                .put("alarm", imagined.verdict().alarm())
                .put("alarming", imagined.verdict().alarming());
        answer.set("fields", Answers.surprises(imagined.fields()));
        answer.set("predictionAfter", Answers.predictions(imagined.predictionAfter()));
        return answer;
    }

    private static Optional<Instant> time(JsonNode node) {
        if (node == null || node.isNull()) {
            return Optional.empty();
        }
        try {
            Instant time = Instant.parse(node.asText());
            time.toEpochMilli();
            return Optional.of(time);
        } catch (DateTimeException | ArithmeticException e) {
            throw ApiException.wrong("time", "a time such as 2026-01-31T12:00:00Z", Call.shown(node.toString()));
        }
    }

    private static Map<String, Object> fields(JsonNode node) {
        Map<String, Object> fields = new HashMap<>();
        if (node == null || node.isNull()) {
            return fields;
        }
        if (!node.isObject()) {
            throw ApiException.wrong("fields", "an object: {\"name\": value}", Call.shown(node.toString()));
        }
        for (Iterator<Map.Entry<String, JsonNode>> it = node.fields(); it.hasNext(); ) {
            Map.Entry<String, JsonNode> field = it.next();
            fields.put(field.getKey(), value(field.getKey(), field.getValue()));
        }
        return fields;
    }

    private static Object value(String name, JsonNode node) {
        if (node.isNumber()) {
            return node.isIntegralNumber() && node.canConvertToLong() ? (Object) node.longValue() : node.doubleValue();
        } else if (node.isBoolean()) {
            return node.booleanValue();
        } else if (node.isTextual()) {
            return node.textValue();
        } else if (node.isNull()) {
            return null;
        } else if (node.isArray()) {
            List<Object> values = new ArrayList<>();
            node.forEach(element -> values.add(element.isTextual() ? element.textValue() : element.toString()));
            return values;
        }
        throw ApiException.wrong("fields: '" + Call.shown(name) + "'", "a single value, or a list", "an object");
    }

    private static boolean truth(JsonNode body, String name, boolean otherwise) {
        JsonNode node = body.get(name);
        if (node == null || node.isNull()) {
            return otherwise;
        }
        if (!node.isBoolean()) {
            throw ApiException.wrong(name, "true or false", Call.shown(node.toString()));
        }
        return node.booleanValue();
    }

    private static double number(JsonNode body, String name, double least, double most, Double otherwise) {
        JsonNode node = body.get(name);
        if (node == null || node.isNull()) {
            if (otherwise == null) {
                throw ApiException.wrong(name, "a number", "none");
            }
            return otherwise;
        }
        if (!node.isNumber() || !(node.doubleValue() >= least && node.doubleValue() <= most)) {
            throw ApiException.wrong(name, "a number from " + least + " to " + most, Call.shown(node.toString()));
        }
        return node.doubleValue();
    }

    private static long whole(JsonNode body, String name, long least, long most, Long otherwise) {
        JsonNode node = body.get(name);
        if (node == null || node.isNull()) {
            if (otherwise == null) {
                throw ApiException.wrong(name, "a whole number", "none");
            }
            return otherwise;
        }
        if (!node.isIntegralNumber()
                || !node.canConvertToLong()
                || node.longValue() < least
                || node.longValue() > most) {
            throw ApiException.wrong(name, "a whole number from " + least + " to " + most, Call.shown(node.toString()));
        }
        return node.longValue();
    }

    private static void allow(JsonNode body, String... names) {
        for (Iterator<String> it = body.fieldNames(); it.hasNext(); ) {
            String name = it.next();
            if (!Arrays.asList(names).contains(name)) {
                throw ApiException.wrong(
                        "There is no '" + Call.shown(name) + "' in this question",
                        String.join(", ", names),
                        Call.shown(name));
            }
        }
    }

    /** {@code POST /entities/{key}/rollout}. */
    ObjectNode rollout(String key, JsonNode body) {
        allow(body, "steps", "samples", "temperature", "topK", "seed", "hold");
        Rollout.Options options;
        try {
            options = new Rollout.Options(
                    (int) whole(body, "steps", 1, MOST_STEPS, null),
                    (int) whole(body, "samples", 1, MOST_SAMPLES, null),
                    number(body, "temperature", 0, 100, 1.0),
                    (int) whole(body, "topK", 0, MOST_CATEGORIES, 0L),
                    whole(body, "seed", Long.MIN_VALUE, Long.MAX_VALUE, 1L),
                    truth(body, "hold", true));
        } catch (RolloutException e) {
            throw ApiException.wrong(e.getMessage(), null, null);
        }
        EntityQueries.Ahead ahead = served.queries().rollout(key, options);
        ObjectNode answer = Answers.object().put("samples", options.samples());
        ArrayNode steps = answer.putArray("steps");
        long lastMs = ahead.state().clock().lastEventMs();
        for (Forecast forecast : ahead.steps()) {
            ObjectNode step = steps.addObject().put("step", forecast.step()).put("end", end(forecast));
            double[] elapsed = ahead.samples().stream()
                    .filter(sample -> sample.events().size() >= forecast.step())
                    .mapToDouble(
                            sample -> sample.events().get(forecast.step() - 1).timeMs() - lastMs)
                    .sorted()
                    .toArray();
            if (elapsed.length == 0) {
                step.putNull("time");
            } else {
                step.putObject("time")
                        .put("p05", quantile(elapsed, 0.05))
                        .put("p50", quantile(elapsed, 0.5))
                        .put("p95", quantile(elapsed, 0.95));
            }
            step.set(
                    "fields",
                    Answers.predictions(forecast.fields().stream()
                            .filter(field -> !field.getField().equals(PipelineSpec.END))
                            .toList()));
        }
        return answer;
    }

    /** {@code GET /entities/{key}/cell}. */
    ObjectNode cell(Call call, String key) {
        int last = call.number("last", 1, MOST_CELL_STEPS, CELL_STEPS);
        boolean values = call.truth("values");
        ModelBundle bundle = served.application().bundle();
        CellView view = bundle.cellView();
        int member = call.number("member", 0, view.members() - 1, 0);
        EntityHistory.Replay replay = past(key)
                .flatMap(it -> it.replay(last))
                .orElseThrow(() -> new ApiException(
                        HttpStatus.CONFLICT_409,
                        "The last events of '" + Call.shown(key) + "' aren't known",
                        "an event of it since this instance took its partition over",
                        "none",
                        "Ask again after its next event."));
        List<CellView.Step> steps;
        try {
            steps = view.replay(member, replay.base(), replay.inputs(), last);
        } catch (IllegalStateException e) {
            throw new ApiException(HttpStatus.CONFLICT_409, e.getMessage(), null, null, "Train the model again.");
        }
        ObjectNode answer = Answers.object();
        answer.set("cell", ModelAnswer.cell(bundle));
        answer.put("layers", bundle.manifest().units().size()).put("member", member);
        ArrayNode told = answer.putArray("steps");
        int first = replay.scores().size() - steps.size();
        for (int i = 0; i < steps.size(); i++) {
            told.add(step(replay.scores().get(first + i), steps.get(i), values));
        }
        answer.set(
                "attention",
                steps.get(steps.size() - 1)
                        .attention()
                        .<JsonNode>map(Answers::numbers)
                        .orElseGet(NullNode::getInstance));
        return answer;
    }

    private static ObjectNode step(Score score, CellView.Step step, boolean values) {
        ObjectNode node = Answers.object()
                .put("time", score.getEventTime().toString())
                .put("step", score.getStep())
                .put("end", score.getEnd())
                .put("start", step.start());
        ObjectNode signals = node.putObject("signals");
        step.signals().forEach((name, of) -> {
            CellView.Spread spread = CellView.Spread.of(of);
            ObjectNode signal = signals.putObject(name)
                    .put("mean", spread.mean())
                    .put("min", spread.min())
                    .put("p25", spread.p25())
                    .put("p50", spread.p50())
                    .put("p75", spread.p75())
                    .put("max", spread.max());
            if (values) {
                signal.set("values", Answers.numbers(of));
            }
        });
        step.attention().ifPresent(weights -> node.set("attention", Answers.numbers(weights)));
        return node;
    }

    private static double end(Forecast forecast) {
        return forecast.fields().stream()
                .filter(field -> field.getField().equals(PipelineSpec.END))
                .map(Expectation::getDistribution)
                .mapToDouble(distribution -> ((Binary) distribution).getProbability())
                .findFirst()
                .orElse(0);
    }

    /** The value that at least this share isn't above. */
    private static double quantile(double[] sorted, double share) {
        return sorted[Math.max(0, (int) Math.ceil(share * sorted.length) - 1)];
    }
}
