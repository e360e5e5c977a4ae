package dev.sequitur.deploy.application;

import java.util.Collection;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** The names that files which set configuration from outside (compose, charts, images) may use. */
public final class ConfigurationNames {
    private ConfigurationNames() {}

    /** Those that are neither a {@code sequitur.*} key nor a property of Kafka. */
    public static Set<String> unknownProperties(Collection<String> names) {
        Set<String> unknown = new TreeSet<>(names);
        unknown.removeAll(properties());
        return unknown;
    }

    /** Those environment variables that look like configuration and aren't read as such. */
    public static Set<String> unknownVariables(Collection<String> names) {
        Set<String> known = properties().stream()
                .map(name -> (name.startsWith(ApplicationConfig.PREFIX) ? "" : "KAFKA_")
                        + name.replaceAll("[.-]", "_").toUpperCase(Locale.ROOT))
                .collect(Collectors.toSet());
        return names.stream()
                .filter(name -> name.startsWith("SEQUITUR_") || name.startsWith("KAFKA_"))
                .filter(name -> !known.contains(name))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> properties() {
        Set<String> names = new TreeSet<>(ApplicationConfig.KEYS.names());
        names.addAll(kafka());
        return names;
    }

    private static Set<String> kafka() {
        Set<String> names = new TreeSet<>(StreamsConfig.configDef().names());
        names.addAll(ConsumerConfig.configNames());
        names.addAll(ProducerConfig.configNames());
        return names;
    }
}
