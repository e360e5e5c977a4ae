package dev.sequitur.deploy.containers;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.CreateNetworkCmd;
import java.util.Map;
import java.util.function.Consumer;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Network;

/** What the containers and networks of a test run have in common. */
final class TestRun {
    private TestRun() {}

    /** Whoever started the run finds by it what a killed JVM leaves behind. */
    static Map<String, String> labels() {
        String run = System.getenv("SEQUITUR_TEST_RUN");
        return run == null ? Map.of() : Map.of("dev.sequitur.test-run", run);
    }

    static Network network(Consumer<CreateNetworkCmd> more) {
        return Network.builder()
                .createNetworkCmdModifier(command -> {
                    command.withLabels(labels());
                    more.accept(command);
                })
                .build();
    }

    static DockerClient engine() {
        return DockerClientFactory.instance().client();
    }
}
