package dev.sequitur.deploy.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.registry.SchemaRegistryException;
import dev.sequitur.topology.registry.UnknownSchemaException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.UUID;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.Test;

/** What the client relies on in any registry. Subjects are new in each test, so that it may be any registry indeed. */
public abstract class RegistryContract {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String unique = UUID.randomUUID().toString().replace("-", "");

    /** Base URL of a registry that is up, without a login. */
    protected abstract String url();

    private RegistryClient client(String... more) {
        return new RegistryClient(RegistryConfigs.at(url(), more));
    }

    private Schema schema(String... fields) {
        SchemaBuilder.FieldAssembler<Schema> record =
                SchemaBuilder.record("r" + unique).namespace("contract").fields();
        for (String field : fields) {
            record.requiredInt(field);
        }
        return record.endRecord();
    }

    private String subject(String name) {
        // What a URL has to have encoded; a slash is one registry's and not the other's.
        return name + " " + unique + "-value";
    }

    /** Past the client. */
    private JsonNode post(String path, JsonNode body) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create(url() + path))
                .header("Content-Type", "application/vnd.schemaregistry.v1+json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build();
        String answer = HttpClient.newHttpClient()
                .send(request, BodyHandlers.ofString())
                .body();
        return JSON.readTree(answer);
    }

    @Test
    void shouldBeReachable() {
        client().requireReachable();
    }

    @Test
    void shouldRegisterOnceAndFindByIdWhatWasRegistered() throws Exception {
        int id = client().id(subject("a"), schema("x"));
        assertThat(client().id(subject("a"), schema("x"))).isEqualTo(id);
        assertThat(client().schema(id)).isEqualTo(schema("x"));
    }

    @Test
    void shouldTakeTheSchemasOfResults() throws Exception {
        int id = client().id(subject("scores"), Score.getClassSchema());
        assertThat(client().schema(id)).isEqualTo(Score.getClassSchema());
    }

    @Test
    void shouldGiveOtherSchemasOtherIds() throws Exception {
        int first = client().id(subject("a"), schema("x"));
        int second = client().id(subject("b"), schema("x", "y"));
        assertThat(second).isNotEqualTo(first);
        assertThat(client().schema(second)).isEqualTo(schema("x", "y"));
    }

    @Test
    void shouldFindWithoutRegisteringWhereItMayNot() {
        RegistryClient reader = client("auto.register", "false");
        assertThatThrownBy(() -> reader.id(subject("a"), schema("x")))
                .isInstanceOf(SchemaRegistryException.class)
                .hasMessageContaining(subject("a"))
                .hasMessageContaining("auto.register");
        int id = client().id(subject("a"), schema("x"));
        assertThat(reader.id(subject("a"), schema("x"))).isEqualTo(id);
        assertThatThrownBy(() -> reader.id(subject("a"), schema("y"))).isInstanceOf(SchemaRegistryException.class);
    }

    @Test
    void shouldAcceptToBeAskedForNormalizedSchemas() {
        int id = client("normalize", "true").id(subject("a"), schema("x"));
        assertThat(client("normalize", "true", "auto.register", "false").id(subject("a"), schema("x")))
                .isEqualTo(id);
    }

    @Test
    void shouldSayThatAnIdIsUnknown() {
        assertThatThrownBy(() -> client().schema(2_000_000_000))
                .isInstanceOf(UnknownSchemaException.class)
                .hasMessageContaining("2000000000");
    }

    @Test
    void shouldPutTogetherASchemaThatRefersToOthers() throws Exception {
        String inner = subject("inner");
        client().id(inner, schema("x"));
        ObjectNode outer = JSON.createObjectNode()
                .put(
                        "schema",
                        "{\"type\":\"record\",\"name\":\"o" + unique + "\",\"fields\":[{\"name\":\"inner\",\"type\":"
                                + "\"contract.r" + unique + "\"}]}");
        outer.putArray("references")
                .addObject()
                .put("name", "contract.r" + unique)
                .put("subject", inner)
                .put("version", 1);
        int id =
                post("/subjects/outer" + unique + "/versions", outer).path("id").asInt();
        assertThat(client().schema(id).getField("inner").schema()).isEqualTo(schema("x"));
    }

    @Test
    void shouldNotTakeAnotherKindOfSchemaForAvro() throws Exception {
        ObjectNode json = JSON.createObjectNode()
                .put(
                        "schema",
                        "{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"type\":\"object\",\"title\":\"t"
                                + unique + "\"}")
                .put("schemaType", "JSON");
        int id = post("/subjects/json" + unique + "/versions", json).path("id").asInt();
        assertThatThrownBy(() -> client().schema(id))
                .isInstanceOf(UnknownSchemaException.class)
                .hasMessageContaining("JSON");
    }
}
