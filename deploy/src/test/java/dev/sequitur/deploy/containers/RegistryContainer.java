package dev.sequitur.deploy.containers;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.apache.avro.Schema;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.utility.DockerImageName;

/** A schema registry: Apicurio's, which speaks Confluent's API. */
final class RegistryContainer extends GenericContainer<RegistryContainer> {
    private static final int PORT = 8080;
    private static final String API = "/apis/ccompat/v7";
    private static final String NAME = "registry";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();

    RegistryContainer() {
        super(DockerImageName.parse(Image.REGISTRY.reference()));
        withExposedPorts(PORT);
        withLabels(TestRun.labels());
        waitingFor(Wait.forHttp(API + "/subjects").forPort(PORT).withStartupTimeout(Duration.ofSeconds(120)));
    }

    RegistryContainer(Network network) {
        this();
        withNetwork(network);
        withNetworkAliases(NAME);
    }

    /** For clients on this machine. */
    String url() {
        return "http://" + getHost() + ":" + getMappedPort(PORT) + API;
    }

    /** For clients in its network. */
    static String networkUrl() {
        return "http://" + NAME + ":" + PORT + API;
    }

    /** The id under which the subject has the schema now. */
    int register(String subject, Schema schema) throws IOException, InterruptedException {
        String body = JSON.createObjectNode().put("schema", schema.toString()).toString();
        return ask(request("/subjects/" + subject + "/versions")
                        .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                        .POST(BodyPublishers.ofString(body)))
                .required("id")
                .intValue();
    }

    /** The schema of an id. */
    Schema schema(int id) throws IOException, InterruptedException {
        return new Schema.Parser()
                .parse(ask(request("/schemas/ids/" + id)).required("schema").textValue());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create(url() + path));
    }

    private JsonNode ask(HttpRequest.Builder request) throws IOException, InterruptedException {
        return JSON.readTree(http.send(request.build(), BodyHandlers.ofString()).body());
    }

    /** Stops the clock of its process. */
    void freeze() {
        TestRun.engine().pauseContainerCmd(getContainerId()).exec();
    }

    /** After {@link #freeze}. */
    void thaw() {
        TestRun.engine().unpauseContainerCmd(getContainerId()).exec();
    }
}
