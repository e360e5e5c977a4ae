package dev.sequitur.deploy.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sequitur.deploy.registry.RegistryHttp.Answer;
import dev.sequitur.deploy.terminal.UserException;
import dev.sequitur.topology.registry.SchemaRegistry;
import dev.sequitur.topology.registry.SchemaRegistryException;
import dev.sequitur.topology.registry.UnknownSchemaException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.NameValidator;
import org.apache.avro.Schema;

/**
 * Any registry that speaks the API of Confluent's: Confluent, Apicurio ({@code /apis/ccompat/v7}), Karapace, Redpanda.
 * What an id stands for never changes, so it is asked once; that there is nothing under an id is remembered for
 * {@value #UNKNOWN_SECONDS} s.
 *
 * @see <a href="https://docs.confluent.io/platform/current/schema-registry/develop/api.html">the API</a>
 *     <p>Threading: safe for use by many threads.
 */
public final class RegistryClient implements SchemaRegistry {
    static final int UNKNOWN_SECONDS = 30;
    /** Damaged bytes may name any id. */
    private static final int MOST_UNKNOWN = 10_000;

    private final RegistryHttp http;
    private final boolean autoRegister;
    private final boolean normalize;
    private final Map<Integer, Schema> schemas = new ConcurrentHashMap<>();
    private final Map<Integer, Unknown> unknown = new ConcurrentHashMap<>();

    private record Unknown(String message, long atNanos) {
        boolean fresh() {
            return System.nanoTime() - atNanos
                    < Duration.ofSeconds(UNKNOWN_SECONDS).toNanos();
        }
    }

    /** @throws UserException when the configuration doesn't fit */
    public RegistryClient(RegistryConfig config) {
        http = new RegistryHttp(config);
        autoRegister = config.autoRegister();
        normalize = config.normalize();
    }

    /** @throws SchemaRegistryException when no registry answers, or it refuses the login */
    public void requireReachable() {
        requireAllowed(http.ask("GET", "/schemas/types", null));
    }

    @Override
    public Schema schema(int id) throws UnknownSchemaException {
        Schema known = schemas.get(id);
        if (known != null) {
            return known;
        }
        Unknown missing = unknown.get(id);
        if (missing != null && missing.fresh()) {
            throw new UnknownSchemaException(missing.message);
        }
        try {
            Schema schema = parse(id, http.askPatiently("/schemas/ids/" + id));
            schemas.put(id, schema);
            unknown.remove(id);
            return schema;
        } catch (UnknownSchemaException e) {
            if (unknown.size() >= MOST_UNKNOWN) {
                unknown.clear();
            }
            unknown.put(id, new Unknown(e.getMessage(), System.nanoTime()));
            throw e;
        }
    }

    private Schema parse(int id, Answer answer) throws UnknownSchemaException {
        if (answer.missing()) {
            throw new UnknownSchemaException("the schema registry has no schema of the id " + id + " ("
                    + answer.message() + "); check that the event was written with the same registry");
        }
        requireOk(answer, "the schema of the id " + id);
        String type = answer.body().path("schemaType").asText("AVRO");
        if (!type.equals("AVRO")) {
            throw new UnknownSchemaException("the schema of the id " + id + " is of type " + type + ", expected AVRO");
        }
        // A schema that others have registered may break rules of naming that reading doesn't need.
        Schema.Parser parser = new Schema.Parser(NameValidator.NO_VALIDATION).setValidateDefaults(false);
        addReferences(answer.body(), parser, new HashSet<>());
        try {
            return parser.parse(answer.body().path("schema").asText());
        } catch (AvroRuntimeException e) {
            throw new UnknownSchemaException("the schema of the id " + id + " can't be read: " + e.getMessage());
        }
    }

    /** Depth first: what a schema refers to has to be known before it. */
    private void addReferences(JsonNode schema, Schema.Parser parser, Set<String> added) throws UnknownSchemaException {
        for (JsonNode reference : schema.path("references")) {
            String subject = reference.path("subject").asText();
            String version = reference.path("version").asText();
            String path = "/subjects/" + encoded(subject) + "/versions/" + encoded(version);
            if (!added.add(path)) {
                continue;
            }
            Answer answer = http.askPatiently(path);
            String what = "version " + version + " of subject '" + subject + "', which the event's schema refers to";
            if (answer.missing()) {
                throw new UnknownSchemaException("the schema registry lacks " + what + " (" + answer.message() + ")");
            }
            requireOk(answer, what);
            addReferences(answer.body(), parser, added);
            try {
                parser.parse(answer.body().path("schema").asText());
            } catch (AvroRuntimeException e) {
                throw new UnknownSchemaException(what + " can't be read: " + e.getMessage());
            }
        }
    }

    @Override
    public int id(String subject, Schema schema) {
        String path = "/subjects/" + encoded(subject) + (autoRegister ? "/versions" : "")
                + (normalize ? "?normalize=true" : "");
        JsonNode body = JsonNodeFactory.instance.objectNode().put("schema", schema.toString());
        Answer answer = http.ask("POST", path, body);
        requireAllowed(answer);
        String what = "the schema of " + schema.getFullName() + " under the subject '" + subject + "'";
        if (answer.status() == 409) {
            throw new SchemaRegistryException("The schema registry refuses " + what + ", since it isn't compatible with"
                    + " an earlier one (" + answer.message() + "). Write to another topic, give the subject another"
                    + " compatibility level, or delete what stands there");
        }
        if (answer.missing() && !autoRegister) {
            throw new SchemaRegistryException("The schema registry doesn't have " + what + " (" + answer.message()
                    + "). Register it, or let it be registered with " + RegistryConfig.AUTO_REGISTER + "=true");
        }
        requireOk(answer, what);
        JsonNode id = answer.body().path("id");
        if (!id.canConvertToInt() || !id.isIntegralNumber()) {
            throw new SchemaRegistryException(
                    "The schema registry answered without an id for " + what + "; check " + RegistryConfig.URL);
        }
        return id.intValue();
    }

    private static void requireAllowed(Answer answer) {
        if (answer.forbidden()) {
            throw new SchemaRegistryException("The schema registry refused the login (" + answer.message()
                    + "). Check basic.auth.user.info, bearer.auth.token or bearer.auth.token.file of sequitur.registry,"
                    + " and what that user may do");
        }
    }

    private static void requireOk(Answer answer, String what) {
        if (!answer.ok()) {
            throw new SchemaRegistryException(
                    "The schema registry refused " + what + " (" + answer.message() + "). Its log may say more");
        }
    }

    private static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
