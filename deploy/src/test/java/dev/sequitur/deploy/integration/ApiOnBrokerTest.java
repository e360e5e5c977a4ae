package dev.sequitur.deploy.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sequitur.deploy.api.Site;
import dev.sequitur.deploy.application.ApplicationConfig;
import dev.sequitur.deploy.application.Lifecycle;
import dev.sequitur.deploy.application.ScoringApplication;
import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.model.data.Event;
import dev.sequitur.model.data.EventSchema;
import dev.sequitur.model.feature.EntityClock;
import dev.sequitur.model.reference.TinyPipeline;
import dev.sequitur.model.step.StepBatch;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Two instances of an application on a broker, asked over HTTP. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class ApiOnBrokerTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int ENTITIES = 12;
    private static final int EVENTS = 20;
    private static final String ODD = "a/b %é?x=1&..;";
    private static final JsonMapper JSON = new JsonMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    @TempDir
    static Path dir;

    private static EmbeddedBroker broker;
    private static final List<Running> INSTANCES = new ArrayList<>();
    private static final Map<String, List<Event>> SENT = new HashMap<>();

    private record Running(Site site, ScoringApplication application) {
        static Running start(int number) throws InterruptedException {
            Properties config = new Properties();
            config.setProperty("sequitur.bundle", dir.resolve("bundle").toString());
            config.setProperty("sequitur.input.topic", "events");
            config.setProperty("sequitur.http.listen", "127.0.0.1:0");
            config.setProperty("application.id", "api");
            config.setProperty("bootstrap.servers", broker.bootstrapServers());
            config.setProperty("state.dir", dir.resolve("state" + number).toString());
            config.setProperty("commit.interval.ms", "50");
            config.setProperty("num.standby.replicas", "1");
            config.setProperty("sequitur.http.stale-reads", "true");
            config.setProperty("main.consumer.auto.offset.reset", "earliest");
            ApplicationConfig read = ApplicationConfig.of(config, Map.of());
            Lifecycle lifecycle = new Lifecycle();
            Site site = Site.start(read.http().orElseThrow(), lifecycle, Map.of());
            ScoringApplication application =
                    ScoringApplication.start(read, lifecycle, Optional.empty(), Optional.of(site.advertised()));
            site.serve(application);
            assertThat(application.awaitRunning(PATIENCE)).isTrue();
            return new Running(site, application);
        }

        String url() {
            return site.url() + "/api/v1";
        }

        /** Without entity of other instances. */
        Set<String> own() throws Exception {
            HttpResponse<String> answer = CLIENT.send(
                    HttpRequest.newBuilder(URI.create(url() + "/entities?order=key&limit=500"))
                            .header("Sequitur-Forwarded", "active")
                            .build(),
                    BodyHandlers.ofString());
            Set<String> keys = new HashSet<>();
            JSON.readTree(answer.body())
                    .path("entities")
                    .forEach(e -> keys.add(e.path("key").asText()));
            return keys;
        }
    }

    @BeforeAll
    static void start() throws Exception {
        TinyPipeline.train("{kind: rnn, units: [6, 5]}", dir.resolve("bundle"));
        broker = EmbeddedBroker.start();
        List.of("events", "scores", "predictions", "dead-letters").forEach(topic -> broker.createTopic(topic, 4));
        INSTANCES.add(Running.start(0));
        INSTANCES.add(Running.start(1));
        EventSchema schema =
                new EventSchema(INSTANCES.get(0).application().bundle().spec());
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
            for (Event event : TinyPipeline.events(ENTITIES, EVENTS, 5)) {
                String entity = event.entity().equals("entity-0") ? ODD : event.entity();
                Event named = new Event(entity, event.timeMs(), event.values(), false);
                SENT.computeIfAbsent(entity, e -> new ArrayList<>()).add(named);
                producer.send(
                        new ProducerRecord<>("events", entity.getBytes(StandardCharsets.UTF_8), schema.encode(named)));
            }
        }
        await(() -> {
            try {
                // Both have some of the partitions, and all events are scored.
                return !INSTANCES.get(0).own().isEmpty()
                        && !INSTANCES.get(1).own().isEmpty()
                        && events(INSTANCES.get(0)) == ENTITIES * EVENTS;
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        });
    }

    private static int events(Running instance) throws Exception {
        int events = 0;
        for (String key : SENT.keySet()) {
            HttpResponse<String> answer = ask(instance, "/entities/" + encoded(key));
            events += answer.statusCode() == 200
                    ? JSON.readTree(answer.body()).path("events").size()
                    : 0;
        }
        return events;
    }

    private static void await(BooleanSupplier condition) {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("in time").isLessThan(deadline);
            LockSupport.parkNanos(50_000_000);
        }
    }

    @AfterAll
    static void stop() throws Exception {
        for (Running instance : INSTANCES) {
            instance.site().leave();
            instance.application().close();
            instance.site().close();
        }
        broker.close();
    }

    private static String encoded(String key) {
        return URLEncoder.encode(key, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static HttpResponse<String> ask(Running instance, String path) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(instance.url() + path)).build(), BodyHandlers.ofString());
    }

    private static JsonNode get(Running instance, String path) throws Exception {
        HttpResponse<String> answer = ask(instance, path);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
        assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        return JSON.readTree(answer.body());
    }

    private static HttpResponse<String> post(Running instance, String path, String body) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(instance.url() + path))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(body))
                        .build(),
                BodyHandlers.ofString());
    }

    private static float[] rowAfter(List<Event> events) {
        var model = INSTANCES.get(0).application().bundle().model();
        StepBatch batch = new StepBatch(model.step().shape());
        batch.resize(1);
        EntityClock clock = EntityClock.START;
        for (Event event : events) {
            EntityClock found =
                    clock.at(event.timeMs(), model.spec().sessionGap().orElse(null));
            model.encoder().encode(event, found, batch.features, 0);
            model.step().step(batch);
            clock = found.after(event.timeMs());
        }
        return batch.state;
    }

    /** Surprises of the alarms' fields, summed, of an entity's events stepped one by one. */
    private static List<Double> surprises(List<Event> events) {
        var model = INSTANCES.get(0).application().bundle().model();
        StepBatch batch = new StepBatch(model.step().shape());
        batch.resize(1);
        EntityClock clock = EntityClock.START;
        List<Double> surprises = new ArrayList<>();
        for (Event event : events) {
            EntityClock found =
                    clock.at(event.timeMs(), model.spec().sessionGap().orElse(null));
            model.encoder().encode(event, found, batch.features, 0);
            model.step().step(batch);
            surprises.add(model.explainer().surprise(batch.surprise, 0));
            clock = found.after(event.timeMs());
        }
        return surprises;
    }

    @Test
    void shouldAnswerForEveryEntityFromAnyInstance() throws Exception {
        Set<String> owners = new HashSet<>();
        for (String key : SENT.keySet()) {
            List<Double> surprises = surprises(SENT.get(key));
            for (Running instance : INSTANCES) {
                JsonNode entity = get(instance, "/entities/" + encoded(key));
                owners.add(entity.path("instance").asText());
                assertThat(entity.path("key").asText()).isEqualTo(key);
                assertThat(entity.path("stale").isNull()).isTrue();
                assertThat(entity.path("events")).hasSize(EVENTS);
                for (int i = 0; i < EVENTS; i++) {
                    JsonNode event = entity.path("events").get(i);
                    assertThat(event.path("time").asText())
                            .isEqualTo(Instant.ofEpochMilli(SENT.get(key).get(i).timeMs())
                                    .toString());
                    assertThat(event.path("surprise").doubleValue()).isCloseTo(surprises.get(i), within(1e-3));
                }
                assertThat(entity.path("prediction"))
                        .extracting(p -> p.path("field").asText())
                        .containsExactly("letter", "gap", "END");
            }
        }
        assertThat(owners)
                .containsExactlyInAnyOrderElementsOf(INSTANCES.stream()
                        .map(it -> it.site().advertised().toString())
                        .toList());
        for (Running instance : INSTANCES) {
            HttpResponse<String> unknown = ask(instance, "/entities/nobody");
            assertThat(unknown.statusCode()).isEqualTo(404);
            assertThat(JSON.readTree(unknown.body()).path("error").path("what").asText())
                    .contains("'nobody'");
        }
    }

    @Test
    void shouldAnswerFromACopyAndSaySoWhereTheOwnerDoesNot() throws Exception {
        Running owner = INSTANCES.get(1);
        Running other = INSTANCES.get(0);
        String key = owner.own().iterator().next();
        JsonNode real = get(other, "/entities/" + encoded(key));
        assertThat(real.path("stale").isNull()).isTrue();
        owner.site().leave();
        try {
            await(() -> {
                try {
                    // The copy comes a little later than the events.
                    HttpResponse<String> answer = ask(other, "/entities/" + encoded(key));
                    return answer.statusCode() == 200
                            && JSON.readTree(answer.body()).path("steps").equals(real.path("steps"));
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            });
            JsonNode copy = get(other, "/entities/" + encoded(key));
            assertThat(copy.path("instance").asText())
                    .isEqualTo(other.site().advertised().toString());
            assertThat(copy.path("stale").path("offsets").isNumber()).isTrue();
            assertThat(copy.path("lastEventTime")).isEqualTo(real.path("lastEventTime"));
            assertThat(copy.path("events")).as("the owner has them in memory").isEmpty();
            assertThat(get(other, "/entities").path("unreachable"))
                    .extracting(JsonNode::asText)
                    .containsExactly(owner.site().advertised().toString());
        } finally {
            owner.site().serve(owner.application());
        }
        assertThat(get(other, "/entities/" + encoded(key)).path("stale").isNull())
                .isTrue();
    }

    @Test
    void shouldListTheEntitiesOfAllInstancesPageByPage() throws Exception {
        for (String order : List.of("score", "recent", "alarm", "key")) {
            for (Running instance : INSTANCES) {
                List<String> keys = new ArrayList<>();
                List<Double> scores = new ArrayList<>();
                String after = "";
                do {
                    JsonNode page = get(instance, "/entities?limit=5&order=" + order + "&after=" + encoded(after));
                    assertThat(page.path("unreachable")).isEmpty();
                    page.path("entities").forEach(entity -> {
                        keys.add(entity.path("key").asText());
                        scores.add(entity.path("score").doubleValue());
                        assertThat(entity.path("spark")).hasSize(EVENTS);
                    });
                    after = page.path("next").isNull()
                            ? null
                            : page.path("next").asText();
                } while (after != null);
                assertThat(keys).containsExactlyInAnyOrderElementsOf(SENT.keySet());
                if (order.equals("score")) {
                    assertThat(scores).isSortedAccordingTo((a, b) -> Double.compare(b, a));
                } else if (order.equals("key")) {
                    assertThat(keys).isSorted();
                }
            }
        }
        JsonNode some = get(INSTANCES.get(1), "/entities?order=key&prefix=entity-1");
        assertThat(some.path("entities"))
                .extracting(e -> e.path("key").asText())
                .containsExactly("entity-1", "entity-10", "entity-11");
    }

    @Test
    void shouldScoreWhatDidNotComeWhereverTheEntityIs() throws Exception {
        for (String key : List.of(ODD, "entity-3", "entity-4", "entity-5")) {
            List<Event> with = new ArrayList<>(SENT.get(key));
            Event last = with.get(with.size() - 1);
            Object[] values = {"a", 0.5, new boolean[] {true, false}, "left", null, null, null, null, 1.25};
            with.add(new Event(key, last.timeMs() + 60_000, values, false));
            double expected = surprises(with).get(EVENTS);
            for (Running instance : INSTANCES) {
                HttpResponse<String> answer = post(
                        instance,
                        "/entities/" + encoded(key) + "/what-if",
                        "{\"time\": \"" + Instant.ofEpochMilli(last.timeMs() + 60_000) + "\", \"fields\": {"
                                + "\"letter\": \"a\", \"level\": 0.5, \"lights\": [\"red\"], \"direction\": \"left\","
                                + " \"speed\": 1.25}}");
                assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
                JsonNode imagined = JSON.readTree(answer.body());
                assertThat(imagined.path("surprise").doubleValue()).isCloseTo(expected, within(1e-3));
                assertThat(imagined.path("predictionAfter")).hasSize(3);
                assertThat(get(instance, "/entities/" + encoded(key))
                                .path("steps")
                                .asInt())
                        .as("nothing was changed")
                        .isEqualTo(get(instance, "/entities/" + encoded(key))
                                .path("events")
                                .get(EVENTS - 1)
                                .path("step")
                                .asInt());
            }
        }
        HttpResponse<String> wrong =
                post(INSTANCES.get(0), "/entities/entity-3/what-if", "{\"fields\": {\"speed\": 1}}");
        assertThat(wrong.statusCode()).isEqualTo(400);
        assertThat(JSON.readTree(wrong.body()).path("error").path("what").asText())
                .contains("letter");
    }

    @Test
    void shouldDrawWhatMayFollowTheSameWithTheSameSeed() throws Exception {
        String question = "{\"steps\": 4, \"samples\": 50, \"seed\": 7}";
        JsonNode first = JSON.readTree(
                post(INSTANCES.get(0), "/entities/entity-2/rollout", question).body());
        assertThat(first.path("samples").asInt()).isEqualTo(50);
        assertThat(first.path("steps").size()).isBetween(1, 5);
        JsonNode second = JSON.readTree(
                post(INSTANCES.get(1), "/entities/entity-2/rollout", question).body());
        assertThat(second).isEqualTo(first);
        JsonNode time = first.path("steps").get(0).path("time");
        assertThat(time.path("p05").asDouble())
                .isLessThanOrEqualTo(time.path("p95").asDouble());
        assertThat(post(INSTANCES.get(0), "/entities/entity-2/rollout", "{\"steps\": 65, \"samples\": 5}")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void shouldShowTheCellsOfWhatWasStepped() throws Exception {
        String key = "entity-6";
        JsonNode entity = get(INSTANCES.get(0), "/entities/" + key);
        for (Running instance : INSTANCES) {
            JsonNode cell = get(instance, "/entities/" + key + "/cell?last=5&values=true");
            assertThat(cell.path("steps")).hasSize(5);
            for (int i = 0; i < 5; i++) {
                JsonNode step = cell.path("steps").get(i);
                assertThat(step.path("step"))
                        .isEqualTo(entity.path("events").get(EVENTS - 5 + i).path("step"));
                assertThat(step.path("signals").path("1.hidden").path("values")).hasSize(6);
                assertThat(step.path("signals").path("2.hidden").path("values")).hasSize(5);
            }
            // The last hidden state is the slice of the state row that a sequential replay gives.
            JsonNode hidden =
                    cell.path("steps").get(4).path("signals").path("1.hidden").path("values");
            float[] row = rowAfter(SENT.get(key));
            for (int unit = 0; unit < 6; unit++) {
                assertThat(hidden.get(unit).doubleValue()).isCloseTo(row[unit], within(1e-4));
            }
            assertThat(cell.path("attention").isNull()).isTrue();
        }
        assertThat(ask(INSTANCES.get(0), "/entities/" + key + "/cell?last=0").statusCode())
                .isEqualTo(400);
        assertThat(ask(INSTANCES.get(0), "/entities/nobody/cell").statusCode()).isEqualTo(404);
    }

    @Test
    void shouldSayWhatItIsAndWhoTakesPart() throws Exception {
        JsonNode model = get(INSTANCES.get(0), "/model");
        assertThat(model.path("name").asText()).isEqualTo("tiny");
        assertThat(model.path("cell").path("layers").asInt()).isEqualTo(2);
        assertThat(model.path("fields")).hasSize(9);
        assertThat(model.path("sessionGap").asLong()).isEqualTo(12 * 3_600_000L);
        JsonNode status = get(INSTANCES.get(1), "/status");
        assertThat(status.path("instances")).hasSize(2);
        assertThat(status.path("state").asText()).isEqualTo("RUNNING");
    }

    @Test
    void shouldDescribeEveryAnswer() throws Exception {
        JsonNode api = get(INSTANCES.get(0), "/openapi.json");
        Map<String, JsonNode> answers = Map.of(
                "Model", get(INSTANCES.get(0), "/model"),
                "Entities", get(INSTANCES.get(0), "/entities"),
                "Entity", get(INSTANCES.get(0), "/entities/entity-1"),
                "Alarms", get(INSTANCES.get(0), "/alarms"),
                "Cell", get(INSTANCES.get(0), "/entities/entity-1/cell?values=true"),
                "Status", get(INSTANCES.get(0), "/status"),
                "Rollout",
                        JSON.readTree(
                                post(INSTANCES.get(0), "/entities/entity-2/rollout", "{\"steps\": 2, \"samples\": 5}")
                                        .body()),
                "Error", JSON.readTree(ask(INSTANCES.get(0), "/nothing").body()));
        answers.forEach((name, answer) -> conform(api, "/components/schemas/" + name, answer, name));
        api.path("paths").fieldNames().forEachRemaining(path -> {
            if (!path.equals("/live")) {
                try {
                    int status = ask(INSTANCES.get(0), path.replace("{key}", "entity-1"))
                            .statusCode();
                    assertThat(status).as(path).isIn(200, 405);
                } catch (Exception e) {
                    throw new AssertionError(e);
                }
            }
        });
    }

    /** What the description requires is there and has its type; what it doesn't know isn't there. */
    private static void conform(JsonNode api, String at, JsonNode value, String where) {
        JsonNode schema = api.at(at);
        if (schema.has("$ref")) {
            conform(api, schema.path("$ref").asText().substring(1), value, where);
            return;
        }
        if (schema.has("oneOf")) {
            for (int i = 0; i < schema.path("oneOf").size(); i++) {
                String kind =
                        schema.path("oneOf").get(i).at("/properties/kind/const").asText();
                if (kind.equals(value.path("kind").asText())) {
                    conform(api, at + "/oneOf/" + i, value, where);
                    return;
                }
            }
            throw new AssertionError(where + " is of no kind that is described: " + value);
        }
        JsonNode type = schema.path("type");
        List<String> types = new ArrayList<>();
        if (type.isArray()) {
            type.forEach(t -> types.add(t.asText()));
        } else if (type.isTextual()) {
            types.add(type.asText());
        }
        if (!types.isEmpty()) {
            assertThat(types).as(where + " is " + value).containsAnyOf(type(value));
        }
        schema.path("required").forEach(name -> assertThat(value.has(name.asText()))
                .as(where + "." + name.asText())
                .isTrue());
        schema.path("properties").fieldNames().forEachRemaining(name -> {
            if (value.has(name)) {
                conform(api, at + "/properties/" + name, value.path(name), where + "." + name);
            }
        });
        if (schema.has("items")) {
            value.forEach(item -> conform(api, at + "/items", item, where + "[]"));
        }
    }

    private static String[] type(JsonNode value) {
        return switch (value.getNodeType()) {
            case NUMBER -> value.isIntegralNumber() ? new String[] {"integer", "number"} : new String[] {"number"};
            case STRING -> new String[] {"string"};
            case BOOLEAN -> new String[] {"boolean"};
            case ARRAY -> new String[] {"array"};
            case NULL -> new String[] {"null"};
            default -> new String[] {"object"};
        };
    }

    @Test
    void shouldShowLiveHowFastItGoes() throws Exception {
        HttpResponse<InputStream> live = CLIENT.send(
                HttpRequest.newBuilder(URI.create(INSTANCES.get(0).url() + "/live"))
                        .build(),
                BodyHandlers.ofInputStream());
        assertThat(live.headers().firstValue("Content-Type").orElseThrow()).startsWith("text/event-stream");
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(live.body(), StandardCharsets.UTF_8))) {
            String line = lines.readLine();
            while (!"event: tick".equals(line)) {
                line = lines.readLine();
            }
            JsonNode tick = JSON.readTree(lines.readLine().substring("data:".length()));
            assertThat(tick.path("scored").asInt()).isPositive();
            assertThat(tick.path("entities").asInt()).isPositive();
            assertThat(tick.path("throughput").isNumber()).isTrue();
        }
    }

    @Test
    void shouldSurviveWhateverItIsAsked() throws Exception {
        Random random = new Random(11);
        String[] paths = {
            "/",
            "",
            "/model",
            "/entities",
            "/entities/",
            "/entities/entity-1",
            "/entities/entity-1/what-if",
            "/entities/entity-1/rollout",
            "/entities/entity-1/nothing",
            "/alarms",
            "/status",
            "/live/x",
            "/%00",
            "/entities/%2e%2e/%2e%2e",
            "/entities/%zz",
            "/entities/%ff%fe",
            "/entities//what-if",
            "/demo/faults",
            "/entities/;x=y",
            "/entities/..%2f..%2fetc%2fpasswd",
            "/openapi.json",
            "/entities/" + "k".repeat(3000)
        };
        String[] queries = {
            "",
            "?",
            "?limit=-1",
            "?limit=99999999999",
            "?order=nothing",
            "?after=%21%21",
            "?a=1&a=2",
            "?after=MQ",
            "?%zz",
            "?prefix=%F0%9F%98%80",
            "?limit=1&limit=2",
            "?" + "q=1&".repeat(50),
            "?order=key&prefix=" + "x".repeat(900)
        };
        String[] bodies = {
            "",
            "{",
            "[]",
            "null",
            "1e999",
            "{\"fields\": 3}",
            "{\"fields\": {\"letter\": {}}}",
            "{\"time\": 5}",
            "{\"time\": \"+1000000000-12-31T23:59:59Z\"}",
            "{\"steps\": 1e9, \"samples\": true}",
            "{\"fields\": {\"level\": 1e308}}",
            "{\"end\": true}",
            "{\"end\": true, \"fields\": {\"level\": 1}}",
            "[".repeat(20_000),
            "{\"steps\":1,\"samples\":1,\"seed\":1.5}",
            "\u0000",
            "x".repeat(70_000),
            "{\"fields\":{\"letter\":\"a\",\"level\":-1e300,\"lights\":[1,null,{}],\"direction\":\"left\",\"speed\":1e300}}"
        };
        String[] methods = {"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "BREW"};
        for (int i = 0; i < 400; i++) {
            String path = paths[random.nextInt(paths.length)] + queries[random.nextInt(queries.length)];
            String method =
                    random.nextInt(3) == 0 ? methods[random.nextInt(methods.length)] : i % 2 == 0 ? "GET" : "POST";
            String body = bodies[random.nextInt(bodies.length)];
            String raw = raw(method, "/api/v1" + path, body, random);
            String status = raw.lines().findFirst().orElse("");
            String asked = method + " " + path + " " + body.substring(0, Math.min(60, body.length()));
            assertThat(status).as(asked).matches("HTTP/1\\.1 [2345]\\d\\d .*").doesNotContain(" 500 ");
            assertThat(raw).as(asked).doesNotContain("Exception").doesNotContain("\tat ");
            String[] parts = raw.split("\r\n\r\n", 2);
            if (parts.length == 2 && !parts[1].isEmpty() && !method.equals("HEAD")) {
                assertThat(parts[0]).as(asked).containsIgnoringCase("Content-Type: application/json");
            }
        }
        assertThat(get(INSTANCES.get(0), "/status").path("state").asText()).isEqualTo("RUNNING");
    }

    /** As the wire has it: a client of the JDK refuses to send much of it. */
    private static String raw(String method, String path, String body, Random random) throws Exception {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        StringBuilder head =
                new StringBuilder(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n");
        if (random.nextInt(5) > 0) {
            head.append("Content-Type: application/json\r\n");
        }
        switch (random.nextInt(6)) {
            case 0 -> head.append("Sequitur-Forwarded: active\r\n");
            case 1 -> head.append("Sequitur-Forwarded: standby\r\n");
            case 2 ->
                head.append("X-Odd: ")
                        .append("h".repeat(random.nextInt(12_000)))
                        .append("\r\n");
            default -> {}
        }
        head.append("Content-Length: ").append(bytes.length).append("\r\n\r\n");
        try (java.net.Socket socket = new java.net.Socket(
                "127.0.0.1", INSTANCES.get(0).site().advertised().port())) {
            socket.setSoTimeout(20_000);
            try {
                socket.getOutputStream().write(head.toString().getBytes(StandardCharsets.UTF_8));
                socket.getOutputStream().write(bytes);
                socket.getOutputStream().flush();
            } catch (java.net.SocketException closed) {
                // It has answered before it read all; the answer counts.
            }
            try {
                return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            } catch (java.net.SocketException reset) {
                return "HTTP/1.1 400 reset before the answer was read";
            }
        }
    }
}
