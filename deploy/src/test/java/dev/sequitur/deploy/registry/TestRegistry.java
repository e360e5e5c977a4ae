package dev.sequitur.deploy.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * A schema registry in memory that speaks Confluent's API, as far as a client of ours asks, and fails as it is told to.
 *
 * <p>Threading: safe for use by many threads.
 */
public final class TestRegistry implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** An answer in place of the right one; of the status 0, none: the connection is closed. */
    public record Fault(int status, String body) {
        static Fault of(int status) {
            return new Fault(status, "{\"error_code\":" + status + "00,\"message\":\"as the test wants it\"}");
        }
    }

    private final SSLContext tls;
    private final boolean clientCertificate;
    private HttpServer server;
    private ExecutorService threads;
    private int port;

    private final List<String> requests = new ArrayList<>();
    private final Deque<Fault> faults = new ArrayDeque<>();
    private final Map<Integer, ObjectNode> schemas = new HashMap<>();
    private final Map<String, List<Integer>> subjects = new HashMap<>();
    private final Set<String> frozen = new HashSet<>();
    private String authorization;

    private TestRegistry(SSLContext tls, boolean clientCertificate) {
        this.tls = tls;
        this.clientCertificate = clientCertificate;
        listen();
    }

    public static TestRegistry start() {
        return new TestRegistry(null, false);
    }

    static TestRegistry startTls(SSLContext tls, boolean clientCertificate) {
        return new TestRegistry(tls, clientCertificate);
    }

    private void listen() {
        try {
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
            if (tls == null) {
                server = HttpServer.create(address, 0);
            } else {
                HttpsServer https = HttpsServer.create(address, 0);
                https.setHttpsConfigurator(new HttpsConfigurator(tls) {
                    @Override
                    public void configure(HttpsParameters parameters) {
                        SSLParameters ssl = tls.getDefaultSSLParameters();
                        ssl.setNeedClientAuth(clientCertificate);
                        parameters.setSSLParameters(ssl);
                    }
                });
                server = https;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads = Executors.newCachedThreadPool();
        server.setExecutor(threads);
        server.createContext("/", this::handle);
        server.start();
        port = server.getAddress().getPort();
    }

    public String url() {
        return (tls == null ? "http" : "https") + "://localhost:" + port;
    }

    /** Nothing listens at the address. */
    public void goDown() {
        server.stop(0);
        threads.shutdownNow();
    }

    /** With all that it knew, at the address that it had. */
    public void comeBack() {
        listen();
    }

    /** The next requests get these answers. */
    synchronized void failNext(Fault... answers) {
        faults.addAll(List.of(answers));
    }

    /** What the {@code Authorization} header has to be. */
    synchronized void require(String header) {
        authorization = header;
    }

    /** No other schema is compatible with those that the subject has. */
    public synchronized void freeze(String subject) {
        frozen.add(subject);
    }

    /** Method and path of each request. */
    public synchronized List<String> requests() {
        return List.copyOf(requests);
    }

    /** Under an id of the test's choice. */
    public synchronized void put(int id, ObjectNode schema) {
        schemas.put(id, schema);
    }

    public void put(int id, String avro) {
        put(id, JSON.createObjectNode().put("schema", avro));
    }

    /** The schema of an id, as it was registered. */
    public synchronized String schema(int id) {
        return schemas.get(id).path("schema").asText();
    }

    public int register(String subject, String avro) {
        return register(subject, JSON.createObjectNode().put("schema", avro));
    }

    private synchronized int register(String subject, ObjectNode schema) {
        int id = schemas.entrySet().stream()
                .filter(known -> known.getValue().equals(schema))
                .map(Map.Entry::getKey)
                .findFirst()
                .orElse(schemas.keySet().stream().max(Integer::compare).orElse(0) + 1);
        schemas.put(id, schema);
        List<Integer> versions = subjects.computeIfAbsent(subject, name -> new ArrayList<>());
        if (!versions.contains(id)) {
            versions.add(id);
        }
        return id;
    }

    /** Ids of the subject's versions. */
    public synchronized List<Integer> versions(String subject) {
        return List.copyOf(subjects.getOrDefault(subject, List.of()));
    }

    private void handle(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] body = exchange.getRequestBody().readAllBytes();
            Fault answer = answer(
                    exchange.getRequestMethod(),
                    exchange.getRequestURI().getRawPath(),
                    exchange.getRequestURI().getRawQuery(),
                    exchange.getRequestHeaders().getFirst("Authorization"),
                    body.length == 0 ? JSON.missingNode() : JSON.readTree(body));
            if (answer.status == 0) {
                return;
            }
            byte[] bytes = answer.body.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    private synchronized Fault answer(String method, String path, String query, String header, JsonNode body) {
        requests.add(method + " " + path + (query == null ? "" : "?" + query));
        if (!faults.isEmpty()) {
            return faults.poll();
        }
        if (authorization != null && !authorization.equals(header)) {
            return new Fault(401, "{\"error_code\":40101,\"message\":\"User cannot be authenticated\"}");
        }
        String[] parts = path.substring(1).split("/");
        if (path.equals("/schemas/types")) {
            return new Fault(200, "[\"JSON\",\"PROTOBUF\",\"AVRO\"]");
        }
        if (path.startsWith("/schemas/ids/")) {
            ObjectNode schema = schemas.get(Integer.parseInt(parts[2]));
            return schema == null
                    ? new Fault(404, "{\"error_code\":40403,\"message\":\"Schema not found\"}")
                    : new Fault(200, schema.toString());
        }
        String subject = URLDecoder.decode(parts[1], StandardCharsets.UTF_8);
        List<Integer> versions = subjects.getOrDefault(subject, List.of());
        if (method.equals("GET")) {
            int version = Integer.parseInt(parts[3]);
            return version > versions.size()
                    ? new Fault(404, "{\"error_code\":40402,\"message\":\"Version not found.\"}")
                    : new Fault(200, schemas.get(versions.get(version - 1)).toString());
        }
        boolean there = versions.stream().anyMatch(id -> schemas.get(id).equals(body));
        if (parts.length == 2 && !there) {
            return new Fault(404, "{\"error_code\":40403,\"message\":\"Schema not found\"}");
        }
        if (frozen.contains(subject) && !there) {
            return new Fault(
                    409,
                    "{\"error_code\":409,\"message\":\"Schema being registered is incompatible with an earlier schema\"}");
        }
        return new Fault(200, "{\"id\":" + register(subject, (ObjectNode) body) + "}");
    }

    @Override
    public void close() {
        goDown();
    }
}
