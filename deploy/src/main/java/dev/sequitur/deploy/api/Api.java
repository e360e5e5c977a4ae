package dev.sequitur.deploy.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.application.ScoringApplication;
import dev.sequitur.deploy.http.HttpSettings;
import dev.sequitur.deploy.http.ListenAddress;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.topology.query.QueryException;
import dev.sequitur.topology.state.StateException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Supplier;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.HostInfo;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JSON API, beneath {@value #ROOT}. Every answer is JSON; one that says no is {@code {"error": {"what", "expected",
 * "got", "do"}}}. Nothing that is asked changes anything.
 *
 * <p>Threading: safe for use by many threads; requests come on those of the server.
 */
final class Api extends Handler.Abstract {
    /** Where it lies. */
    static final String ROOT = "/api/v1";

    private static final Logger LOG = LoggerFactory.getLogger(Api.class);
    private static final int MOST_BODY = 64 * 1024;

    private final HttpSettings settings;
    private final Access access;
    private final Supplier<String> notYet;
    private final Set<String> more;
    private final LiveStream live = new LiveStream(this::served);
    private volatile Optional<Served> served = Optional.empty();
    private final ObjectNode openApi = OpenApi.read();
    /** Held for reading by each answer under way. */
    private final ReadWriteLock answering = new ReentrantReadWriteLock();

    /**
     * @param notYet why nothing is served yet, in words
     * @param more paths of what only this application serves
     */
    Api(HttpSettings settings, Supplier<String> notYet, Set<String> more) {
        this.settings = settings;
        this.access = new Access(settings);
        this.notYet = notYet;
        this.more = new TreeSet<>(more);
    }

    /**
     * From now on it answers for this application.
     *
     * @param advertised where other instances reach it
     */
    void serve(ScoringApplication application, ListenAddress advertised) {
        served = Optional.of(
                new Served(application, new Peers(settings, new HostInfo(advertised.host(), advertised.port()))));
    }

    private Served served() {
        return served.orElseThrow(() -> ApiException.unavailable(
                "There is nothing to ask yet: " + notYet.get(), "Ask again when /health/ready says so."));
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) {
        answering.readLock().lock();
        try {
            reply(request, response, callback);
        } finally {
            answering.readLock().unlock();
        }
        return true;
    }

