package dev.sequitur.deploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sequitur.deploy.http.HttpServer;
import dev.sequitur.deploy.http.ListenAddress;
import dev.sequitur.deploy.http.Page;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The commands against a server that answers what the API's description says. */
class EntityCommandsTest {
    private static final String MODEL =
            "{\"name\":\"m\",\"fields\":[{\"name\":\"level\",\"kind\":\"numeric\"},{\"name\":\"gap\",\"unit\":\"ms\"}]}";
    private static final String CALM =
            """
            {"time":"2026-01-02T03:04:05Z","step":41,"end":false,"surprise":0.5,"score":0.25,"alarm":false,
             "alarming":false,"fields":[{"field":"level","surprise":0.5,"observed":2.5,
              "expected":{"kind":"continuous","median":2,"p05":1,"p95":3}}]}""";
    private static final String ALARM =
            """
            {"time":"2026-01-02T03:05:05Z","step":42,"end":false,"surprise":9.25,"score":0.9991,"alarm":true,
             "alarming":true,"fields":[
              {"field":"letter","surprise":-0.5,"observed":null,
               "expected":{"kind":"categorical","top":[{"value":"b","probability":0.75}]}},
              {"field":"gap","surprise":8.75,"observed":90000,
               "expected":{"kind":"continuous","median":60000,"p05":30000,"p95":66000}},
              {"field":"END","surprise":1,"observed":false,"expected":{"kind":"binary","probability":0.6}}]}""";
    private static final String ENTITY =
            """
            {"key":"a/b","instance":"h:1","steps":42,"sessionStart":"2026-01-02T00:00:00Z",
             "lastEventTime":"2026-01-02T03:05:05Z","alarming":true,"stale":null,"events":[%s,%s],
             "prediction":[{"field":"letter","expected":{"kind":"categorical","top":[{"value":"c","probability":0.5}]}}],
             "history":{"complete":false,"since":null}}"""
                    .formatted(CALM, ALARM);
    private static final String ALARMS =
            """
            {"alarms":[
             {"key":"late","time":"2026-01-02T03:05:05Z","score":1,"surprise":9.5,"step":2,"why":[
              {"field":"level","surprise":9,"observed":7,"expected":{"kind":"continuous","median":2,"p05":1,"p95":3}}]},
             {"key":"early","time":"2026-01-02T03:00:00Z","score":1,"surprise":4,"step":1,"why":[]}],
             "unreachable":[]}""";

    private final Map<String, String> answers = new HashMap<>(Map.of(
            "/api/v1/model", MODEL,
            "/api/v1/entities/a%2Fb", ENTITY,
            "/api/v1/alarms", ALARMS));
    private HttpServer server;

    @BeforeEach
    void start() {
        Handler api = new Page() {
            @Override
            protected Reply reply(Request request) {
                String answer = answers.get(request.getHttpURI().getPath());
                boolean known = "Bearer t".equals(request.getHeaders().get(HttpHeader.AUTHORIZATION));
                String refusal =
                        "{\"error\":{\"what\":\"No\",\"expected\":\"one\",\"got\":\"none\",\"do\":\"Do it.\"}}";
                return known && answer != null
                        ? new Reply(200, "application/json", answer.getBytes(StandardCharsets.UTF_8))
                        : new Reply(known ? 404 : 401, "application/json", refusal.getBytes(StandardCharsets.UTF_8));
            }
        };
        server = HttpServer.start(new ListenAddress("127.0.0.1", 0), Map.of("/api/v1/*", api));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private CommandRun run(String... args) {
        Object[] all = new Object[args.length + 4];
        System.arraycopy(args, 0, all, 0, args.length);
        all[args.length] = "--url";
        all[args.length + 1] = "http://127.0.0.1:" + server.port() + "/";
        all[args.length + 2] = "--token";
        all[args.length + 3] = "t";
        return CommandRun.of(all);
    }

    @Test
    void shouldShowAnEntityAsAPersonReadsIt() {
        String out = run("entity", "a/b").succeeded();
        assertThat(out.lines())
                .containsExactly(
                        "a/b  in an alarm",
                        "42 events in this session, since 2026-01-02 00:00:00; the last at 2026-01-02 03:05:05; on h:1",
                        "",
                        "2026-01-02 03:04:05  step 41      score 0.2500     0.50 nats",
                        "2026-01-02 03:05:05  step 42      score 0.9991     9.25 nats  ALARM  gap 1.5 min (expected"
                                + " 1 min, 30 s to 1.1 min); END no (expected yes 60 %)",
                        "",
                        "expected next:",
                        "  letter  c 50 %");
        assertThat(run("entity", "a/b", "--events", "1").succeeded()).doesNotContain("step 41");
        JsonNode json = run("entity", "a/b", "--json").json().get(0);
        assertThat(json.path("events")).hasSize(2);
    }

    @Test
    void shouldExplainTheEventOfTheLastAlarmOrTheOneThatIsAskedFor() {
        assertThat(run("explain", "a/b").succeeded().lines())
                .containsExactly(
                        "a/b, step 42 at 2026-01-02 03:05:05  ALARM",
                        "score 0.9991, surprise 9.25 nats",
                        "",
                        "gap         8.75 nats  ####################  1.5 min, expected 1 min, 30 s to 1.1 min",
                        "END         1.00 nats  ##                    no, expected yes 60 %",
                        "letter     -0.50 nats                        missing, expected b 75 %");
        assertThat(run("explain", "a/b", "--step", "41").succeeded()).contains("2.5, expected 2, 1 to 3");
        CommandRun gone = run("explain", "a/b", "--step", "7");
        assertThat(gone.code()).isEqualTo(1);
        assertThat(gone.err()).contains("Step 7", "from 41 to 42");
    }

    @Test
    void shouldListAlarmsTheNewestLast() {
        assertThat(run("alarms").succeeded().lines())
                .containsExactly(
                        "2026-01-02 03:00:00  ALARM  early  4.0 nats: ",
                        "2026-01-02 03:05:05  ALARM  late  9.5 nats: level 7 (expected 2, 1 to 3)");
        assertThat(run("alarms", "--limit", "1", "--json").json())
                .extracting(alarm -> alarm.path("key").asText())
                .containsExactly("late");
        assertThat(run("alarms", "--limit", "0").code()).isEqualTo(2);
    }

    @Test
    void shouldSayInTheServersWordsWhyThereIsNoAnswer() {
        assertThat(run("entity", "unknown").err()).contains("No: expected one, got none. Do it.");
        CommandRun stranger = CommandRun.of("entity", "a/b", "--url", "http://127.0.0.1:" + server.port());
        assertThat(stranger.code()).isEqualTo(1);
        answers.put("/api/v1/entities/odd", "<html>");
        assertThat(run("entity", "odd").err()).contains("no JSON of a Sequitur application");
        String gone = "http://127.0.0.1:" + server.port();
        server.close();
        assertThat(CommandRun.of("alarms", "--url", gone).err())
                .contains("No application answers at", "--url")
                .doesNotContain("\tat ");
        assertThat(CommandRun.of("entity", "a", "--url", "nothing").err()).contains("--url must be like http://");
    }
}
