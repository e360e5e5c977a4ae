package dev.sequitur.deploy.containers;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.sequitur.deploy.integration.CheckedTraffic;
import dev.sequitur.deploy.integration.EventBytes;
import dev.sequitur.deploy.integration.WireFormat;
import dev.sequitur.model.bundle.ModelBundle;
import dev.sequitur.model.reference.TinyPipeline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;
import org.testcontainers.containers.Container.ExecResult;

/**
 * The application's own image, several instances of it, on a cluster of three brokers; both fail in the middle of their
 * work. In the end every event has its result once, in its entity's order, and as the reference computes it.
 */
@RequiresContainers({Image.SEQUITUR, Image.KAFKA, Image.REGISTRY})
class ClusterTest {
    private static final int BROKERS = 3;
    private static final int PARTITIONS = 4;
    /** Events that are scored before the next fault, and while one lasts. */
    private static final int SOME = 300;

    /** So many that a partition which stood still would have held up the others: no more are sent then. */
    private static final int OF_ALL_PARTITIONS = 10_000;

    /** 128 + SIGTERM: the signal's own status, after an orderly end. */
    private static final int TERMINATED = 143;

    /** Of an instance whose coordinator is cut off. */
    private static final Duration STANDSTILL = Duration.ofSeconds(20);

    private static final String FAREWELL = "stopped; everything that was scored is committed";

    @TempDir
    static Path dir;

    private static Path bundleDirectory;
    private static ModelBundle bundle;
    private static Level kafkaLevel;
    private static Cluster cluster;

