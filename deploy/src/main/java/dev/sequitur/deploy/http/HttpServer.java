package dev.sequitur.deploy.http;

import dev.sequitur.deploy.terminal.UserException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.http.HttpVersion;
import org.eclipse.jetty.http.UriCompliance;
import org.eclipse.jetty.http.pathmap.PathSpec;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.server.SslConnectionFactory;
import org.eclipse.jetty.server.handler.PathMappingsHandler;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * A small HTTP/1.1 server: a handler for each path, 404 for the rest.
 *
 * <p>Threading: safe for use by many threads; its own are daemons, as many as requests need.
 */
public final class HttpServer implements AutoCloseable {
    private static final int THREADS = 40;
    private static final int IDLE_MS = 30_000;
    /** An entity's key may hold what means something in a path, when it is encoded: %2F, %25, %2E%2E. */
    private static final UriCompliance ANY_KEY = UriCompliance.DEFAULT.with(
            "sequitur", UriCompliance.AMBIGUOUS_VIOLATIONS.toArray(UriCompliance.Violation[]::new));

    private final Server server;
    private final ServerConnector connector;

    private HttpServer(ListenAddress address, Optional<HttpSettings.Tls> tls, Map<String, Handler> handlers) {
        QueuedThreadPool threads = new QueuedThreadPool(THREADS, 1);
        threads.setName("http");
        threads.setDaemon(true);
        server = new Server(threads);
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setUriCompliance(ANY_KEY);
        // Or a connection's second token would be taken for its first where only the case differs.
        http.setHeaderCacheCaseSensitive(true);
        HttpConnectionFactory plain = new HttpConnectionFactory(http);
        connector = tls.map(keys -> new ServerConnector(server, 1, 1, encrypted(keys), plain))
                .orElseGet(() -> new ServerConnector(server, 1, 1, plain));
        connector.setHost(address.host());
        connector.setPort(address.port());
        connector.setIdleTimeout(IDLE_MS);
        server.addConnector(connector);
        PathMappingsHandler paths = new PathMappingsHandler();
        handlers.forEach((path, handler) -> paths.addMapping(PathSpec.from(path), handler));
        server.setHandler(paths);
        server.setErrorHandler(HttpServer::error);
    }

    private static SslConnectionFactory encrypted(HttpSettings.Tls tls) {
        SslContextFactory.Server keys = new SslContextFactory.Server();
        keys.setKeyStorePath(tls.keystore().toUri().toString());
        keys.setKeyStorePassword(tls.password());
        return new SslConnectionFactory(keys, HttpVersion.HTTP_1_1.asString());
    }

    /** The status and no more: what went wrong inside is for the log. */
    private static boolean error(Request request, Response response, Callback callback) {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        Content.Sink.write(
                response,
                true,
                "{\"error\":{\"what\":\"" + HttpStatus.getMessage(response.getStatus())
                        + "\",\"expected\":null,\"got\":null,\"do\":null}}",
                callback);
        return true;
    }

    /**
     * Returns when it listens.
     *
     * @param handlers by the specification of their path: {@code /metrics}, {@code /entities/*}
     * @throws UserException when it can't listen there
     */
    public static HttpServer start(ListenAddress address, Map<String, Handler> handlers) {
        return start(HttpSettings.local(address), handlers);
    }

    /** The same, with TLS where the settings say so. */
    public static HttpServer start(HttpSettings settings, Map<String, Handler> handlers) {
        ListenAddress address = settings.listen();
        settings.tls().ifPresent(HttpServer::requireKeys);
        if (new InetSocketAddress(address.host(), address.port()).isUnresolved()) {
            throw new UserException("The HTTP server can't listen at " + address + ": there is no host "
                    + address.host() + ". Take 127.0.0.1 for this machine alone, or 0.0.0.0 for all of its addresses");
        }
        HttpServer http = new HttpServer(address, settings.tls(), handlers);
        try {
            http.connector.open();
        } catch (IOException e) {
            throw new UserException(
                    "The HTTP server can't listen at " + address + ": " + reason(e)
                            + ". Choose another address, port 0 for any free one, or none for no server",
                    e);
        }
        try {
            http.server.start();
            return http;
        } catch (Exception e) {
            http.close();
            throw new IllegalStateException("the HTTP server doesn't start", e);
        }
    }

    /** Said before the server is made, whose own words are about its inside. */
    private static void requireKeys(HttpSettings.Tls tls) {
        try (InputStream in = Files.newInputStream(tls.keystore())) {
            KeyStore keys = KeyStore.getInstance(KeyStore.getDefaultType());
            keys.load(in, tls.password().toCharArray());
            for (String alias : Collections.list(keys.aliases())) {
                if (keys.isKeyEntry(alias)) {
                    return;
                }
            }
        } catch (IOException | GeneralSecurityException e) {
            throw new UserException(
                    "The keystore " + tls.keystore() + " can't be read: " + reason(e) + ". Expected a PKCS12 or JKS"
                            + " file that the password opens",
                    e);
        }
        throw new UserException("The keystore " + tls.keystore() + " has no key, expected the server's with its chain");
    }

    /** The innermost cause has the operating system's words: Address already in use. */
    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return cause.getMessage() == null ? cause.toString() : cause.getMessage();
    }

    public int port() {
        return connector.getLocalPort();
    }

    /** Answers no more. Returns when its threads have ended. */
    @Override
    public void close() {
        try {
            server.stop();
        } catch (Exception e) {
            throw new IllegalStateException("the HTTP server doesn't stop", e);
        }
    }
}
