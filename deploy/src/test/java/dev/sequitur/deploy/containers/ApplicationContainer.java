package dev.sequitur.deploy.containers;

import com.github.dockerjava.api.model.AccessMode;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.Volume;
import dev.sequitur.deploy.integration.CheckedTraffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** The application's image at work as an operator should run it: a read-only root, no capabilities, no way to get any. */
final class ApplicationContainer extends GenericContainer<ApplicationContainer> {
    private static final String STATE = "/var/lib/sequitur/";
    private static final String CONFIG = "/etc/sequitur/sequitur.properties";
    private static final Duration START = Duration.ofSeconds(120);
    private static final int STOP_S = 60;
    private static final long CHECK_NANOS = 1_000_000_000L;
    private static final long CHECK_TIMEOUT_NANOS = 10 * CHECK_NANOS;

    private final String name;
    private final Properties config;

    /**
     * @param name its client.id
     * @param bundle directory that everybody may read
     * @param directory for the configuration file; of this instance alone
     */
    ApplicationContainer(String name, Network network, Path bundle, Path directory, Properties config)
            throws IOException {
        super(DockerImageName.parse(Image.SEQUITUR.reference()));
        this.name = name;
        this.config = new Properties();
        this.config.putAll(config);
        this.config.setProperty("client.id", name);
        this.config.setProperty("sequitur.bundle", "/models/tiny");
        Path file = directory.resolve(name + ".properties");
        try (var writer = Files.newBufferedWriter(file)) {
            this.config.store(writer, null);
        }
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        withNetwork(network);
        withLabels(TestRun.labels());
        // What runs for a minute is compiled lightly.
        withEnv("JAVA_OPTS", "-Xmx256m -XX:+UseSerialGC -XX:TieredStopAtLevel=1");
        withCommand("run", "--config", CONFIG);
        // The image's own check, more often.
        withCreateContainerCmdModifier(command -> command.withHealthcheck(
                new HealthCheck().withInterval(CHECK_NANOS).withTimeout(CHECK_TIMEOUT_NANOS)));
        withCreateContainerCmdModifier(command -> command.getHostConfig()
                .withReadonlyRootfs(true)
                .withTmpFs(Map.of("/tmp", ""))
                .withCapDrop(Capability.ALL)
                .withSecurityOpts(List.of("no-new-privileges"))
                .withBinds(
                        new Bind(bundle.toString(), new Volume("/models/tiny"), AccessMode.ro),
                        new Bind(file.toString(), new Volume(CONFIG), AccessMode.ro)));
        waitingFor(Wait.forLogMessage("scoring " + config.getProperty("sequitur.input.topic") + " .*", 1)
                .withStartupTimeout(START));
    }

    String name() {
        return name;
    }

    /** For one that shall not come to score: {@link #start} returns once it says why. */
    ApplicationContainer refused() {
        waitingFor(Wait.forLogMessage("sequitur: .*", 1).withStartupTimeout(START));
        return this;
    }

    /** For one that may have to wait before it can score: {@link #start} returns once it has begun to. */
    ApplicationContainer patient() {
        waitingFor(Wait.forLogMessage("health and metrics at .*", 1).withStartupTimeout(START));
        return this;
    }

    boolean hasOpenTransaction(CheckedTraffic traffic) {
        String file = STATE + config.getProperty("application.id") + "/kafka-streams-process-metadata";
        try {
            ExecResult cat = execInContainer("cat", file);
            return cat.getExitCode() == 0 && traffic.hasOpenTransaction(cat.getStdout());
        } catch (IOException e) {
            throw new AssertionError(file + " can't be read in " + name, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** SIGKILL. */
    void crash() {
        TestRun.engine().killContainerCmd(getContainerId()).exec();
    }

    /** SIGTERM, as an orchestrator ends it; the exit code once it has ended by itself. */
    int terminate() {
        TestRun.engine()
                .killContainerCmd(getContainerId())
                .withSignal("SIGTERM")
                .exec();
        return awaitExit();
    }

    /** Its exit code, once it has ended. */
    int awaitExit() {
        return TestRun.engine().waitContainerCmd(getContainerId()).start().awaitStatusCode(STOP_S, TimeUnit.SECONDS);
    }

    /** With the states of its volume, after {@link #terminate}. */
    void startAgain() {
        TestRun.engine().startContainerCmd(getContainerId()).exec();
    }

    /** What the engine finds by the image's health check. */
    String health() {
        return TestRun.engine()
                .inspectContainerCmd(getContainerId())
                .exec()
                .getState()
                .getHealth()
                .getStatus();
    }
}
