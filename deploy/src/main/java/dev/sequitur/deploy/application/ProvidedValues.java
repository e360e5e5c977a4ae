package dev.sequitur.deploy.application;

import dev.sequitur.deploy.terminal.UserException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.provider.DirectoryConfigProvider;
import org.apache.kafka.common.config.provider.EnvVarConfigProvider;
import org.apache.kafka.common.config.provider.FileConfigProvider;

/**
 * Values that stand elsewhere, so that a configuration holds no secret: Kafka's own {@code config.providers} (KIP-297),
 * for every key. {@code ${file:/run/secrets/kafka.properties:password}}, {@code ${directory:/run/secrets:password}},
 * {@code ${env:PASSWORD}}; those three need only be named, a provider of one's own its class too.
 */
final class ProvidedValues {
    private static final Map<String, Class<?>> SHIPPED = Map.of(
            "file", FileConfigProvider.class,
            "directory", DirectoryConfigProvider.class,
            "env", EnvVarConfigProvider.class);
    private static final String PREFIX = AbstractConfig.CONFIG_PROVIDERS_CONFIG;

    private ProvidedValues() {}

    /**
     * @return the same keys, without {@code config.providers}, with what the providers gave
     * @throws UserException when a provider isn't there, or doesn't have what is asked for
     */
    static Map<String, String> resolve(Map<String, String> given) {
        List<String> providers = List.of(given.getOrDefault(PREFIX, "").strip().split("\\s*,\\s*"));
        Map<String, String> asked = new HashMap<>(given);
        asked.computeIfPresent(PREFIX, (key, before) -> String.join(",", providers));
        SHIPPED.forEach((name, type) -> {
            if (providers.contains(name)) {
                asked.putIfAbsent(PREFIX + "." + name + ".class", type.getName());
            }
        });
        Map<String, String> resolved;
        try {
            resolved = new AbstractConfig(new ConfigDef(), asked, false).originalsStrings();
        } catch (KafkaException e) {
            throw new UserException(
                    "config.providers: " + e.getMessage() + ". Expected names out of file, directory"
                            + " and env, or others with config.providers.NAME.class, and files that can be read",
                    e);
        }
        resolved.keySet().removeIf(key -> key.equals(PREFIX) || key.startsWith(PREFIX + "."));
        // Kafka leaves what it doesn't find as it is.
        Pattern left = Pattern.compile("\\$\\{("
                + String.join("|", providers.stream().map(Pattern::quote).toList()) + "):[^}]*}");
        resolved.forEach((key, value) -> {
            Matcher placeholder = left.matcher(value);
            if (placeholder.find() && !providers.contains("")) {
                throw new UserException(key + ": there is nothing at " + placeholder.group()
                        + ". Check the path and the name that it asks for");
            }
        });
        return resolved;
    }
}
