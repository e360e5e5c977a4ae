package dev.sequitur.deploy.bench;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * {@code GET /api/v1/entities/{key}} on one connection that stays open: HTTP/1.1 as far as these answers need it, so that
 * whoever asks often takes little of the machine.
 *
 * <p>Threading: belongs to one thread.
 */
final class EntityLookUp implements AutoCloseable {
    private static final int BUFFER = 64 * 1024;
    private static final int TIMEOUT_MS = 30_000;
    private static final String OK = "HTTP/1.1 200 ";
    private static final String LENGTH = "content-length:";

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final String host;

    /** @param port of this machine */
    EntityLookUp(int port) throws IOException {
        InetAddress loopback = InetAddress.getByAddress(new byte[] {127, 0, 0, 1});
        socket = new Socket(loopback, port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(TIMEOUT_MS);
        in = new BufferedInputStream(socket.getInputStream(), BUFFER);
        out = socket.getOutputStream();
        host = loopback.getHostAddress() + ":" + port;
    }

    /**
     * Asks, and reads the whole answer.
     *
     * @param key that needs no encoding
     * @return whether it is 200 and of that entity
     */
    boolean answers(String key) throws IOException {
        out.write(("GET /api/v1/entities/" + key + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
        boolean ok = line().startsWith(OK);
        int length = -1;
        for (String header = line(); !header.isEmpty(); header = line()) {
            String lower = header.toLowerCase(Locale.ROOT);
            if (lower.startsWith(LENGTH)) {
                length = Integer.parseInt(lower.substring(LENGTH.length()).strip());
            }
        }
        if (length < 0) {
            throw new IOException("An answer without Content-Length, expected one with it: the server has changed");
        }
        byte[] body = in.readNBytes(length);
        if (body.length < length) {
            throw new EOFException("The connection ended after " + body.length + " of " + length + " bytes");
        }
        String begins = "{\"key\":\"" + key + "\",";
        return ok
                && body.length > begins.length()
                && new String(body, 0, begins.length(), StandardCharsets.US_ASCII).equals(begins);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new EOFException("The server closed the connection");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
