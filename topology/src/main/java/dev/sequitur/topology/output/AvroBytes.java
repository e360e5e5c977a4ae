package dev.sequitur.topology.output;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.kafka.common.errors.SerializationException;

/**
 * Avro's binary encoding on an array: what states are made of, without an object for each field. Reading checks
 * every length against what is left.
 *
 * <p>Threading: belongs to one thread.
 */
public final class AvroBytes {
    static final int LONGEST_NUMBER = 10;

    private final ByteBuffer bytes;

    private AvroBytes(ByteBuffer bytes) {
        this.bytes = bytes.order(ByteOrder.LITTLE_ENDIAN);
    }

    /** To be read from {@code from} on. */
    public static AvroBytes reading(byte[] array, int from) {
        return new AvroBytes(ByteBuffer.wrap(array).position(from));
    }

    /** To be filled to the last byte. */
    public static AvroBytes writing(int size) {
        return new AvroBytes(ByteBuffer.allocate(size));
    }

    /** The numbers as they lie in memory, little endian, at the position. */
    public ByteBuffer raw() {
        return bytes;
    }

    public int remaining() {
        return bytes.remaining();
    }

    /** The array of a writer that is full. */
    public byte[] filled() {
        if (bytes.hasRemaining()) {
            throw new IllegalStateException(bytes.remaining() + " bytes of the record are missing");
        }
        return bytes.array();
    }

    public void writeLong(long value) {
        bytes.position(writeLong(value, bytes.array(), bytes.position()));
    }

    /**
     * Avro's int and long: a zigzag varint of at most {@value #LONGEST_NUMBER} bytes.
     *
     * @return where it ends
     */
    static int writeLong(long value, byte[] to, int at) {
        long zigzag = value << 1 ^ value >> 63;
        int end = at;
        while ((zigzag & ~0x7FL) != 0) {
            to[end++] = (byte) (zigzag & 0x7F | 0x80);
            zigzag >>>= 7;
        }
        to[end++] = (byte) zigzag;
        return end;
    }

    public void writeBytes(byte[] value) {
        writeLong(value.length);
        bytes.put(value);
    }

    /** All of the buffer, whatever its position. */
    public void writeBytes(ByteBuffer value, int length) {
        writeLong(length);
        bytes.put(bytes.position(), value, 0, length).position(bytes.position() + length);
    }

    /** What {@link #writeLong} takes. */
    public static int sizeOf(long value) {
        long zigzag = value << 1 ^ value >> 63;
        return 1 + (63 - Long.numberOfLeadingZeros(zigzag | 1)) / 7;
    }

    /** What that many bytes take, with their length. */
    public static int sizeOfBytes(int length) {
        return sizeOf(length) + length;
    }

    public long readLong() {
        long zigzag = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (!bytes.hasRemaining()) {
                throw new SerializationException("it ends within a number");
            }
            byte part = bytes.get();
            zigzag |= (part & 0x7FL) << shift;
            if (part >= 0) {
                return zigzag >>> 1 ^ -(zigzag & 1);
            }
        }
        throw new SerializationException("it has a number of more than 10 bytes");
    }

    /** The length of the bytes or the text that begins here. */
    public int readLength() {
        long length = readLong();
        if (length < 0 || length > bytes.remaining()) {
            throw new SerializationException(
                    "it has a length of " + length + " where " + bytes.remaining() + " bytes are left");
        }
        return (int) length;
    }

    /** Passes bytes; returns where they began. */
    public int skip(int length) {
        int from = bytes.position();
        bytes.position(from + length);
        return from;
    }
}
