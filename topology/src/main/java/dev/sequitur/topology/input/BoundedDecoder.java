package dev.sequitur.topology.input;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.apache.avro.io.Decoder;
import org.apache.avro.util.Utf8;

/**
 * Avro's binary encoding, read from bytes that nobody vouches for. Every length is checked against the bytes that are
 * left before anything is allocated: Avro's own decoder believes a damaged length of two gigabytes and takes the
 * process down with an OutOfMemoryError. The items of an array or map must take at least a byte each.
 *
 * <p>Threading: belongs to one thread.
 */
final class BoundedDecoder extends Decoder {
    private final ByteBuffer in;

    BoundedDecoder(byte[] bytes, int from) {
        in = ByteBuffer.wrap(bytes, from, bytes.length - from).slice().order(ByteOrder.LITTLE_ENDIAN);
    }

    int remaining() {
        return in.remaining();
    }

    private int length(long claimed, String what) throws IOException {
        if (claimed < 0 || claimed > in.remaining()) {
            throw new EOFException(what + " of " + claimed + " at byte " + in.position() + ", but " + in.remaining()
                    + " bytes are left");
        }
        return (int) claimed;
    }

    private void skip(long bytes) throws IOException {
        in.position(in.position() + length(bytes, "a length"));
    }

    @Override
    public void readNull() {}

    @Override
    public boolean readBoolean() throws IOException {
        length(1, "a boolean");
        byte value = in.get();
        if (value != 0 && value != 1) {
            throw new IOException("a boolean is 0 or 1, got " + value);
        }
        return value == 1;
    }

    @Override
    public int readInt() throws IOException {
        long value = readLong();
        if (value != (int) value) {
            throw new IOException("an int is of 32 bits, got " + value);
        }
        return (int) value;
    }

    @Override
    public long readLong() throws IOException {
        long zigzag = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            length(1, "a number");
            byte part = in.get();
            zigzag |= (part & 0x7FL) << shift;
            if (part >= 0) {
                return (zigzag >>> 1) ^ -(zigzag & 1);
            }
        }
        throw new IOException("a number of more than 10 bytes");
    }

    @Override
    public float readFloat() throws IOException {
        length(Float.BYTES, "a float");
        return in.getFloat();
    }

    @Override
    public double readDouble() throws IOException {
        length(Double.BYTES, "a double");
        return in.getDouble();
    }

    @Override
    public Utf8 readString(Utf8 old) throws IOException {
        byte[] bytes = new byte[length(readLong(), "a string")];
        in.get(bytes);
        return new Utf8(bytes);
    }

    @Override
    public String readString() throws IOException {
        byte[] bytes = new byte[length(readLong(), "a string")];
        in.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    @Override
    public void skipString() throws IOException {
        skip(readLong());
    }

    @Override
    public ByteBuffer readBytes(ByteBuffer old) throws IOException {
        byte[] bytes = new byte[length(readLong(), "bytes")];
        in.get(bytes);
        return ByteBuffer.wrap(bytes);
    }

    @Override
    public void skipBytes() throws IOException {
        skip(readLong());
    }

    @Override
    public void readFixed(byte[] bytes, int start, int length) throws IOException {
        in.get(bytes, start, length(length, "a fixed"));
    }

    @Override
    public void skipFixed(int length) throws IOException {
        skip(length);
    }

    @Override
    public int readEnum() throws IOException {
        return readInt();
    }

    @Override
    public int readIndex() throws IOException {
        return readInt();
    }

    @Override
    public long readArrayStart() throws IOException {
        return blockCount();
    }

    @Override
    public long arrayNext() throws IOException {
        return blockCount();
    }

    @Override
    public long skipArray() throws IOException {
        return skipBlocks();
    }

    @Override
    public long readMapStart() throws IOException {
        return blockCount();
    }

    @Override
    public long mapNext() throws IOException {
        return blockCount();
    }

    @Override
    public long skipMap() throws IOException {
        return skipBlocks();
    }

    private long blockCount() throws IOException {
        long count = readLong();
        if (count < 0) {
            // A negative count is followed by the block's size in bytes, for readers that skip.
            length(readLong(), "a block");
            count = -count;
        }
        return length(count, "a number of items");
    }

    private long skipBlocks() throws IOException {
        long count = readLong();
        while (count < 0) {
            skip(readLong());
            count = readLong();
        }
        return length(count, "a number of items");
    }
}
