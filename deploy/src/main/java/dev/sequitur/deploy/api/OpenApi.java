package dev.sequitur.deploy.api;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;

/** The API's own description, {@code openapi.json} of the class path. */
final class OpenApi {
    private OpenApi() {}

    static ObjectNode read() {
        try (InputStream in = OpenApi.class.getResourceAsStream("/api/openapi.json")) {
            return (ObjectNode) new JsonMapper().readTree(in);
        } catch (IOException e) {
            throw new IllegalStateException("the API's description is packed with this class", e);
        }
    }
}
