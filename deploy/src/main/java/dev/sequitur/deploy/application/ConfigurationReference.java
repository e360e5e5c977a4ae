package dev.sequitur.deploy.application;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;

/** What can be configured, as the code has it. */
public final class ConfigurationReference {
    private ConfigurationReference() {}

    /**
     * @param variable of the environment
     * @param type of Kafka's configurations: string, boolean, int, list, password
     * @param fallback its value where it isn't set; empty where it has to be set, or there is none
     */
    public record Key(
            String key, String variable, String type, boolean required, Optional<String> fallback, String meaning) {}

    /** Every {@code sequitur.*} key. */
    public static List<Key> keys() {
        return ApplicationConfig.KEYS.configKeys().values().stream()
                .map(ConfigurationReference::key)
                .toList();
    }

    private static Key key(ConfigDef.ConfigKey key) {
        Object value = key.defaultValue;
        boolean required = value == ConfigDef.NO_DEFAULT_VALUE;
        boolean none = required
                || value == null
                || key.type == ConfigDef.Type.PASSWORD
                || (value instanceof List<?> list && list.isEmpty());
        return new Key(
                key.name,
                ApplicationConfig.variable(key.name),
                key.type.name().toLowerCase(Locale.ROOT),
                required,
                none ? Optional.empty() : Optional.of(value.toString()),
                key.documentation);
    }

    /** As a table in Markdown, a line a key. */
    public static List<String> markdown() {
        return Stream.concat(
                        Stream.of("| key | type | default | meaning |", "|---|---|---|---|"),
                        keys().stream().map(ConfigurationReference::row))
                .toList();
    }

    private static String row(Key key) {
        String fallback = key.required()
                ? "required"
                : key.fallback()
                        .map(text -> text.isEmpty() ? "empty" : "`" + text + "`")
                        .orElse("none");
        return "| `" + key.key() + "` | " + key.type() + " | " + fallback + " | " + key.meaning() + " |";
    }
}
