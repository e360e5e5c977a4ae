package dev.sequitur.deploy.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sequitur.deploy.registry.TestRegistry.Fault;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.topology.registry.SchemaRegistryException;
import dev.sequitur.topology.registry.UnknownSchemaException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegistryClientTest extends RegistryContract {
    private static final Schema SCHEMA =
            SchemaBuilder.record("R").fields().requiredInt("x").endRecord();

    private final TestRegistry registry = TestRegistry.start();

    @AfterEach
    void stop() {
        registry.close();
    }

    @Override
    protected String url() {
        return registry.url();
    }

    private RegistryClient client(String... more) {
        return new RegistryClient(RegistryConfigs.at(registry.url(), more));
    }

    private static void assertSaysWhatToDo(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... words) {
        assertThatThrownBy(call).isInstanceOf(SchemaRegistryException.class).hasMessageContainingAll(words);
    }

    @Test
    void shouldAskForAnIdOnce() throws Exception {
        registry.put(7, SCHEMA.toString());
        RegistryClient client = client();
        assertThat(client.schema(7)).isEqualTo(SCHEMA);
        assertThat(client.schema(7)).isSameAs(client.schema(7));
        assertThat(registry.requests()).containsExactly("GET /schemas/ids/7");
    }

    @Test
    void shouldGoOnWithWhatItKnowsWhenTheRegistryIsDown() throws Exception {
        registry.put(7, SCHEMA.toString());
        RegistryClient client = client("patience", "200ms");
        client.schema(7);
        registry.goDown();
        assertThat(client.schema(7)).isEqualTo(SCHEMA);
        assertSaysWhatToDo(() -> client.schema(8), "gave no usable answer within 200 ms", "sequitur.registry.url");
        registry.comeBack();
        registry.put(8, SCHEMA.toString());
        assertThat(client.schema(8)).isEqualTo(SCHEMA);
    }

    @Test
    void shouldRememberForAWhileThatAnIdIsUnknown() {
        RegistryClient client = client();
        for (int i = 0; i < 5; i++) {
            assertThatThrownBy(() -> client.schema(9)).isInstanceOf(UnknownSchemaException.class);
        }
        assertThat(registry.requests()).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 408, 429, 500, 502, 503})
    void shouldAskAgainAfterAFailureThatPasses(int status) throws Exception {
        registry.put(7, SCHEMA.toString());
        registry.failNext(Fault.of(status), Fault.of(status));
        assertThat(client().schema(7)).isEqualTo(SCHEMA);
        registry.failNext(Fault.of(status));
        assertThat(client().id("s", SCHEMA)).isPositive();
        // The JDK's client tries a GET whose connection was closed once more by itself.
        assertThat(registry.requests()).hasSizeBetween(4, 5);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "<html>not found</html>", "{\"error_code\":404,\"message\":\"HTTP 404 Not Found\"}", "{}"})
    void shouldNotTakeAProxysNotFoundForAnUnknownId(String body) throws Exception {
        registry.put(7, SCHEMA.toString());
        registry.failNext(new Fault(404, body));
        assertThat(client().schema(7)).isEqualTo(SCHEMA);
    }

    @Test
    void shouldNotTakeALoginPageForAnAnswer() throws Exception {
        registry.put(7, SCHEMA.toString());
        registry.failNext(new Fault(200, "<html>please sign in</html>"));
        assertThat(client().schema(7)).isEqualTo(SCHEMA);
    }

    @Test
    void shouldGiveUpWhenPatienceEnds() {
        registry.failNext(Collections.nCopies(100, Fault.of(503)).toArray(new Fault[0]));
        assertSaysWhatToDo(() -> client("patience", "1s").schema(7), "within 1000 ms", "503", "as the test wants it");
        // Pauses of 100, 200, 400 and 800 ms, at least half of each.
        assertThat(registry.requests()).hasSizeBetween(1, 5);
    }

    @Test
    void shouldGiveUpOnARegistryThatSaysNothing() throws Exception {
        try (java.net.ServerSocket silent =
                new java.net.ServerSocket(0, 50, java.net.InetAddress.getLoopbackAddress())) {
            RegistryClient client = new RegistryClient(RegistryConfigs.at(
                    "http://localhost:" + silent.getLocalPort(), "patience", "400ms", "request.timeout", "150ms"));
            assertSaysWhatToDo(() -> client.schema(7), "within 400 ms", "timed out");
        }
    }

    @Test
    void shouldAskTheOtherUrlsOfARegistry() throws Exception {
        try (TestRegistry other = TestRegistry.start()) {
            other.put(7, SCHEMA.toString());
            other.put(8, SCHEMA.toString());
            RegistryClient client = new RegistryClient(RegistryConfigs.at(registry.url() + ", " + other.url() + "/"));
            registry.goDown();
            assertThat(client.schema(7)).isEqualTo(SCHEMA);
            assertThat(client.schema(8)).isEqualTo(SCHEMA);
            assertThat(other.requests()).containsExactly("GET /schemas/ids/7", "GET /schemas/ids/8");
            registry.comeBack();
        }
    }

    @Test
    void shouldSayThatASchemaIsNotCompatible() {
        client().id("scores-value", SCHEMA);
        registry.freeze("scores-value");
        Schema other = SchemaBuilder.record("R").fields().requiredInt("y").endRecord();
        assertSaysWhatToDo(
                () -> client().id("scores-value", other),
                "R under the subject 'scores-value'",
                "incompatible with an earlier schema",
                "compatibility level");
        assertThat(client().id("scores-value", SCHEMA)).isPositive();
    }

    @Test
    void shouldRegisterNothingWhereItMayNot() {
        assertSaysWhatToDo(() -> client("auto.register", "false").id("scores-value", SCHEMA), "auto.register=true");
        assertThat(registry.versions("scores-value")).isEmpty();
        assertThat(registry.requests()).containsExactly("POST /subjects/scores-value");
    }

    @Test
    void shouldAskForNormalizedSchemasWhereItIsTold() {
        client("normalize", "true").id("s", SCHEMA);
        client("normalize", "true", "auto.register", "false").id("s", SCHEMA);
        assertThat(registry.requests())
                .containsExactly("POST /subjects/s/versions?normalize=true", "POST /subjects/s?normalize=true");
    }

    @Test
    void shouldLogInWithUserAndPassword() throws Exception {
        // RFC 7617, section 2.
        registry.require("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        client("basic.auth.user.info", "Aladdin:open sesame").requireReachable();
        assertSaysWhatToDo(() -> client().requireReachable(), "refused the login", "basic.auth.user.info");
        assertSaysWhatToDo(
                () -> client("basic.auth.user.info", "Aladdin:sesame").id("s", SCHEMA), "401", "refused the login");
    }

    @Test
    void shouldReadATokenThatIsRenewedInItsFile(@TempDir Path dir) throws Exception {
        Path file = Files.writeString(dir.resolve("token"), "first\n");
        registry.put(7, SCHEMA.toString());
        registry.put(8, SCHEMA.toString());
        registry.require("Bearer first");
        RegistryClient client = client("bearer.auth.token.file", file.toString(), "patience", "300ms");
        client.schema(7);
        registry.require("Bearer second");
        // A token that has expired says nothing of the event.
        assertSaysWhatToDo(() -> client.schema(8), "gave no usable answer");
        Files.writeString(file, "second");
        assertThat(client.schema(8)).isEqualTo(SCHEMA);
    }

    @Test
    void shouldSendTheTokenThatIsGiven() {
        registry.require("Bearer abc.def");
        client("bearer.auth.token", "abc.def").requireReachable();
    }

    @Test
    void shouldNeverPrintASecret() {
        RegistryConfig config = RegistryConfigs.of(Map.of(
                "url", "http://user:secret-in-url@localhost:1",
                "basic.auth.user.info", "no-colon-secret"));
        assertThatThrownBy(() -> new RegistryClient(config))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("basic.auth.user.info")
                .hasMessageNotContaining("secret");
        RegistryConfig noColon = RegistryConfigs.at("http://localhost:1", "basic.auth.user.info", "no-colon-secret");
        assertThatThrownBy(() -> new RegistryClient(noColon))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("user:password")
                .hasMessageNotContaining("secret");
    }

    @Test
    void shouldRefuseSeveralWaysToLogIn() {
        assertThatThrownBy(() -> client("basic.auth.user.info", "a:b", "bearer.auth.token", "c"))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("Only one of");
    }

    @ParameterizedTest
    @ValueSource(strings = {"registry:8081", "ftp://registry", "http://", "http://reg istry"})
    void shouldRefuseWhatIsNoUrl(String url) {
        assertThatThrownBy(() -> new RegistryClient(RegistryConfigs.at(url)))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("expected http://host:port");
    }

    @Test
    void shouldSayThatAUrlIsMissing() {
        assertThatThrownBy(() -> new RegistryClient(RegistryConfigs.of(Map.of())))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("sequitur.registry.url is not set");
    }

    @Test
    void shouldSayWhichReferenceIsMissing() {
        registry.put(
                7,
                new ObjectMapper()
                        .createObjectNode()
                        .put("schema", "{}")
                        .set(
                                "references",
                                new ObjectMapper()
                                        .createArrayNode()
                                        .add(new ObjectMapper()
                                                .createObjectNode()
                                                .put("name", "B")
                                                .put("subject", "b-value")
                                                .put("version", 3))));
        assertThatThrownBy(() -> client().schema(7))
                .isInstanceOf(UnknownSchemaException.class)
                .hasMessageContaining("version 3 of subject 'b-value'");
    }

    @Test
    void shouldReadASchemaWhoseNamesAvroWouldNotAllow() throws Exception {
        registry.put(
                7, "{\"type\":\"record\",\"name\":\"my-record\",\"fields\":[{\"name\":\"a-b\",\"type\":\"int\"}]}");
        assertThat(client().schema(7).getField("a-b")).isNotNull();
    }

    @Test
    void shouldRefuseASchemaThatIsNone() {
        registry.put(7, "{\"type\":\"record\"}");
        assertThatThrownBy(() -> client().schema(7))
                .isInstanceOf(UnknownSchemaException.class)
                .hasMessageContaining("can't be read");
    }
}