    private final List<ApplicationContainer> instances = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        bundleDirectory = dir.resolve("bundle");
        TinyPipeline.train("{kind: gru, units: 8}", bundleDirectory);
        readableForAll(bundleDirectory);
        bundle = ModelBundle.load(bundleDirectory);
        // A broker that is away is missed by each of this process's clients, again and again.
        kafkaLevel = kafka().getLevel();
        kafka().setLevel(Level.OFF);
        cluster = new Cluster(dir);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
        kafka().setLevel(kafkaLevel);
        bundle.close();
    }

    @AfterEach
    void stopInstances() {
        instances.forEach(ApplicationContainer::stop);
    }

    private static Logger kafka() {
        return (Logger) LoggerFactory.getLogger("org.apache.kafka");
    }

    /** The image's user is another one than the test's. */
    private static void readableForAll(Path directory) throws IOException {
        try (var files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                Files.setPosixFilePermissions(
                        file, PosixFilePermissions.fromString(Files.isDirectory(file) ? "rwxr-xr-x" : "rw-r--r--"));
            }
        }
    }

    @Test
    void shouldGiveEveryEventItsResultOnceWhateverHappensToABroker() throws Exception {
        try (CheckedTraffic traffic = traffic("brokers", 1)) {
            run(traffic, "one", "two");
            for (Outage outage : Outage.values()) {
                Broker leader = cluster.leader(traffic.events());
                traffic.await("a transaction to cut", () -> anyHasOpenTransaction(traffic));
                outage.begin(leader);
                traffic.await(outage + " to be noticed", () -> cluster.keepsInSync(traffic.events(), BROKERS - 1));
                traffic.awaitProgress(SOME);
                outage.end(leader);
                traffic.await("all replicas in sync", () -> cluster.keepsInSync(traffic.events(), BROKERS));
                traffic.awaitProgress(SOME);
            }
            check(traffic);
        }
    }

    /** What happens to a broker. */
    private enum Outage {
        KILLED {
            @Override
            void begin(Broker broker) {
                broker.crash();
            }

            @Override
            void end(Broker broker) {
                broker.startAgain();
            }
        },
        PAUSED {
            @Override
            void begin(Broker broker) {
                broker.freeze();
            }

            @Override
            void end(Broker broker) {
                broker.thaw();
            }
        },
        /** Nobody reaches it, and it reaches nobody. */
        CUT_OFF {
            @Override
            void begin(Broker broker) {
                broker.leavePeers();
                broker.leaveClients();
            }

            @Override
            void end(Broker broker) {
                broker.joinClients();
                broker.joinPeers();
            }
        };

        abstract void begin(Broker broker);

        abstract void end(Broker broker);
    }

    /**
     * A broker leads on, as it believes: clients reach it, its peers don't, and lead in its place. Instances without states,
     * to which this broker was named, restore them; one of three asks it where the changelog ends. (An instance's own
     * transactions may be coordinated there. Then it stands still until the broker is back.)
     */
    @Test
    @EnabledIfSystemProperty(
            named = "crash.duration",
            matches = ".+",
            disabledReason = "takes more than a minute: docs/proof.md#a-leader-that-no-longer-leads")
    void shouldRestoreNoOldStatesFromALeaderThatNoLongerLeads() throws Exception {
        try (CheckedTraffic traffic = traffic("leaders", 1)) {
            run(traffic, "one");
            traffic.awaitProgress(SOME);
            // Of the changelog's partitions each broker leads some. What coordinates would let nothing be committed.
            Broker broker = cluster.otherThan(traffic.coordinators());
            broker.leavePeers();
            // Others lead, and their states go on.
            traffic.awaitProgress(OF_ALL_PARTITIONS);
            for (String heir : List.of("two", "three", "four")) {
                instances.get(instances.size() - 1).crash();
                Properties config = settings(traffic);
                config.setProperty("bootstrap.servers", broker.forClients());
                start(instance(heir, config).patient());
                traffic.awaitReaders(Set.of(heir));
                traffic.awaitProgress(SOME, STANDSTILL);
            }
            broker.joinPeers();
            traffic.await("all replicas in sync", () -> cluster.keepsInSync(traffic.events(), BROKERS));
            traffic.awaitProgress(SOME);
            check(traffic);
        }
    }

    @Test
    void shouldGiveEveryEventItsResultOnceWhileInstancesAreReplacedAndRestarted() throws Exception {
        try (CheckedTraffic traffic = traffic("instances", 2)) {
            run(traffic, "one", "two");

            // Killed, and replaced by one with an empty disk.
            ApplicationContainer victim = instances.get(0);
            traffic.await("a transaction to cut", () -> victim.hasOpenTransaction(traffic));
            victim.crash();
            run(traffic, "three");
            instances.remove(victim);
            victim.stop();
            traffic.awaitReaders(names());
            traffic.awaitProgress(SOME);

            // One after the other, each with its own disk.
            for (ApplicationContainer instance : instances) {
                traffic.await("work to be ended", () -> instance.hasOpenTransaction(traffic));
                assertThat(instance.terminate()).as(instance::getLogs).isEqualTo(TERMINATED);
                assertThat(instance.getLogs()).contains(FAREWELL);
                instance.startAgain();
                traffic.awaitReaders(names());
                traffic.awaitProgress(SOME);
            }
            check(traffic);
        }
    }

    @Test
    void shouldScoreOverTlsAndSaslWhateverTheCompression() throws Exception {
        cluster.allow("sequitur", "right");
        try (CheckedTraffic traffic = traffic("secured", 3)) {
            ApplicationContainer instance = instance("one", secured(traffic, "right"));
            start(instance);
            // The natives of the codecs can't be unpacked in the container either.
            for (String compression : List.of("none", "gzip", "snappy", "lz4", "zstd")) {
                traffic.compressed(compression);
                traffic.awaitProgress(SOME);
            }
            check(traffic);
            traffic.await("health", () -> instance.health().equals("healthy"));
            ExecResult elsewhere = instance.execInContainer("env", "SEQUITUR_HTTP_LISTEN=127.0.0.1:1", "healthcheck");
            assertThat(elsewhere.getStdout()).isEqualTo("nothing listens on 127.0.0.1:1\n");
            assertThat(elsewhere.getExitCode()).isEqualTo(1);
        }
    }

    @Test
    void shouldRefuseToRunWithAWrongPasswordAndSayWhatToCheck() throws Exception {
        cluster.allow("sequitur", "right");
        try (CheckedTraffic traffic = traffic("refused", 4)) {
            ApplicationContainer instance = instance("one", secured(traffic, "wrong"));
            start(instance.refused());
            assertThat(instance.awaitExit()).isEqualTo(1);
            assertThat(instance.getLogs())
                    .contains("refused the login: Authentication failed during authentication due to invalid"
                            + " credentials with SASL mechanism SCRAM-SHA-512. Check security.protocol, sasl.mechanism,"
                            + " sasl.jaas.config and the certificates")
                    .doesNotContain("wrong", "\tat ");
        }
    }

    @Test
    void shouldReadAndWriteTheWireFormatOfARegistryAndGoOnWithoutItOnceItKnowsTheSchemas() throws Exception {
        try (RegistryContainer registry = new RegistryContainer(cluster.network())) {
            registry.start();
            ConfluentFormat format = new ConfluentFormat(
                    registry,
                    "framed-events",
                    new EventBytes(bundle.spec()).schema().schema());
            try (CheckedTraffic traffic = traffic("framed", 5, format)) {
                Properties config = settings(traffic);
                config.setProperty("sequitur.input.format", "confluent");
                config.setProperty("sequitur.output.format", "confluent");
                config.setProperty("sequitur.registry.url", RegistryContainer.networkUrl());
                start(instance("one", config));
                traffic.awaitProgress(SOME);
                registry.freeze();
                traffic.awaitProgress(SOME);
                registry.thaw();
                check(traffic);
            }
        }
    }

    private CheckedTraffic traffic(String application, long seed) throws Exception {
        return traffic(application, seed, WireFormat.SINGLE_OBJECT);
    }

    private CheckedTraffic traffic(String application, long seed, WireFormat format) throws Exception {
        return new CheckedTraffic(
                cluster.bootstrapServers(),
                application,
                PARTITIONS,
                BROKERS,
                bundle,
                bundleDirectory,
                seed,
                format,
                this::logs);
    }

    /** Starts instances more, and returns when all read something. */
    private void run(CheckedTraffic traffic, String... names) throws IOException {
        for (String name : names) {
            start(instance(name, settings(traffic)));
        }
    }

    private static Properties settings(CheckedTraffic traffic) {
        Properties config = traffic.settings();
        config.setProperty("bootstrap.servers", cluster.networkServers());
        return config;
    }

    private ApplicationContainer instance(String name, Properties config) throws IOException {
        // What is gone is missed after seconds.
        config.setProperty("session.timeout.ms", "6000");
        config.setProperty("heartbeat.interval.ms", "1000");
        config.setProperty("request.timeout.ms", "3000");
        // Who leads is asked often; for the restoration as often as it is by default.
        config.setProperty("main.consumer.metadata.max.age.ms", "3000");
        // A newcomer gets work at once, however much it has to restore first.
        config.setProperty("acceptable.recovery.lag", Long.toString(Long.MAX_VALUE));
        // Many batches to a poll, and many commits.
        config.setProperty("sequitur.batch.max-events", "20");
        return new ApplicationContainer(
                name, cluster.network(), bundleDirectory, Files.createTempDirectory(dir, "config-"), config);
    }

    private void check(CheckedTraffic traffic) throws Exception {
        List<String> problems = traffic.problems();
        assertThat(problems).as(this::logs).isEmpty();
    }

    private String logs() {
        return instances.stream()
                .map(instance -> "--- " + instance.name() + ":\n" + instance.getLogs())
                .collect(Collectors.joining("\n"));
    }

    private Properties secured(CheckedTraffic traffic, String password) {
        Properties config = traffic.settings();
        config.setProperty("bootstrap.servers", cluster.securedServers());
        config.setProperty("security.protocol", "SASL_SSL");
        config.setProperty("sasl.mechanism", "SCRAM-SHA-512");
        config.setProperty(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"sequitur\" password=\""
                        + password + "\";");
        config.setProperty("ssl.truststore.type", "PEM");
        config.setProperty("ssl.truststore.certificates", cluster.certificate());
        return config;
    }

    private void start(ApplicationContainer instance) {
        instances.add(instance);
        instance.start();
    }

    private Set<String> names() {
        return instances.stream().map(ApplicationContainer::name).collect(Collectors.toCollection(TreeSet::new));
    }

    private boolean anyHasOpenTransaction(CheckedTraffic traffic) {
        return instances.stream().anyMatch(instance -> instance.hasOpenTransaction(traffic));
    }
}
