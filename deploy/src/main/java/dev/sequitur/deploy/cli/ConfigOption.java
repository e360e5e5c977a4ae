package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.application.ApplicationConfig;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where the configuration of an application comes from. */
final class ConfigOption {
    private static final String VARIABLE = "SEQUITUR_CONFIG";

    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Properties: sequitur.* keys, and any of Kafka Streams. Environment variables override them"
                    + " (SEQUITUR_INPUT_TOPIC, KAFKA_BOOTSTRAP_SERVERS), and do without a file. Default: the file"
                    + " that SEQUITUR_CONFIG names, if it is set.")
    private Path config;

    ApplicationConfig read(Map<String, String> environment) {
        Optional<Path> file = Optional.ofNullable(config).or(() -> Optional.ofNullable(environment.get(VARIABLE))
                .filter(name -> !name.isBlank())
                .map(Path::of));
        return file.map(path -> ApplicationConfig.read(path, environment))
                .orElseGet(() -> ApplicationConfig.read(environment));
    }
}
