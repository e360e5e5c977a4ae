package dev.sequitur.model.train;

import dev.sequitur.model.scratch.ScratchFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.zip.CRC32;

/**
 * Encoded rows on disk: written once, read in any order.
 *
 * <p>Threading: belongs to one thread.
 */
final class RowFile implements AutoCloseable {
    private static final int BUFFER = 1 << 20;

    private final int width;
    private final ScratchFile file;
    private final CRC32 checksum = new CRC32();
    private ByteBuffer writing;
    private ByteBuffer reading = ByteBuffer.allocate(0);
    private long rows;
    private long written;

    /** @param width floats of a row */
    RowFile(Path directory, int width) throws IOException {
        this.width = width;
        this.file = new ScratchFile(directory);
        this.writing = ByteBuffer.allocate(Math.max(BUFFER, width * Float.BYTES));
    }

    /** Rows so far; the place of the next one. */
    long size() {
        return rows;
    }

    void append(float[] row) throws IOException {
        if (writing.remaining() < width * Float.BYTES) {
            flush();
        }
        writing.asFloatBuffer().put(row, 0, width);
        writing.position(writing.position() + width * Float.BYTES);
        rows++;
    }

    private void flush() throws IOException {
        writing.flip();
        checksum.update(writing.duplicate());
        int size = writing.remaining();
        file.write(writing, written);
        written += size;
        writing.clear();
    }

    /**
     * Reads some rows.
     *
     * @param into {@code [count, width]} from {@code at} on
     */
    void read(long first, int count, float[] into, int at) throws IOException {
        if (writing.position() > 0) {
            flush();
        }
        int bytes = Math.multiplyExact(count, width * Float.BYTES);
        if (reading.capacity() < bytes) {
            reading = ByteBuffer.allocate(bytes);
        }
        reading.clear().limit(bytes);
        file.read(reading, first * width * Float.BYTES);
        reading.flip().asFloatBuffer().get(into, at, count * width);
    }

    /** The rows of a segment, {@code [length, width]}. */
    float[] read(Segment segment) throws IOException {
        float[] into = new float[segment.length() * width];
        read(segment.first(), segment.length(), into, 0);
        return into;
    }

    /** Of all rows so far: another one for other data. */
    int checksum() throws IOException {
        if (writing.position() > 0) {
            flush();
        }
        return (int) checksum.getValue();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
