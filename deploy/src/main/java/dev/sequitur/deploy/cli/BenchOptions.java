package dev.sequitur.deploy.cli;

import dev.sequitur.deploy.bench.BenchModel;
import dev.sequitur.deploy.bench.BenchReport;
import dev.sequitur.deploy.broker.EmbeddedBroker;
import dev.sequitur.model.bundle.ModelBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.common.utils.Utils;
import picocli.CommandLine.Option;

/** What every benchmark on a cluster takes. */
final class BenchOptions {
    @Option(
            names = "--partitions",
            defaultValue = "4",
            description = "Of the topic of events. Default: ${DEFAULT-VALUE}.")
    private int partitions;

    @Option(names = "--cell", defaultValue = "lstm", description = "Default: ${DEFAULT-VALUE}.")
    private String cell;

    @Option(names = "--units", defaultValue = "64", description = "Hidden units. Default: ${DEFAULT-VALUE}.")
    private int units;

    @Option(
            names = "--bootstrap-servers",
            paramLabel = "HOST:PORT",
            description = "A cluster to run on. Default: a broker in this process.")
    private String bootstrapServers;

    @Option(names = "--property", paramLabel = "KEY=VALUE", description = "Of Kafka Streams.")
    private Map<String, String> properties = new LinkedHashMap<>();

    /** A benchmark, given a cluster and a model. */
    interface Benchmark {
        BenchReport run(String bootstrapServers, ModelBundle bundle) throws IOException, InterruptedException;
    }

    int partitions() {
        return partitions;
    }

    Properties settings() {
        Properties settings = new Properties();
        settings.putAll(properties);
        return settings;
    }

    /** Whether brokers, producer and application share this machine's processors for sure. */
    boolean embedded() {
        return bootstrapServers == null;
    }

    /** A benchmark, given a cluster and the directory of a model. */
    interface OnDirectory<R> {
        R run(String bootstrapServers, Path bundle) throws IOException, InterruptedException;
    }

    /** Makes the model, starts a broker where none was named, and runs. */
    BenchReport run(Benchmark benchmark) throws IOException, InterruptedException {
        return runOnDirectory((servers, directory) -> {
            try (ModelBundle bundle = ModelBundle.load(directory)) {
                return benchmark.run(servers, bundle);
            }
        });
    }

    /** The same for a benchmark whose application is a process of its own. */
    <R> R runOnDirectory(OnDirectory<R> benchmark) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory("sequitur-bench-");
        try {
            BenchModel.write(work.resolve("bundle"), cell, units);
            try (EmbeddedBroker broker = embedded() ? EmbeddedBroker.start() : null) {
                return benchmark.run(
                        broker == null ? bootstrapServers : broker.bootstrapServers(), work.resolve("bundle"));
            }
        } finally {
            Utils.delete(work.toFile());
        }
    }
}
