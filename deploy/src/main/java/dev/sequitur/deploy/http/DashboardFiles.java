package dev.sequitur.deploy.http;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;

/**
 * The dashboard: pages, scripts, styles and pictures of the class path. They load nothing from elsewhere, and browsers
 * are told to refuse it. A browser asks each time whether it has the latest; the tag of a file is of its content, as
 * files of a reproducible build all have one date.
 *
 * <p>Threading: safe for use by many threads. Files are read once.
 */
public final class DashboardFiles extends Handler.Abstract {
    private static final String FOLDER = "/dashboard";
    /** No dots but the last: what is outside the folder has no such name. */
    private static final Pattern NAME = Pattern.compile("(?:/[a-z0-9-]+)+\\.([a-z]+)");

    private static final Map<String, String> TYPES = Map.of(
            "html", "text/html; charset=utf-8",
            "js", "text/javascript; charset=utf-8",
            "css", "text/css; charset=utf-8",
            "svg", "image/svg+xml");
    private static final HttpFields HEADERS = HttpFields.from(
            new HttpField(HttpHeader.CACHE_CONTROL, "no-cache"),
            new HttpField(
                    "Content-Security-Policy",
                    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; object-src 'none'"),
            new HttpField("X-Content-Type-Options", "nosniff"),
            new HttpField("Referrer-Policy", "no-referrer"));
    private static final int TAG_BYTES = 12;

    private final Map<String, StaticFile> files = new ConcurrentHashMap<>();

    private record StaticFile(HttpField type, HttpField tag, byte[] content) {}

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws IOException {
        Optional<StaticFile> found = find(request.getHttpURI().getCanonicalPath());
        if (found.isEmpty()) {
            return false;
        }
        if (!HttpMethod.GET.is(request.getMethod()) && !HttpMethod.HEAD.is(request.getMethod())) {
            response.getHeaders().put(HttpHeader.ALLOW, "GET, HEAD");
            Response.writeError(request, response, callback, HttpStatus.METHOD_NOT_ALLOWED_405);
            return true;
        }
        StaticFile file = found.get();
        response.getHeaders().add(HEADERS).put(file.tag());
        if (known(request, file.tag().getValue())) {
            response.setStatus(HttpStatus.NOT_MODIFIED_304);
            callback.succeeded();
        } else {
            response.getHeaders().put(file.type());
            response.write(true, ByteBuffer.wrap(file.content()), callback);
        }
        return true;
    }

    /** A weak tag will do (RFC 9110, 13.1.2): a proxy makes one of ours where it compresses the file. */
    private static boolean known(Request request, String tag) {
        String theirs = request.getHeaders().get(HttpHeader.IF_NONE_MATCH);
        return theirs != null
                && Arrays.stream(theirs.split(","))
                        .map(String::strip)
                        .anyMatch(one -> one.equals("*") || one.equals(tag) || one.equals("W/" + tag));
    }

    private Optional<StaticFile> find(String path) throws IOException {
        String name = path.equals("/") ? "/index.html" : path;
        StaticFile known = files.get(name);
        if (known != null) {
            return Optional.of(known);
        }
        Matcher parts = NAME.matcher(name);
        if (!parts.matches() || !TYPES.containsKey(parts.group(1))) {
            return Optional.empty();
        }
        try (InputStream in = DashboardFiles.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                return Optional.empty();
            }
            byte[] content = in.readAllBytes();
            StaticFile file = new StaticFile(
                    new HttpField(HttpHeader.CONTENT_TYPE, TYPES.get(parts.group(1))),
                    new HttpField(HttpHeader.ETAG, tag(content)),
                    content);
            files.put(name, file);
            return Optional.of(file);
        }
    }

    private static String tag(byte[] content) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(content);
            return '"' + HexFormat.of().formatHex(Arrays.copyOf(hash, TAG_BYTES)) + '"';
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java machine has SHA-256", e);
        }
    }
}
