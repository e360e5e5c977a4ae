package dev.sequitur.deploy.broker;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.server.ServerSocketFactory;

/**
 * Listening sockets of the loopback interface, bound before the broker starts and handed to it by listener name. To
 * look for a free port, let it go, and have the broker bind it would be a race; a controller that loses it ends the
 * process.
 *
 * <p>Threading: safe for use by many threads.
 */
final class LoopbackSockets implements ServerSocketFactory, AutoCloseable {
    static final String HOST = "127.0.0.1";
    private static final int BACKLOG = 128;

    private final Map<String, ServerSocketChannel> bound = new ConcurrentHashMap<>();

    /**
     * Binds the socket of a listener.
     *
     * @param port 0 for any free one
     * @return the port
     * @throws PortInUseException when the port is taken
     */
    int bind(String listener, int port) {
        try {
            ServerSocketChannel channel = ServerSocketChannel.open();
            bound.put(listener, channel);
            // A restart must not wait until the connections of the broker before have left TIME_WAIT.
            channel.socket().setReuseAddress(true);
            channel.socket().bind(new InetSocketAddress(HOST, port), BACKLOG);
            return channel.socket().getLocalPort();
        } catch (BindException e) {
            close();
            throw new PortInUseException(port, e);
        } catch (IOException e) {
            close();
            throw new UncheckedIOException("no listening socket on " + HOST + ":" + port, e);
        }
    }

    @Override
    public ServerSocketChannel openServerSocket(
            String listener, InetSocketAddress address, int backlog, int receiveBufferBytes) throws IOException {
        ServerSocketChannel channel = bound.remove(listener);
        if (channel == null) {
            return ServerSocketFactory.INSTANCE.openServerSocket(listener, address, backlog, receiveBufferBytes);
        }
        channel.configureBlocking(false);
        return channel;
    }

    /** Closes what was bound and not handed over. */
    @Override
    public void close() {
        for (ServerSocketChannel channel : bound.values()) {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException("the listening socket " + channel + " can't be closed", e);
            }
        }
        bound.clear();
    }
}
