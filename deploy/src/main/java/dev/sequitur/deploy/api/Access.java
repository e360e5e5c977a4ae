package dev.sequitur.deploy.api;

import dev.sequitur.deploy.http.HttpSettings;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Request;

/**
 * Who may ask, and how much at once.
 *
 * <p>Threading: safe for use by many threads.
 */
final class Access {
    /** Questions under way, of those who ask and of other instances on someone's behalf: neither starves the other. */
    private static final int AT_ONCE = 16;

    /** Of what steps the network many times. */
    private static final int EXPENSIVE_AT_ONCE = 2;

    private static final int EXPENSIVE_A_SECOND = 20;
    private static final long PATIENCE_MS = 2000;
    private static final String BEARER = "bearer ";
    private static final Pattern LOOPBACK = Pattern.compile("127(?:\\.[0-9]{1,3}){3}");

    private final HttpSettings settings;
    private final Optional<byte[]> token;
    private final Semaphore own = new Semaphore(AT_ONCE);
    private final Semaphore forwarded = new Semaphore(AT_ONCE);
    private final Semaphore expensive = new Semaphore(EXPENSIVE_AT_ONCE);
    private double allowance = EXPENSIVE_A_SECOND;
    private long filledNanos = System.nanoTime();

    Access(HttpSettings settings) {
        this.settings = settings;
        this.token = settings.token().map(Access::digest);
    }

    /** @throws ApiException when it may not ask */
    void check(Request request) {
        if (!settings.guarded()) {
            throw new ApiException(
                    HttpStatus.FORBIDDEN_403,
                    "The API is not served beyond this machine as long as nobody has to log in",
                    "sequitur.http.token, or sequitur.http.insecure=true",
                    "neither",
                    "Set sequitur.http.token, or listen on 127.0.0.1.");
        }
        if (token.isPresent()) {
            String given = request.getHeaders().get(HttpHeader.AUTHORIZATION);
            boolean bearer = given != null && given.toLowerCase(Locale.ROOT).startsWith(BEARER);
            // Of digests, so that neither the time nor the length says how much was right.
            if (!bearer
                    || !MessageDigest.isEqual(
                            digest(given.substring(BEARER.length()).strip()), token.get())) {
                throw new ApiException(
                        HttpStatus.UNAUTHORIZED_401,
                        "Whoever asks has to log in",
                        "the header Authorization: Bearer, with the value of sequitur.http.token",
                        bearer ? "another token" : "no token",
                        "Send the token; the commands take it as --token.");
            }
        } else if (!settings.insecure() && !local(Request.getServerName(request))) {
            // A page from elsewhere whose name was pointed at this machine would read what is meant for it alone.
            throw new ApiException(
                    HttpStatus.FORBIDDEN_403,
                    "The API is for this machine alone, and was asked by another name",
                    "localhost or 127.0.0.1",
                    Call.shown(String.valueOf(Request.getServerName(request))),
                    "Ask by 127.0.0.1; or set sequitur.http.token, where a proxy asks.");
        }
    }

    private static boolean local(String host) {
        String name = host == null ? "" : host.toLowerCase(Locale.ROOT);
        return name.equals("localhost")
                || name.endsWith(".localhost")
                || LOOPBACK.matcher(name).matches()
                || name.equals("[::1]")
                || name.equals("::1")
                || name.equals("[0:0:0:0:0:0:0:1]");
    }

    private static byte[] digest(String text) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java machine has SHA-256", e);
        }
    }

    /**
     * Answers, when it is its turn.
     *
     * @throws ApiException when too many questions are under way
     */
    <T> T taking(boolean onBehalf, Supplier<T> answer) {
        return taking(onBehalf ? forwarded : own, "Too many questions at once", answer);
    }

    /** The same for a question that takes many steps of the network. */
    <T> T takingSteps(Supplier<T> answer) {
        if (!allowed()) {
            throw tooMany("More than " + EXPENSIVE_A_SECOND + " questions a second that take many steps");
        }
        return taking(expensive, "Too many questions at once that take many steps", answer);
    }

    private static <T> T taking(Semaphore semaphore, String busy, Supplier<T> answer) {
        try {
            if (!semaphore.tryAcquire(PATIENCE_MS, TimeUnit.MILLISECONDS)) {
                throw tooMany(busy);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw tooMany(busy);
        }
        try {
            return answer.get();
        } finally {
            semaphore.release();
        }
    }

    private static ApiException tooMany(String what) {
        return new ApiException(HttpStatus.TOO_MANY_REQUESTS_429, what, null, null, "Ask again in a second.");
    }

    private synchronized boolean allowed() {
        long nanos = System.nanoTime();
        allowance = Math.min(2.0 * EXPENSIVE_A_SECOND, allowance + (nanos - filledNanos) / 1e9 * EXPENSIVE_A_SECOND);
        filledNanos = nanos;
        if (allowance < 1) {
            return false;
        }
        allowance--;
        return true;
    }
}
