package dev.sequitur.deploy.dashboard;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The application's API with answers that a test wrote, and a live feed of what it says.
 *
 * <p>Threading: safe for use by many threads.
 */
final class StubApi extends Handler.Abstract {
    private static final String ROOT = "/api/v1/";
    private static final String END = "";

    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final List<Question> questions = new CopyOnWriteArrayList<>();
    private final List<BlockingQueue<String>> feeds = new CopyOnWriteArrayList<>();
    private volatile String token;

    private record Answer(int status, String json) {}

    /** @param path below the root, as it came, without its parameters */
    record Question(String method, String path, String query, String body) {}

    /** @param path below the root, encoded */
    void answer(String path, String json) {
        answers.put(path, new Answer(HttpStatus.OK_200, json));
    }

    void refuse(String path, int status, String json) {
        answers.put(path, new Answer(status, json));
    }

    /** From now on it answers only to who has the token; null: to anyone. */
    void wants(String secret) {
        token = secret;
    }

    List<Question> questions() {
        return questions;
    }

    int listeners() {
        return feeds.size();
    }

    void say(String event, String json) {
        feeds.forEach(feed -> feed.add("event: " + event + "\ndata: " + json.replace("\n", "\ndata: ") + "\n\n"));
    }

    /** Ends the feeds that are open. */
    void hangUp() {
        feeds.forEach(feed -> feed.add(END));
    }

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
        String path = request.getHttpURI().getPath().substring(ROOT.length());
        String body = Content.Source.asString(request, StandardCharsets.UTF_8);
        questions.add(new Question(
                request.getMethod(), path, String.valueOf(request.getHttpURI().getQuery()), body));
        if (token != null && !("Bearer " + token).equals(request.getHeaders().get(HttpHeader.AUTHORIZATION))) {
            write(response, new Answer(HttpStatus.UNAUTHORIZED_401, error("a token is wanted")), callback);
        } else if (path.equals("live")) {
            feed(response, callback);
        } else {
            write(
                    response,
                    answers.getOrDefault(path, new Answer(HttpStatus.NOT_FOUND_404, error("there is no " + path))),
                    callback);
        }
        return true;
    }

    static String error(String what) {
        return "{\"error\": {\"what\": \"" + what + "\"}}";
    }

    private static void write(Response response, Answer answer, Callback callback) {
        response.setStatus(answer.status());
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "application/json");
        Content.Sink.write(response, true, answer.json(), callback);
    }

    private void feed(Response response, Callback callback) throws InterruptedException {
        response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream");
        BlockingQueue<String> feed = new LinkedBlockingQueue<>(List.of("\n"));
        feeds.add(feed);
        try (OutputStream out = Content.Sink.asOutputStream(response)) {
            for (String said = feed.take(); !said.equals(END); said = feed.take()) {
                out.write(said.getBytes(StandardCharsets.UTF_8));
                out.flush();
            }
            callback.succeeded();
        } catch (IOException e) {
            // The page has gone.
            callback.failed(e);
        } finally {
            feeds.remove(feed);
        }
    }
}
