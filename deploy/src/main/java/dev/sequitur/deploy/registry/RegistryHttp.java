package dev.sequitur.deploy.registry;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sequitur.topology.registry.SchemaRegistryException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Requests to a registry, tried again until one of its URLs has answered or patience ends: after errors of the
 * connection, 408, 429 and 5xx, and what isn't a registry's answer. Between two rounds over the URLs lies a pause that
 * doubles up to two seconds, of which a random part up to a half is left out.
 *
 * <p>Threading: safe for use by many threads.
 */
final class RegistryHttp {
    private static final Logger LOG = LoggerFactory.getLogger(RegistryHttp.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CONTENT_TYPE = "application/vnd.schemaregistry.v1+json";
    private static final long FIRST_PAUSE_MS = 100;
    private static final long LONGEST_PAUSE_MS = 2000;
    private static final int SHOWN = 200;

    private final HttpClient client;
    private final List<URI> urls;
    private final Credentials credentials;
    private final Duration requestTimeout;
    private final Duration patience;
    /** The URL that answered last. */
    private final AtomicInteger current = new AtomicInteger();

    RegistryHttp(RegistryConfig config) {
        urls = config.urls();
        credentials = config.credentials();
        requestTimeout = config.requestTimeout();
        patience = config.patience();
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NORMAL)
                .connectTimeout(config.connectTimeout());
        if (urls.stream().anyMatch(url -> url.getScheme().equalsIgnoreCase("https"))) {
            builder.sslContext(TlsContext.of(config.trustStore(), config.keyStore(), config.keyPassword()));
        }
        client = builder.build();
    }

    /**
     * What a registry has answered.
     *
     * @param body an object where the status isn't 2xx: it has an error code
     */
    record Answer(int status, JsonNode body) {
        boolean ok() {
            return status / 100 == 2;
        }

        /** Whether what was asked for isn't there. */
        boolean missing() {
            return status == 404;
        }

        boolean forbidden() {
            return status == 401 || status == 403;
        }

        String message() {
            String text = body.path("message").asText("no message");
            return status + ", " + (text.length() > SHOWN ? text.substring(0, SHOWN) + "…" : text);
        }
    }

    /** Asks what can't change: a refused login is tried again too, since the credentials may be renewed meanwhile. */
    Answer askPatiently(String path) {
        return send("GET", path, null, true);
    }

    /** @param body null for none */
    Answer ask(String method, String path, JsonNode body) {
        return send(method, path, body, false);
    }

    /** @throws SchemaRegistryException when patience ends without an answer */
    private Answer send(String method, String path, JsonNode body, boolean patientWithRefusals) {
        long deadline = System.nanoTime() + patience.toNanos();
        // What is left at the end is too short for an answer, and its timeout would hide what was wrong.
        long leastNanos = Math.min(requestTimeout.toNanos(), patience.toNanos() / 4);
        long pauseMs = FIRST_PAUSE_MS;
        for (int attempt = 1; ; attempt++) {
            int index = Math.floorMod(current.get(), urls.size());
            URI url = urls.get(index);
            String problem;
            Exception cause = null;
            try {
                Answer answer = send(url, method, path, body, Math.max(1, deadline - System.nanoTime()));
                if (!retried(answer) && !(patientWithRefusals && answer.forbidden())) {
                    return answer;
                }
                problem = answer.message();
            } catch (IOException e) {
                problem = said(e);
                cause = e;
            }
            current.compareAndSet(index, (index + 1) % urls.size());
            boolean round = attempt % urls.size() == 0;
            long pauseNanos = round ? jittered(pauseMs) : 0;
            if (deadline - System.nanoTime() - pauseNanos < leastNanos) {
                throw new SchemaRegistryException(
                        "The schema registry at " + url + " gave no usable answer within " + patience.toMillis()
                                + " ms, "
                                + attempt + (attempt == 1 ? " attempt" : " attempts") + " (" + problem + "). Check "
                                + RegistryConfig.URL + ", that the registry runs, and the login and TLS settings of"
                                + " sequitur.registry",
                        cause);
            }
            if (attempt == 1) {
                LOG.warn(
                        "The schema registry at {} gives no usable answer ({}); asking again for {} ms",
                        url,
                        problem,
                        patience.toMillis());
            }
            if (round) {
                pause(pauseNanos);
                pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
            }
        }
    }

    private static boolean retried(Answer answer) {
        return answer.status == 408 || answer.status == 429 || answer.status >= 500;
    }

    private static long jittered(long pauseMs) {
        return (long) (pauseMs * 1e6 * ThreadLocalRandom.current().nextDouble(0.5, 1));
    }

    private static void pause(long nanos) {
        try {
            Thread.sleep(Duration.ofNanos(nanos).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SchemaRegistryException("Interrupted while waiting for the schema registry", e);
        }
    }

    private Answer send(URI url, String method, String path, JsonNode body, long nanos) throws IOException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofNanos(Math.min(nanos, requestTimeout.toNanos())))
                .header("Accept", CONTENT_TYPE + ", application/json");
        credentials.authorization().ifPresent(header -> request.header("Authorization", header));
        if (body == null) {
            request.method(method, BodyPublishers.noBody());
        } else {
            request.header("Content-Type", CONTENT_TYPE).method(method, BodyPublishers.ofString(body.toString()));
        }
        HttpResponse<String> response;
        try {
            response = client.send(request.build(), BodyHandlers.ofString(StandardCharsets.UTF_8));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SchemaRegistryException("Interrupted while asking the schema registry", e);
        }
        return answer(response.statusCode(), response.body());
    }

    /** @throws IOException when it isn't a registry's: a proxy or another service stands at this address */
    private static Answer answer(int status, String text) throws IOException {
        JsonNode body;
        try {
            body = JSON.readTree(text);
        } catch (JsonProcessingException e) {
            body = JSON.missingNode();
        }
        Answer answer = new Answer(status, body);
        // 404xx says what isn't there, and 404 alone that there is no such path.
        boolean complete = answer.ok()
                ? body.isContainerNode()
                : body.has("error_code") && body.get("error_code").asInt() != 404;
        if (complete || answer.forbidden() || retried(answer)) {
            return answer;
        }
        throw new IOException("status " + status + " without the JSON of a schema registry");
    }

    private static String said(IOException e) {
        if (e instanceof ConnectException && e.getMessage() == null) {
            // That is all that Java says of a port where nothing listens.
            return "connection refused";
        }
        Throwable cause = e;
        while (cause.getMessage() == null && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? e.getClass().getSimpleName() : cause.getMessage();
    }
}
