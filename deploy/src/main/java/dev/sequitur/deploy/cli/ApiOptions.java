package dev.sequitur.deploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sequitur.deploy.terminal.UserException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import picocli.CommandLine.Option;

/** A running application, asked over HTTP. */
final class ApiOptions {
    private static final String TOKEN_VARIABLE = "SEQUITUR_HTTP_TOKEN";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final JsonMapper JSON = new JsonMapper();

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8080",
            description = "A running application, any of its instances. Default: ${DEFAULT-VALUE}.")
    private URI url;

    @Option(
            names = "--token",
            paramLabel = "TOKEN",
            description = "Where it wants one (sequitur.http.token). Default: the variable " + TOKEN_VARIABLE + ".")
    private String token;

    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(PATIENCE).build();

    /** The key as a part of a path. */
    static String encoded(String key) {
        return URLEncoder.encode(key, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /**
     * What it answers.
     *
     * @param path behind {@code /api/v1}
     * @throws UserException when it says no, in its words, or nobody answers
     */
    JsonNode get(String path, Map<String, String> environment) throws InterruptedException {
        URI address;
        HttpRequest.Builder request;
        try {
            address = URI.create(url.toString().replaceFirst("/+$", "") + "/api/v1" + path);
            request = HttpRequest.newBuilder(address).timeout(PATIENCE);
        } catch (IllegalArgumentException e) {
            throw new UserException("--url must be like http://127.0.0.1:8080, got '" + url + "'", e);
        }
        String known = token == null ? environment.getOrDefault(TOKEN_VARIABLE, "") : token;
        if (!known.isEmpty()) {
            request.header("Authorization", "Bearer " + known);
        }
        HttpResponse<byte[]> answer;
        try {
            answer = client.send(request.build(), BodyHandlers.ofByteArray());
        } catch (IOException e) {
            throw new UserException(
                    "No application answers at " + url + ": "
                            + (e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage())
                            + ". Give the URL of a running one with --url, as `sequitur run` and `sequitur demo` print"
                            + " it",
                    e);
        }
        JsonNode json;
        try {
            json = JSON.readTree(answer.body());
        } catch (IOException e) {
            throw noApi(answer.statusCode(), e);
        }
        if (answer.statusCode() == 200 && json.isObject()) {
            return json;
        }
        JsonNode error = json.path("error");
        if (!error.path("what").isTextual()) {
            throw noApi(answer.statusCode(), null);
        }
        throw new UserException(words(error));
    }

    private UserException noApi(int status, Exception cause) {
        return new UserException(
                url + " answered with status " + status + " and no JSON of a Sequitur application; give another --url",
                cause);
    }

    private static String words(JsonNode error) {
        StringBuilder words = new StringBuilder(error.path("what").asText());
        if (error.path("expected").isTextual()) {
            words.append(": expected ").append(error.path("expected").asText());
        }
        if (error.path("got").isTextual()) {
            words.append(", got ").append(error.path("got").asText());
        }
        if (error.path("do").isTextual()) {
            words.append(". ").append(error.path("do").asText());
        }
        return words.toString();
    }
}
