package dev.sequitur.deploy.integration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.deploy.application.ApplicationConfig;
import dev.sequitur.deploy.application.Maintenance;
import dev.sequitur.deploy.application.ResetPoint;
import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.model.reference.TinyPipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A broker that asks for a login (SASL/PLAIN): what is said where it is refused, and that no secret is ever said. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class LoginOnBrokerTest {
    private static final String MODULE = "org.apache.kafka.common.security.plain.PlainLoginModule required";
    private static final String PASSWORD = "right-marked-0";

    /** As talkative as it can be made, the configurations that Kafka logs among it. */
    private static final String LOG = Stream.of(
                    "admin.AdminClientConfig", "consumer.ConsumerConfig", "producer.ProducerConfig")
            .map(logger -> "org.apache.kafka.clients." + logger + "=INFO")
            .reduce("TRACE,org.apache.kafka=INFO,org.eclipse.jetty=DEBUG", (a, b) -> a + "," + b);

    @TempDir
    static Path dir;

    private static EmbeddedBroker broker;

    @BeforeAll
    static void start() throws IOException {
        TinyPipeline.train("{kind: gru, units: 4}", dir.resolve("bundle"));
        broker = EmbeddedBroker.builder()
                .property("listener.security.protocol.map", "PLAINTEXT:SASL_PLAINTEXT,CONTROLLER:PLAINTEXT")
                .property("sasl.enabled.mechanisms", "PLAIN")
                .property("sasl.mechanism.inter.broker.protocol", "PLAIN")
                .property(
                        "listener.name.plaintext.plain.sasl.jaas.config",
                        MODULE + " username=\"broker\" password=\"b\" user_broker=\"b\" user_alice=\"" + PASSWORD
                                + "\";")
                .start();
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    private static Map<String, String> config() {
        return new HashMap<>(Map.of(
                "sequitur.bundle", dir.resolve("bundle").toString(),
                "sequitur.input.topic", "events",
                "sequitur.http.listen", "127.0.0.1:0",
                "application.id", "fleet",
                "state.dir", dir.resolve("states").toString(),
                "bootstrap.servers", broker.bootstrapServers(),
                "security.protocol", "SASL_PLAINTEXT",
                "sasl.mechanism", "PLAIN"));
    }

    private static String jaas(String password) {
        return MODULE + " username=\"alice\" password=\"" + password + "\";";
    }

    @Test
    void shouldSayThatTheLoginIsRefusedAndNoSecret() throws Exception {
        List<String> secrets = new ArrayList<>();
        Map<String, String> config = config();
        // Whatever is typed as a password, of ours and of Kafka's, wherever it comes from.
        for (String key : List.of(
                "sequitur.registry.basic.auth.user.info",
                "sequitur.registry.bearer.auth.token",
                "ssl.truststore.password",
                "ssl.key.password",
                "producer.ssl.keystore.password",
                "admin.ssl.keystore.key")) {
            secrets.add("marked-" + secrets.size() + "-secret");
            config.put(key, secrets.get(secrets.size() - 1));
        }
        secrets.add("marked-in-a-file");
        Files.writeString(Files.createDirectory(dir.resolve("mounted")).resolve("password"), "marked-in-a-file");
        config.put("config.providers", "directory");
        config.put("sasl.jaas.config", jaas("${directory:" + dir.resolve("mounted") + ":password}"));
        secrets.add("marked-in-the-environment");
        Path file = dir.resolve("login.properties");
        Properties properties = new Properties();
        properties.putAll(config);
        try (var writer = Files.newBufferedWriter(file)) {
            properties.store(writer, null);
        }
        Map<String, String> environment =
                Map.of("SEQUITUR_LOG", LOG, "KAFKA_SSL_KEYSTORE_PASSWORD", "marked-in-the-environment");
        try (ChildJava child = ChildJava.start(
                dir.resolve("login.log"),
                environment,
                List.of("dev.sequitur.deploy.cli.Sequitur", "run", "--verbose", "--config", file.toString()))) {
            assertThat(child.ended()).as(child::said).isEqualTo(1);
            assertThat(child.said())
                    .contains("The broker at " + broker.bootstrapServers() + " refused the login", "sasl.jaas.config")
                    .as("the log says what Kafka says of its settings")
                    .contains("AdminClientConfig", "sasl.jaas.config = [hidden]");
            assertThat(secrets).allSatisfy(secret -> assertThat(child.said()).doesNotContain(secret));
        }
    }

    @Test
    void shouldUseALoginThatIsRight() {
        Properties properties = new Properties();
        properties.putAll(config());
        properties.setProperty("sasl.jaas.config", jaas(PASSWORD));
        Maintenance maintenance = Maintenance.of(ApplicationConfig.of(properties, Map.of()));
        assertThatThrownBy(() -> maintenance.plan(ResetPoint.parse("earliest")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("has no topic events");
    }

    @Test
    void shouldSayNothingOfAJaasConfigurationThatIsNone() {
        Properties properties = new Properties();
        properties.putAll(config());
        properties.setProperty("sasl.jaas.config", "marked-and-malformed");
        Maintenance maintenance = Maintenance.of(ApplicationConfig.of(properties, Map.of()));
        assertThatThrownBy(() -> maintenance.plan(ResetPoint.parse("earliest")))
                .isInstanceOf(UserException.class)
                .hasMessageContaining("sasl.jaas.config")
                .hasMessageNotContaining("marked");
    }
}
