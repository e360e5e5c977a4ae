package dev.sequitur.deploy.compose;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.sequitur.deploy.application.ConfigurationNames;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The compose file: what old and new versions of compose take, and what the services that it starts read. */
class ComposeFileTest {
    private static final Path DIRECTORY = Path.of("compose");

    private static JsonNode read(String file) throws IOException {
        return new ObjectMapper(new YAMLFactory())
                .readTree(DIRECTORY.resolve(file).toFile());
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    @Test
    void shouldHaveNoTopLevelKeyThatOldVersionsRefuse() throws IOException {
        List<String> keys = new ArrayList<>();
        read("docker-compose.yml").fieldNames().forEachRemaining(keys::add);
        assertThat(keys).containsExactlyInAnyOrder("services", "volumes");
    }

    @Test
    void shouldSetWhatTheApplicationReadsAndNothingElse() throws IOException {
        List<String> variables = new ArrayList<>();
        read("docker-compose.yml")
                .at("/services/sequitur/environment")
                .fieldNames()
                .forEachRemaining(variables::add);
        assertThat(variables).contains("SEQUITUR_BUNDLE", "KAFKA_BOOTSTRAP_SERVERS");
        assertThat(ConfigurationNames.unknownVariables(variables)).isEmpty();
    }

    @Test
    void shouldEncodeTheFleetsEventsAsTheApplicationReadsThem() throws IOException {
        JsonNode services = read("docker-compose.yml").path("services");
        JsonNode fleet = services.at("/fleet/environment");
        List<String> variables = new ArrayList<>();
        fleet.fieldNames().forEachRemaining(variables::add);
        assertThat(variables).contains("SEQUITUR_INPUT_FORMAT", "SEQUITUR_REGISTRY_URL");
        assertThat(ConfigurationNames.unknownVariables(variables)).isEmpty();
        assertThat(variables).allSatisfy(name -> assertThat(fleet.get(name))
                .isEqualTo(services.at("/sequitur/environment/" + name)));
        assertThat(fleet.get("SEQUITUR_REGISTRY_URL").asText()).startsWith("http://registry:");
        for (String service : List.of("fleet", "sequitur")) {
            assertThat(services.path(service)
                            .at("/depends_on/registry/condition")
                            .asText())
                    .isEqualTo("service_healthy");
        }
    }

    @Test
    void shouldBeOpenToThisMachineOnlyAndPinItsImages() throws IOException {
        JsonNode services = read("docker-compose.yml").path("services");
        assertThat(services).hasSizeGreaterThan(5).allSatisfy(service -> {
            assertThat(texts(service.path("ports"))).allMatch(port -> port.startsWith("127.0.0.1:"));
            assertThat(service.path("image").asText()).matches("[^:]+:.+").doesNotEndWith(":latest");
        });
    }

    @Test
    void shouldMountFilesThatAreThere() throws IOException {
        List<String> mounts = new ArrayList<>();
        read("docker-compose.yml").path("services").forEach(service -> mounts.addAll(texts(service.path("volumes"))));
        assertThat(mounts.stream().filter(mount -> mount.startsWith(".")))
                .isNotEmpty()
                .allSatisfy(mount -> assertThat(DIRECTORY.resolve(mount.substring(0, mount.indexOf(':'))))
                        .exists());
    }

    @Test
    void shouldScrapeTheApplicationUnderAJobThatTheAlertsFind() throws IOException {
        JsonNode scrape = read("prometheus.yml").at("/scrape_configs/0");
        assertThat(scrape.path("job_name").asText()).contains("sequitur");
        assertThat(scrape.at("/static_configs/0/targets/0").asText()).isEqualTo("sequitur:8080");
    }
}