    private void reply(Request request, Response response, Callback callback) {
        response.getHeaders()
                .put(HttpHeader.CACHE_CONTROL, "no-store")
                .put("X-Content-Type-Options", "nosniff")
                .put("Referrer-Policy", "no-referrer")
                .put("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
        try {
            access.check(request);
            Call call = call(request);
            if (call.path().equals(List.of("live")) && HttpMethod.GET.is(call.method())) {
                call.allow();
                live.open(request, response, callback);
            } else {
                Peers.Reply reply = access.taking(call.forwarded().isPresent(), () -> route(call));
                answer(response, callback, reply.status(), reply.json());
            }
        } catch (ApiException e) {
            refuse(response, callback, e);
        } catch (QueryException e) {
            refuse(response, callback, refusal(e));
        } catch (StateException e) {
            refuse(
                    response,
                    callback,
                    new ApiException(
                            HttpStatus.CONFLICT_409, e.getMessage(), null, null, "Ask again after its next event."));
        } catch (InvalidStateStoreException e) {
            refuse(
                    response,
                    callback,
                    ApiException.unavailable(
                            "States are being restored or moved to another instance: " + notYet.get(),
                            "Ask again in a second."));
        } catch (RuntimeException | IOException e) {
            LOG.error("{} {} can't be answered", request.getMethod(), request.getHttpURI(), e);
            refuse(
                    response,
                    callback,
                    new ApiException(
                            HttpStatus.INTERNAL_SERVER_ERROR_500,
                            "The question is right, but the answer failed",
                            null,
                            null,
                            "Look into the application's log, and report what it says."));
        }
    }

    private static ApiException refusal(QueryException e) {
        int status =
                switch (e.reason()) {
                    case UNKNOWN -> HttpStatus.NOT_FOUND_404;
                    case WRONG -> HttpStatus.BAD_REQUEST_400;
                    case NOT_POSSIBLE -> HttpStatus.CONFLICT_409;
                };
        return new ApiException(status, e.getMessage(), e.expected(), Call.shown(e.got()), e.remedy());
    }

    private static Call call(Request request) throws IOException {
        String method = request.getMethod();
        byte[] body = {};
        if (HttpMethod.POST.is(method)) {
            String type = request.getHeaders().get(HttpHeader.CONTENT_TYPE);
            if (type == null || !type.toLowerCase(Locale.ROOT).startsWith("application/json")) {
                throw new ApiException(
                        HttpStatus.UNSUPPORTED_MEDIA_TYPE_415,
                        "The body's type",
                        "application/json",
                        type == null ? "none" : Call.shown(type),
                        "Send the header Content-Type: application/json.");
            }
            body = body(request);
        } else if (!HttpMethod.GET.is(method) && !HttpMethod.HEAD.is(method)) {
            throw new ApiException(
                    HttpStatus.METHOD_NOT_ALLOWED_405, "The method", "GET or POST", Call.shown(method), null);
        }
        return Call.of(
                method,
                request.getHttpURI().getPath(),
                ROOT,
                request.getHttpURI().getQuery(),
                body,
                Optional.ofNullable(request.getHeaders().get(Peers.FORWARDED)));
    }

    private static byte[] body(Request request) throws IOException {
        if (request.getLength() <= MOST_BODY) {
            try (InputStream in = Content.Source.asInputStream(request)) {
                byte[] body = in.readNBytes(MOST_BODY + 1);
                if (body.length <= MOST_BODY) {
                    return body;
                }
            }
        }
        throw new ApiException(
                HttpStatus.PAYLOAD_TOO_LARGE_413, "The body", "at most " + MOST_BODY + " bytes", "more", null);
    }

    private Peers.Reply route(Call call) {
        String first = call.path().isEmpty() ? "" : call.path().get(0);
        int parts = call.path().size();
        if (parts == 3 && first.equals("entities")) {
            return ofEntity(call, call.path().get(1), call.path().get(2));
        }
        if (HttpMethod.POST.is(call.method())) {
            throw new ApiException(
                    HttpStatus.METHOD_NOT_ALLOWED_405,
                    "The method",
                    "GET",
                    call.method(),
                    "Questions with a body are /entities/{key}/what-if and /entities/{key}/rollout.");
        }
        if (parts == 2 && first.equals("entities")) {
            call.allow();
            return new Instances(served(), settings.staleReads())
                    .entity(call, call.path().get(1));
        }
        if (parts == 1) {
            switch (first) {
                case "model":
                    call.allow();
                    return ok(ModelAnswer.of(served().application().bundle()));
                case "entities":
                    return ok(new Instances(served(), settings.staleReads()).list(call));
                case "alarms":
                    return ok(new Instances(served(), settings.staleReads()).alarms(call));
                case "status":
                    call.allow();
                    return ok(StatusAnswer.of(served(), more));
                case "openapi.json":
                    call.allow();
                    return ok(openApi);
                default:
            }
        }
        throw nothingAt(call);
    }

    private static Peers.Reply ok(ObjectNode json) {
        return new Peers.Reply(HttpStatus.OK_200, json);
    }

    private static ApiException nothingAt(Call call) {
        return ApiException.notFound(
                "There is nothing at " + Call.shown(call.rawPath()),
                "GET " + ROOT + "/openapi.json says what there is.");
    }

    private Peers.Reply ofEntity(Call call, String key, String question) {
        Instances instances = new Instances(served(), settings.staleReads());
        if (question.equals("cell") && !HttpMethod.POST.is(call.method())) {
            call.allow("last", "values", "member");
            return access.takingSteps(() -> instances.cell(call, key));
        }
        if (!question.equals("what-if") && !question.equals("rollout")) {
            throw nothingAt(call);
        }
        call.allow();
        if (!HttpMethod.POST.is(call.method())) {
            throw new ApiException(HttpStatus.METHOD_NOT_ALLOWED_405, "The method", "POST", call.method(), null);
        }
        JsonNode body = call.json();
        return access.takingSteps(() ->
                question.equals("what-if") ? instances.whatIf(call, key, body) : instances.rollout(call, key, body));
    }

    private static void refuse(Response response, Callback callback, ApiException e) {
        if (e.status() == HttpStatus.UNAUTHORIZED_401) {
            response.getHeaders().put(HttpHeader.WWW_AUTHENTICATE, "Bearer realm=\"sequitur\"");
        }
        if (e.status() == HttpStatus.SERVICE_UNAVAILABLE_503 || e.status() == HttpStatus.TOO_MANY_REQUESTS_429) {
            response.getHeaders().put(HttpHeader.RETRY_AFTER, "1");
        }
        answer(response, callback, e.status(), Answers.error(e));
    }

    private static void answer(Response response, Callback callback, int status, ObjectNode json) {
        response.setStatus(status);
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        response.write(true, ByteBuffer.wrap(RecordJson.bytes(json)), callback);
    }

    /** Ends what is live, and waits for the answers under way: the application's model may be closed then. */
    void leave() {
        served = Optional.empty();
        answering.writeLock().lock();
        answering.writeLock().unlock();
        live.end();
    }
}
