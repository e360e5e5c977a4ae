package dev.sequitur.deploy.http;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a server listens.
 *
 * @param host a name or an address, an IPv6 one without its brackets
 * @param port 0 for any free one
 */
public record ListenAddress(String host, int port) {
    private static final Pattern FORM = Pattern.compile("(?:\\[([^\\[\\]]+)]|([^:\\[\\]]+)):([0-9]{1,5})");
    private static final int LAST_PORT = 65535;

    public ListenAddress {
        if (host.isBlank() || port < 0 || port > LAST_PORT) {
            throw new IllegalArgumentException(
                    "expected a host and a port in 0..65535, got '" + host + "' and " + port);
        }
    }

    /**
     * @param text {@code host:port}, an IPv6 address in brackets
     * @throws IllegalArgumentException when it is none
     */
    public static ListenAddress parse(String text) {
        Matcher parts = FORM.matcher(text.strip());
        if (!parts.matches()) {
            throw new IllegalArgumentException(
                    "expected host:port, such as 127.0.0.1:8080, 0.0.0.0:8080 or [::1]:8080, got '" + text + "'");
        }
        String host = parts.group(1) == null ? parts.group(2) : parts.group(1);
        return new ListenAddress(host, Integer.parseInt(parts.group(3)));
    }

    /** As it is parsed. */
    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
