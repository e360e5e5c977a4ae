package dev.sequitur.deploy.registry;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;

/** Configurations of a registry, by keys without their prefix. */
final class RegistryConfigs {
    private RegistryConfigs() {}

    static RegistryConfig of(Map<String, String> keys) {
        Map<String, String> whole = new HashMap<>();
        keys.forEach((key, value) -> whole.put("sequitur.registry." + key, value));
        return new RegistryConfig(RegistryConfig.define(new ConfigDef()).parse(whole));
    }

    static RegistryConfig at(String url, String... more) {
        Map<String, String> keys = new HashMap<>(Map.of("url", url, "patience", "10s"));
        for (int i = 0; i < more.length; i += 2) {
            keys.put(more[i], more[i + 1]);
        }
        return of(keys);
    }
}
