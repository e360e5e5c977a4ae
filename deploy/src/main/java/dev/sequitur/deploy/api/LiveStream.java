package dev.sequitur.deploy.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sequitur.deploy.report.RecordJson;
import dev.sequitur.schemas.Score;
import dev.sequitur.topology.history.History;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * {@code GET /live}: server-sent events for whoever watches. A thread looks at the application twenty times a second, only
 * while somebody watches; the stream does nothing for it. A reader that is too slow misses ticks and scores.
 *
 * <p>Threading: safe for use by many threads.
 */
final class LiveStream {
    private static final Logger LOG = LoggerFactory.getLogger(LiveStream.class);
    private static final int WATCHERS = 100;
    private static final long LOOK_MS = 50;
    private static final int LOOKS_A_TICK = 10;
    /** What may wait for a slow reader. */
    private static final int WAITING = 64 * 1024;

    private final Supplier<Served> served;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(work -> {
        Thread looking = new Thread(work, "http-live");
        looking.setDaemon(true);
        return looking;
    });
    private final List<Watcher> watchers = new CopyOnWriteArrayList<>();
    private ScheduledFuture<?> looking;

    /** Of the looking thread. */
    private Rates rates;

    private Set<Score> told = Set.of();
    private long alarmCount;
    private Set<Score> shown = Set.of();
    private int looks;

    /** @param served throws an {@link ApiException} as long as nothing is served */
    LiveStream(Supplier<Served> served) {
        this.served = served;
    }

    /** Answers until the reader goes. */
    void open(Request request, Response response, Callback callback) {
        Served now = served.get();
        synchronized (this) {
            if (watchers.size() >= WATCHERS) {
                throw ApiException.unavailable(
                        WATCHERS + " readers watch already", "Close some of them, or ask another instance.");
            }
            response.getHeaders().put(HttpHeader.CONTENT_TYPE, "text/event-stream;charset=utf-8");
            Watcher watcher = new Watcher(response, callback);
            // Says at once that it is open, and when to come back.
            watcher.send("retry: 2000\n\n");
            if (watchers.isEmpty()) {
                begin(now);
            }
            watchers.add(watcher);
        }
    }

    private void begin(Served now) {
        if (looking != null) {
            looking.cancel(false);
        }
        thread.execute(() -> {
            rates = new Rates(now.streams());
            told = alarms(now);
            alarmCount = now.history().map(History::alarmCount).orElse(0L);
            shown = newest(now);
            // The first tick needs some time to be about.
            looks = 1;
        });
        looking = thread.scheduleWithFixedDelay(this::look, 0, LOOK_MS, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            Served now = served.get();
            now.history().ifPresent(history -> {
                alarms(now, history);
                sample(now);
            });
            if (looks++ % LOOKS_A_TICK == 0) {
                ObjectNode tick = rates.tick();
                now.history()
                        .ifPresent(
                                history -> tick.put("known", history.entities().count()));
                send("tick", tick);
            }
        } catch (ApiException e) {
            LOG.debug("Nothing to show", e);
        } catch (RuntimeException e) {
            // What throws ends a schedule for ever.
            LOG.warn("The live feed missed a look", e);
        }
        synchronized (this) {
            if (watchers.isEmpty()) {
                looking.cancel(false);
            }
        }
    }

    private void alarms(Served now, History history) {
        long count = history.alarmCount();
        if (count == alarmCount) {
            return;
        }
        alarmCount = count;
        Set<Score> before = told;
        told = alarms(now);
        List<Score> newestFirst = told.stream()
                .filter(alarm -> !before.contains(alarm))
                .sorted(java.util.Comparator.comparing(Score::getEventTime))
                .toList();
        newestFirst.forEach(alarm -> send("alarm", Answers.alarm(alarm)));
    }

    /** One of the newest scores. */
    private void sample(Served now) {
        Set<Score> newest = newest(now);
        newest.stream()
                .filter(score -> !shown.contains(score))
                .skip(looks % Math.max(1, newest.size() - 1L))
                .findFirst()
                .or(() ->
                        newest.stream().filter(score -> !shown.contains(score)).findFirst())
                .ifPresent(score -> send("scores", Answers.brief(score)));
        shown = newest;
    }

    private static Set<Score> alarms(Served now) {
        return identities(now.history().map(History::alarms).orElse(List.of()));
    }

    private static Set<Score> newest(Served now) {
        return identities(now.history().map(History::newest).orElse(List.of()));
    }

    private static Set<Score> identities(List<Score> scores) {
        Set<Score> set = Collections.newSetFromMap(new IdentityHashMap<>());
        set.addAll(scores);
        return set;
    }

    private void send(String event, ObjectNode data) {
        String text = "event: " + event + "\ndata: " + RecordJson.line(data) + "\n\n";
        watchers.forEach(watcher -> watcher.send(text));
    }

    /** Ends what is open. */
    void end() {
        watchers.forEach(Watcher::end);
    }

    /** One reader. */
    private final class Watcher implements Callback {
        private final Response response;
        private final Callback callback;
        private StringBuilder waiting = new StringBuilder();
        private boolean writing;
        private boolean over;

        Watcher(Response response, Callback callback) {
            this.response = response;
            this.callback = callback;
        }

        void send(String text) {
            synchronized (this) {
                if (over || waiting.length() > WAITING) {
                    return;
                }
                waiting.append(text);
                if (writing) {
                    return;
                }
            }
            write();
        }

        private void write() {
            byte[] bytes;
            synchronized (this) {
                if (over || writing || waiting.length() == 0) {
                    return;
                }
                bytes = waiting.toString().getBytes(StandardCharsets.UTF_8);
                waiting = new StringBuilder();
                writing = true;
            }
            response.write(false, ByteBuffer.wrap(bytes), this);
        }

        @Override
        public void succeeded() {
            synchronized (this) {
                writing = false;
            }
            write();
        }

        @Override
        public void failed(Throwable gone) {
            if (finish()) {
                callback.failed(gone);
            }
        }

        void end() {
            if (finish()) {
                callback.succeeded();
            }
        }

        private boolean finish() {
            watchers.remove(this);
            synchronized (this) {
                boolean first = !over;
                over = true;
                return first;
            }
        }

        @Override
        public InvocationType getInvocationType() {
            return InvocationType.NON_BLOCKING;
        }
    }
}
