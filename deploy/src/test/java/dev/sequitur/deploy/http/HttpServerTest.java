package dev.sequitur.deploy.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.deploy.terminal.UserException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.eclipse.jetty.server.Handler;
import org.junit.jupiter.api.Test;

class HttpServerTest {
    private static final ListenAddress FREE = new ListenAddress("127.0.0.1", 0);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private record Fixed(MetricName metricName, Object metricValue) implements Metric {}

    private static Fixed metric(String group, String name, Map<String, String> tags, Object value) {
        return new Fixed(new MetricName(name, group, "what " + name + " is", tags), value);
    }

    private static HttpResponse<String> ask(HttpServer server, String path, String method, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(HttpServer server, String path, String... headers)
            throws IOException, InterruptedException {
        return ask(server, path, "GET", headers);
    }

    @Test
    void shouldAnswerAProbeWithTheStateOfThatMoment() throws Exception {
        AtomicReference<Health> health = new AtomicReference<>(Health.notOk("restoring \"a\": 120,000 to go"));
        try (HttpServer server =
                HttpServer.start(FREE, Map.of("/health/ready", new HealthPage("ready", health::get)))) {
            HttpResponse<String> before = get(server, "/health/ready");
            assertThat(before.statusCode()).isEqualTo(503);
            assertThat(before.headers().firstValue("Content-Type")).hasValue("application/json");
            assertThat(before.headers().firstValue("Cache-Control")).hasValue("no-store");
            assertThat(before.body())
                    .isEqualTo("{\"ready\":false,\"reasons\":[\"restoring \\\"a\\\": 120,000 to go\"]}");
            health.set(Health.OK);
            HttpResponse<String> now = get(server, "/health/ready");
            assertThat(now.statusCode()).isEqualTo(200);
            assertThat(now.body()).isEqualTo("{\"ready\":true,\"reasons\":[]}");
        }
    }

    @Test
    void shouldOnlyBeReadAndSayNothingOfItself() throws Exception {
        Handler broken = new HealthPage("live", () -> {
            throw new IllegalStateException("a secret of the inside");
        });
        try (HttpServer server = HttpServer.start(
                FREE, Map.of("/health/ready", new HealthPage("ready", () -> Health.OK), "/broken", broken))) {
            assertThat(get(server, "/").statusCode()).isEqualTo(404);
            assertThat(get(server, "/health").statusCode()).isEqualTo(404);
            HttpResponse<String> post = ask(server, "/health/ready", "POST");
            assertThat(post.statusCode()).isEqualTo(405);
            assertThat(post.headers().firstValue("Allow")).hasValue("GET, HEAD");
            HttpResponse<String> head = ask(server, "/health/ready", "HEAD");
            assertThat(head.statusCode()).isEqualTo(200);
            assertThat(head.body()).isEmpty();
            assertThat(head.headers().firstValue("Server")).isEmpty();
            HttpResponse<String> failed = get(server, "/broken");
            assertThat(failed.statusCode()).isEqualTo(500);
            assertThat(failed.body())
                    .isEqualTo("{\"error\":{\"what\":\"Server Error\",\"expected\":null,\"got\":null,\"do\":null}}");
        }
    }

    @Test
    void shouldSayThatAnAddressIsTakenOrNotThere() {
        try (HttpServer server = HttpServer.start(FREE, Map.of())) {
            assertThatThrownBy(() -> HttpServer.start(new ListenAddress("127.0.0.1", server.port()), Map.of()))
                    .isInstanceOf(UserException.class)
                    .hasMessageContainingAll("127.0.0.1:" + server.port(), "already in use", "port 0");
        }
        // 192.0.2.0/24 is for documentation (RFC 5737), .invalid for names that never are (RFC 6761).
        assertThatThrownBy(() -> HttpServer.start(new ListenAddress("192.0.2.1", 0), Map.of()))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("192.0.2.1:0", "assign", "another address");
        assertThatThrownBy(() -> HttpServer.start(new ListenAddress("nowhere.invalid", 0), Map.of()))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("there is no host nowhere.invalid", "0.0.0.0");
    }

    @Test
    void shouldShowKafkasMetricsAndTheMachinesInBothFormats() throws Exception {
        Map<String, String> odd = Map.of("topic", "a\"b\\c\nd", "client-id", "c");
        List<Metric> metrics = List.of(
                metric("stream-sequitur-metrics", "scored-total", Map.of("task-id", "0_1", "stage", "scoring"), 12.0),
                metric("stream-sequitur-metrics", "scored-total", Map.of("task-id", "0_2", "stage", "scoring"), 30.0),
                metric("stream-sequitur-metrics", "backlog", Map.of("task-id", "0_1"), 7L),
                metric("stream-thread-metrics", "task-created-total", Map.of("thread-id", "t"), 3.0),
                metric("consumer-fetch-manager-metrics", "records-lag-max", odd, 5.5),
                metric("consumer-fetch-manager-metrics", "records-lag-max", Map.of("client-id", "d"), Double.NaN),
                metric("kafka-metrics-count", "count", Map.of(), 700.0),
                metric("app-info", "version", Map.of(), "4.3.1"));
        try (HttpServer server = HttpServer.start(FREE, Map.of("/metrics", new MetricsPage(() -> metrics)))) {
            HttpResponse<String> plain = get(server, "/metrics");
            assertThat(plain.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("text/plain; version=0.0.4");
            Exposition read = Exposition.parse(plain.body());
            assertThat(read.types())
                    .containsEntry("sequitur_scored_total", "counter")
                    .containsEntry("sequitur_backlog", "gauge")
                    .containsEntry("kafka_stream_thread_task_created_total", "counter")
                    .containsEntry("kafka_kafka_metrics_count_count", "gauge")
                    .doesNotContainKey("kafka_app_info_version");
            assertThat(read.helps()).containsEntry("sequitur_backlog", "what backlog is");
            assertThat(read.samples("sequitur_scored_total"))
                    .containsExactlyInAnyOrder(
                            new Exposition.Sample(
                                    "sequitur_scored_total", Map.of("task_id", "0_1", "stage", "scoring"), 12),
                            new Exposition.Sample(
                                    "sequitur_scored_total", Map.of("task_id", "0_2", "stage", "scoring"), 30));
            assertThat(read.samples("kafka_consumer_fetch_manager_records_lag_max"))
                    .containsExactly(new Exposition.Sample(
                            "kafka_consumer_fetch_manager_records_lag_max",
                            Map.of("topic", "a\"b\\c\nd", "client_id", "c"),
                            5.5));
            assertThat(read.sum("jvm_threads_current")).isPositive();
            assertThat(read.types()).containsKeys("process_start_time_seconds", "jvm_memory_used_bytes");

            HttpResponse<String> open =
                    get(server, "/metrics", "Accept", "application/openmetrics-text;version=1.0.0,text/plain;q=0.5");
            assertThat(open.headers().firstValue("Content-Type").orElseThrow())
                    .startsWith("application/openmetrics-text; version=1.0.0");
            assertThat(open.body())
                    .contains("# TYPE sequitur_scored counter\n")
                    .contains("sequitur_scored_total{stage=\"scoring\",task_id=\"0_1\"} 12.0\n")
                    .endsWith("# EOF\n");
        }
    }

    @Test
    void shouldLeaveOutWhatCanNotBeReadOrStandTogether() throws Exception {
        Metric closed = new Metric() {
            @Override
            public MetricName metricName() {
                return new MetricName("closed", "stream-state-metrics", "", Map.of());
            }

            @Override
            public Object metricValue() {
                throw new IllegalStateException("the store is closed");
            }
        };
        List<Metric> metrics = List.of(
                closed,
                metric("g", "events-total", Map.of(), 2.0),
                metric("g", "events", Map.of(), 9.0),
                metric("g", "twins", Map.of("a-b", "x"), 1.0),
                metric("g", "twins", Map.of("a.b", "x"), 1.0),
                metric("g", "back-total", Map.of(), -1.0));
        try (HttpServer server = HttpServer.start(FREE, Map.of("/metrics", new MetricsPage(() -> metrics)))) {
            Exposition read = Exposition.parse(get(server, "/metrics").body());
            assertThat(read.types()).doesNotContainKeys("kafka_stream_state_closed", "kafka_g_back_total");
            assertThat(read.types()).containsKey("kafka_g_events_total").doesNotContainKey("kafka_g_events");
            assertThat(read.samples("kafka_g_twins")).hasSize(1);
        }
    }
}
