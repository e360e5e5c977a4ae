package dev.sequitur.deploy.api;

import dev.sequitur.deploy.application.Lifecycle;
import dev.sequitur.deploy.application.ScoringApplication;
import dev.sequitur.deploy.http.DashboardFiles;
import dev.sequitur.deploy.http.HealthPage;
import dev.sequitur.deploy.http.HttpServer;
import dev.sequitur.deploy.http.HttpSettings;
import dev.sequitur.deploy.http.ListenAddress;
import dev.sequitur.deploy.http.MetricsPage;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.jetty.server.Handler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All that an application serves over HTTP: health, metrics, the API, and the dashboard. It is up before the application, so that probes
 * see its start.
 *
 * <p>Threading: safe for use by many threads.
 */
public final class Site implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Site.class);

    private final HttpSettings settings;
    private final HttpServer server;
    private final Api api;

    private Site(HttpSettings settings, HttpServer server, Api api) {
        this.settings = settings;
        this.server = server;
        this.api = api;
    }

    /**
     * Returns when it listens.
     *
     * @param more handlers, by the specification of their path
     * @throws dev.sequitur.deploy.terminal.UserException when it can't listen there
     */
    public static Site start(HttpSettings settings, Lifecycle lifecycle, Map<String, Handler> more) {
        if (!settings.guarded()) {
            LOG.warn(
                    "Only /health and /metrics are served at {}: other machines reach it, and nobody would have to log"
                            + " in. Set sequitur.http.token, or sequitur.http.insecure=true to serve the API to all"
                            + " who reach it",
                    settings.listen());
        }
        Api api = new Api(settings, lifecycle::inWords, more.keySet());
        Map<String, Handler> handlers = new LinkedHashMap<>();
        handlers.put("/health/live", new HealthPage("live", lifecycle::live));
        handlers.put("/health/ready", new HealthPage("ready", lifecycle::ready));
        handlers.put("/metrics", new MetricsPage(lifecycle::metrics));
        handlers.put(Api.ROOT + "/*", api);
        if (settings.guarded()) {
            handlers.put("/", new DashboardFiles());
            handlers.putAll(more);
        }
        return new Site(settings, HttpServer.start(settings, handlers), api);
    }

    /** Where other instances reach this one. */
    public ListenAddress advertised() {
        ListenAddress given = settings.advertised().orElseGet(this::listening);
        return new ListenAddress(given.host(), given.port() == 0 ? server.port() : given.port());
    }

    private ListenAddress listening() {
        String host = settings.listen().host();
        try {
            InetAddress address = InetAddress.getByName(host);
            return new ListenAddress(
                    address.isAnyLocalAddress() ? InetAddress.getLocalHost().getHostAddress() : host, 0);
        } catch (UnknownHostException e) {
            return new ListenAddress(host, 0);
        }
    }

    /** Address for a browser on this machine. */
    public String url() {
        String host = settings.listen().host();
        boolean any = host.equals("0.0.0.0") || host.equals("::");
        return (settings.tls().isPresent() ? "https" : "http") + "://"
                + new ListenAddress(any ? "127.0.0.1" : host, server.port());
    }

    /** Answers for the application from now on. */
    public void serve(ScoringApplication application) {
        api.serve(application, advertised());
    }

    /** Answers for it no more; returns when no answer is under way. Health and metrics go on. */
    public void leave() {
        api.leave();
    }

    @Override
    public void close() {
        api.leave();
        server.close();
    }
}
