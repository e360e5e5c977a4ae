package dev.sequitur.deploy.application;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sequitur.deploy.terminal.UserException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProvidedValuesTest {
    @TempDir
    Path dir;

    private Path write(String name, String text) throws IOException {
        return Files.writeString(dir.resolve(name), text);
    }

    @Test
    void shouldFillInWhatStandsInFilesAndTheEnvironment() throws IOException {
        Path file = write("kafka.properties", "user=alice\npassword=s3cret\n");
        write("registry-token", "t0ken");
        String path = System.getenv("PATH");
        Map<String, String> resolved = ProvidedValues.resolve(Map.of(
                "config.providers", "file, directory ,env",
                "sasl.jaas.config", "x username=${file:" + file + ":user} password=${file:" + file + ":password};",
                "sequitur.bundle", "${directory:" + dir + ":registry-token}",
                "client.id", "${env:PATH}",
                "plain", "as it is"));
        assertThat(resolved)
                .isEqualTo(Map.of(
                        "sasl.jaas.config", "x username=alice password=s3cret;",
                        "sequitur.bundle", "t0ken",
                        "client.id", path,
                        "plain", "as it is"));
    }

    @Test
    void shouldLeaveBracesAloneWhereNoProviderIsNamed() {
        Map<String, String> given = Map.of("a", "${file:/x:y}", "b", "${}");
        assertThat(ProvidedValues.resolve(given)).isEqualTo(given);
    }

    @Test
    void shouldSayWhatIsNotThere() throws IOException {
        Path file = write("kafka.properties", "user=alice\n");
        assertThatThrownBy(() -> ProvidedValues.resolve(
                        Map.of("config.providers", "file", "ssl.key.password", "${file:" + file + ":pasword}")))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("ssl.key.password", "nothing at ${file:" + file + ":pasword}");
        assertThatThrownBy(() -> ProvidedValues.resolve(
                        Map.of("config.providers", "file", "ssl.key.password", "${file:/nowhere/x:y}")))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("/nowhere/x", "can be read");
        assertThatThrownBy(() -> ProvidedValues.resolve(
                        Map.of("config.providers", "vault", "config.providers.vault.class", "no.such.Vault")))
                .isInstanceOf(UserException.class)
                .hasMessageContainingAll("no.such.Vault", "config.providers.NAME.class");
    }

    @Test
    void shouldServeEveryKeyOfAConfiguration() throws IOException {
        write("topic", "readings");
        write("jaas", "secret");
        Properties properties = new Properties();
        properties.setProperty("sequitur.bundle", "/models/fleet");
        properties.setProperty("sequitur.input.topic", "${directory:" + dir + ":topic}");
        properties.setProperty("bootstrap.servers", "broker:9092");
        ApplicationConfig config = ApplicationConfig.of(
                properties,
                Map.of(
                        "KAFKA_CONFIG_PROVIDERS",
                        "directory",
                        "KAFKA_SASL_JAAS_CONFIG",
                        "${directory:" + dir + ":jaas}"));
        assertThat(config.inputTopic()).isEqualTo("readings");
        assertThat(config.streams())
                .containsOnly(Map.entry("bootstrap.servers", "broker:9092"), Map.entry("sasl.jaas.config", "secret"));
    }
}
