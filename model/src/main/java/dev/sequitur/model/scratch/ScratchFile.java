package dev.sequitur.model.scratch;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/**
 * Bytes on disk for as long as the process needs them. Where the system allows it (every Unix) the file has no name from
 * the start, so that nothing of it is left however the process ends; elsewhere it goes when it is closed.
 *
 * <p>Threading: belongs to one thread.
 */
public final class ScratchFile implements AutoCloseable {
    private final Path directory;
    private final FileChannel channel;

    /** @param directory that has room; made where it isn't there */
    public ScratchFile(Path directory) throws IOException {
        this.directory = directory;
        Files.createDirectories(directory);
        channel = FileChannel.open(
                directory.resolve(".sequitur-" + UUID.randomUUID() + ".tmp"),
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
    }

    /** Writes all that remains in the buffer. */
    public void write(ByteBuffer bytes, long at) throws IOException {
        long to = at;
        try {
            while (bytes.hasRemaining()) {
                to += channel.write(bytes, to);
            }
        } catch (IOException e) {
            throw new IOException(
                    "Can't keep the training data in " + directory.toAbsolutePath() + ": " + e.getMessage()
                            + ". Make room there, or write the bundle to another place.",
                    e);
        }
    }

    /**
     * Fills what remains of the buffer.
     *
     * @throws EOFException when the file ends before
     */
    public void read(ByteBuffer bytes, long at) throws IOException {
        long from = at;
        while (bytes.hasRemaining()) {
            int read = channel.read(bytes, from);
            if (read < 0) {
                throw new EOFException("expected " + bytes.remaining() + " more bytes at " + from + " of "
                        + channel.size() + " in a scratch file of " + directory);
            }
            from += read;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
