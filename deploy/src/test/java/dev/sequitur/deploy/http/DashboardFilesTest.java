package dev.sequitur.deploy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DashboardFilesTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    /** What a page loads or links to: {@code href="…"}, {@code src="…"}, {@code from '…'}, {@code import('…')}. */
    private static final Pattern REFERENCE =
            Pattern.compile("(?:\\b(?:href|src)=|\\bfrom |\\bimport\\()[\"']([^\"'#$]+)[\"']");

    private static HttpServer server;

    @BeforeAll
    static void start() {
        server = HttpServer.start(new ListenAddress("127.0.0.1", 0), Map.of("/", new DashboardFiles()));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static HttpResponse<String> ask(String method, String path, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path))
                .method(method, HttpRequest.BodyPublishers.noBody());
        if (headers.length > 0) {
            request.headers(headers);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }

    private static Path folder() throws URISyntaxException {
        return Path.of(DashboardFilesTest.class.getResource("/dashboard").toURI());
    }

    private static List<Path> files() throws Exception {
        try (Stream<Path> all = Files.walk(folder())) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    @Test
    void shouldServeEveryFileOfTheDashboardAsWhatItIs() throws Exception {
        assertThat(files()).hasSizeGreaterThan(5);
        for (Path file : files()) {
            String path = "/" + folder().relativize(file);
            HttpResponse<String> answer = ask("GET", path);
            assertThat(answer.statusCode()).as(path).isEqualTo(200);
            assertThat(answer.body()).as(path).isEqualTo(Files.readString(file));
            assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
        }
    }

    @ParameterizedTest
    @CsvSource({
        "/, text/html; charset=utf-8",
        "/main.js, text/javascript; charset=utf-8",
        "/style.css, text/css; charset=utf-8",
        "/favicon.svg, image/svg+xml"
    })
    void shouldNameTheTypeAndForbidWhatComesFromElsewhere(String path, String type) throws Exception {
        HttpResponse<String> answer = ask("GET", path);
        assertThat(answer.headers().firstValue("Content-Type")).hasValue(type);
        assertThat(answer.headers().firstValue("Content-Security-Policy").orElseThrow())
                .startsWith("default-src 'self';")
                .doesNotContain("unsafe");
    }

    @Test
    void shouldSendAFileAgainOnlyWhereItChanged() throws Exception {
        HttpResponse<String> first = ask("GET", "/main.js");
        String tag = first.headers().firstValue("ETag").orElseThrow();
        assertThat(first.headers().firstValue("Cache-Control")).hasValue("no-cache");
        HttpResponse<String> again = ask("GET", "/main.js", "If-None-Match", "\"other\", W/" + tag);
        assertThat(again.statusCode()).isEqualTo(304);
        assertThat(again.body()).isEmpty();
        assertThat(again.headers().firstValue("ETag")).hasValue(tag);
        assertThat(ask("GET", "/style.css", "If-None-Match", tag).statusCode()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/nothing.js",
                "/dashboard/main.js",
                "/logback.xml",
                "/%2e%2e/logback.xml",
                "/cell/%2e%2e/%2e%2e/demo/fleet.yaml",
                "/main.js/",
                "/main",
                "//main.js",
                "/index.html%00.js",
                "/MAIN.JS"
            })
    void shouldServeNothingElse(String path) throws Exception {
        // Written by hand: a client would tidy the path up.
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer).containsPattern("^HTTP/1.1 40[04] ").doesNotContain("Exception");
        }
    }

    @Test
    void shouldOnlyBeRead() throws Exception {
        assertThat(ask("POST", "/main.js").statusCode()).isEqualTo(405);
        HttpResponse<String> head = ask("HEAD", "/main.js");
        assertThat(head.statusCode()).isEqualTo(200);
        assertThat(head.body()).isEmpty();
    }

    @Test
    void shouldReferOnlyToFilesThatAreThere() throws Exception {
        int references = 0;
        for (Path file : files()) {
            if (!file.toString().matches(".*\\.(html|js)")) {
                continue;
            }
            List<String> names = REFERENCE
                    .matcher(Files.readString(file))
                    .results()
                    .map((MatchResult match) -> match.group(1))
                    .toList();
            for (String name : names) {
                Path there = file.resolveSibling(name.equals("./") ? "index.html" : name);
                assertThat(there).as("%s in %s", name, file).isRegularFile();
                references++;
            }
        }
        assertThat(references).isGreaterThan(20);
    }
}
