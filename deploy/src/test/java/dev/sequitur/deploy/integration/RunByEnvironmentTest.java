package dev.sequitur.deploy.integration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.deploy.http.Exposition;
import dev.sequitur.deploy.monitoring.AskedMetrics;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.reference.TinyPipeline;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code sequitur run} as a container runs it: a process, variables, probes, scrapes, SIGTERM. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RunByEnvironmentTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Pattern ADDRESS = Pattern.compile("http://(127\\.0\\.0\\.1:[0-9]+)/");
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    Path dir;

    private ChildJava application;

    @Test
    void shouldBeReadyCountAndStopWithoutAFile() throws Exception {
        Path bundle = dir.resolve("bundle");
        TinyPipeline.train("{kind: gru, units: 4}", bundle);
        try (EmbeddedBroker broker = EmbeddedBroker.start();
                ModelBundle model = ModelBundle.load(bundle)) {
            broker.createTopic("readings", 2);
            Map<String, String> environment = Map.of(
                    "SEQUITUR_BUNDLE",
                    bundle.toString(),
                    "SEQUITUR_INPUT_TOPIC",
                    "readings",
                    "SEQUITUR_HTTP_LISTEN",
                    "127.0.0.1:0",
                    "KAFKA_BOOTSTRAP_SERVERS",
                    broker.bootstrapServers(),
                    "KAFKA_COMMIT_INTERVAL_MS",
                    "50",
                    "KAFKA_STATE_DIR",
                    Files.createDirectory(dir.resolve("state")).toString());
            List<Input> traffic = Traffic.of(model.spec(), 10, 10, 3);
            try (ChildJava child = ChildJava.start(
                            dir.resolve("log"),
                            environment,
                            List.of("dev.sequitur.deploy.cli.Sequitur", "run", "--create-topics"));
                    InputTopic input = new InputTopic(broker.bootstrapServers(), "readings")) {
                application = child;
                awaitPage("/health/live", page -> page.statusCode() == 200);
                HttpResponse<String> ready = awaitPage("/health/ready", page -> page.statusCode() == 200);
                assertThat(ready.body()).isEqualTo("{\"ready\":true,\"reasons\":[]}");
                traffic.forEach(input::send);
                input.flush();
                Exposition metrics = Exposition.parse(awaitPage("/metrics", page -> outcomes(page) == traffic.size())
                        .body());
                assertThat(metrics.types())
                        .containsEntry("sequitur_alarms_total", "counter")
                        .containsEntry("sequitur_backlog", "gauge")
                        .containsEntry("kafka_consumer_fetch_manager_records_lag_max", "gauge")
                        .containsEntry("kafka_stream_thread_task_created_total", "counter")
                        .containsEntry("jvm_memory_used_bytes", "gauge");
                assertThat(metrics.helps())
                        .containsEntry("sequitur_alarms_total", "scored events that raised an alarm");
                Set<String> unknown = AskedMetrics.names();
                assertThat(unknown).hasSizeGreaterThan(30);
                unknown.removeIf(name -> metrics.types().containsKey(name.replaceFirst("_(sum|count)$", "")));
                assertThat(unknown)
                        .as("asked for by the dashboard or an alert rule; the first is there once there is one")
                        .isSubsetOf("sequitur_dead_lettered_by_reason_total");
                assertThat(application.terminate()).as(application::said).isEqualTo(143);
                assertThat(application.said()).contains("stopped; everything that was scored is committed");
            }
        }
    }

    private static long outcomes(HttpResponse<String> page) {
        Exposition metrics = Exposition.parse(page.body());
        return Math.round(metrics.sum("sequitur_scored_total") + metrics.sum("sequitur_dead_lettered_total"));
    }

    /** Asks until the page is as it should be. */
    private HttpResponse<String> awaitPage(String path, Predicate<HttpResponse<String>> wanted) throws Exception {
        long deadlineNanos = System.nanoTime() + PATIENCE.toNanos();
        String last = "nothing";
        while (System.nanoTime() < deadlineNanos) {
            assertThat(application.alive()).as(application::said).isTrue();
            Matcher address = ADDRESS.matcher(application.said());
            if (address.find()) {
                try {
                    HttpResponse<String> page = HTTP.send(
                            HttpRequest.newBuilder(URI.create("http://" + address.group(1) + path))
                                    .build(),
                            HttpResponse.BodyHandlers.ofString());
                    last = page.statusCode() + " " + page.body();
                    if (wanted.test(page)) {
                        return page;
                    }
                } catch (ConnectException e) {
                    last = e.toString();
                }
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
        throw new AssertionError(path + " said at last: " + last + "; the application said: " + application.said());
    }
}
