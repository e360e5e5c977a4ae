package dev.sequitur.deploy.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sequitur.deploy.application.Lifecycle;
import dev.sequitur.deploy.http.HttpSettings;
import dev.sequitur.deploy.http.ListenAddress;
import dev.sequitur.deploy.terminal.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who is let in. No application is there, so whoever is let in hears 503. */
class SiteTest {
    private static final ListenAddress LOOPBACK = new ListenAddress("127.0.0.1", 0);
    private static final ListenAddress EVERYWHERE = new ListenAddress("0.0.0.0", 0);
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final int LET_IN = 503;

    private static Site site(HttpSettings settings) {
        return Site.start(settings, new Lifecycle(), Map.of());
    }

    private static HttpSettings settings(ListenAddress listen, String token, boolean insecure) {
        return new HttpSettings(
                listen, Optional.empty(), Optional.ofNullable(token), insecure, Optional.empty(), false);
    }

    private static int status(Site site, String path, String... headers) throws Exception {
        return ask(CLIENT, site, path, headers).statusCode();
    }

    private static HttpResponse<String> ask(HttpClient client, Site site, String path, String... headers)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(site.url() + path));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private static String statusByName(Site site, String host) throws IOException {
        try (Socket socket = new Socket("127.0.0.1", site.advertised().port())) {
            socket.getOutputStream()
                    .write(("GET /api/v1/status HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8).substring(9, 12);
        }
    }

    @Test
    void shouldLetInOnlyWhoHasTheToken() throws Exception {
        try (Site site = site(settings(LOOPBACK, "s3cret", false))) {
            HttpResponse<String> without = ask(CLIENT, site, "/api/v1/status");
            assertThat(without.statusCode()).isEqualTo(401);
            assertThat(without.headers().firstValue("WWW-Authenticate")).hasValue("Bearer realm=\"sequitur\"");
            JsonNode error = new JsonMapper().readTree(without.body()).path("error");
            assertThat(error.path("do").asText()).contains("--token");
            assertThat(without.body()).doesNotContain("s3cret");
            for (String wrong :
                    new String[] {"Bearer s3cre", "Bearer s3crets", "Bearer ", "Basic s3cret", "s3cret", "Bearer S3CRET"
                    }) {
                assertThat(status(site, "/api/v1/entities", "Authorization", wrong))
                        .as(wrong)
                        .isEqualTo(401);
            }
            assertThat(status(site, "/api/v1/status", "Authorization", "Bearer s3cret"))
                    .isEqualTo(LET_IN);
            assertThat(status(site, "/api/v1/live")).isEqualTo(401);
            assertThat(status(site, "/health/live")).as("probes have no token").isEqualTo(200);
            assertThat(status(site, "/metrics")).isEqualTo(200);
        }
    }

    @Test
    void shouldServeHealthAndMetricsAloneWhereOthersReachItAndNobodyLogsIn() throws Exception {
        try (Site open = site(settings(EVERYWHERE, null, false))) {
            assertThat(status(open, "/api/v1/status")).isEqualTo(403);
            assertThat(status(open, "/api/v1/openapi.json")).isEqualTo(403);
            assertThat(status(open, "/health/live")).isEqualTo(200);
            assertThat(status(open, "/metrics")).isEqualTo(200);
        }
        try (Site wished = site(settings(EVERYWHERE, null, true))) {
            assertThat(status(wished, "/api/v1/status")).isEqualTo(LET_IN);
            assertThat(wished.advertised().host())
                    .as("an address that others may reach")
                    .isNotEqualTo("0.0.0.0");
        }
        try (Site guarded = site(settings(EVERYWHERE, "t", false))) {
            assertThat(status(guarded, "/api/v1/status")).isEqualTo(401);
            assertThat(status(guarded, "/api/v1/status", "Authorization", "bearer t"))
                    .isEqualTo(LET_IN);
        }
    }

    @Test
    void shouldNotAnswerForeignNamesWhereItIsForThisMachineAlone() throws Exception {
        try (Site site = site(HttpSettings.local(LOOPBACK))) {
            for (String own :
                    new String[] {"localhost", "127.0.0.1:8080", "LOCALHOST:1", "[::1]:8080", "demo.localhost"}) {
                assertThat(statusByName(site, own)).as(own).isEqualTo("503");
            }
            for (String foreign :
                    new String[] {"evil.example", "evil.example:8080", "127.0.0.1.evil.example", "localhost.evil"}) {
                assertThat(statusByName(site, foreign)).as(foreign).isEqualTo("403");
            }
        }
    }

    @Test
    void shouldSpeakTlsWithTheKeystoresKey(@TempDir Path dir) throws Exception {
        Path keystore = dir.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "sequitur",
                        "-keyalg",
                        "EC",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1,dns:localhost",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        keystore.toString(),
                        "-storepass",
                        "changeit")
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(keytool.exitValue()).as(said).isZero();
        HttpSettings tls = new HttpSettings(
                LOOPBACK,
                Optional.empty(),
                Optional.of("t"),
                false,
                Optional.of(new HttpSettings.Tls(keystore, "changeit")),
                false);
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(keystore)) {
            keys.load(in, "changeit".toCharArray());
        }
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", keys.getCertificate("sequitur"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        HttpClient client = HttpClient.newBuilder().sslContext(context).build();
        try (Site site = site(tls)) {
            assertThat(site.url()).startsWith("https://");
            assertThat(ask(client, site, "/api/v1/status", "Authorization", "Bearer t")
                            .statusCode())
                    .isEqualTo(LET_IN);
        }
        HttpSettings wrong = new HttpSettings(
                LOOPBACK,
                Optional.empty(),
                Optional.empty(),
                false,
                Optional.of(new HttpSettings.Tls(keystore, "wrong")),
                false);
        assertThatThrownBy(() -> site(wrong))
                .isInstanceOf(UserException.class)
                .hasMessageContaining(keystore.toString())
                .hasMessageNotContaining("wrong");
    }
}
