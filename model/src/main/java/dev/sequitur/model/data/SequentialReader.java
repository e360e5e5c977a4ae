package dev.sequitur.model.data;

import dev.sequitur.model.scratch.ScratchFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Reads a scratch file from its beginning to its end. */
final class SequentialReader {
    private static final int BUFFER = 1 << 20;

    private final ScratchFile file;
    private final long size;
    private ByteBuffer buffer = ByteBuffer.allocate(BUFFER).flip();
    private long read;

    SequentialReader(ScratchFile file, long size) {
        this.file = file;
        this.size = size;
    }

    boolean hasMore() {
        return buffer.hasRemaining() || read < size;
    }

    /** The next bytes, so many of them can be taken from the buffer; it is good until the next call. */
    ByteBuffer next(int bytes) throws IOException {
        if (buffer.remaining() < bytes) {
            ByteBuffer larger = bytes > buffer.capacity() ? ByteBuffer.allocate(2 * bytes) : buffer;
            if (larger == buffer) {
                buffer.compact();
            } else {
                larger.put(buffer);
            }
            larger.limit((int) Math.min(larger.capacity(), larger.position() + size - read));
            int unread = larger.remaining();
            file.read(larger, read);
            read += unread;
            buffer = larger.flip();
        }
        return buffer;
    }
}
