package dev.sequitur.model.data;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** An event without its entity as bytes, for scratch files: they are read by the process that wrote them alone. */
final class EventBytes {
    private static final byte NOTHING = 0;
    private static final byte NUMBER = 1;
    private static final byte TEXT = 2;
    private static final byte FLAGS = 3;

    private EventBytes() {}

    static byte[] of(Event event) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(64);
        DataOutputStream out = new DataOutputStream(bytes);
        out.writeLong(event.timeMs());
        out.writeBoolean(event.last());
        out.writeInt(event.values().length);
        for (Object value : event.values()) {
            write(value, out);
        }
        return bytes.toByteArray();
    }

    private static void write(Object value, DataOutputStream out) throws IOException {
        if (value == null) {
            out.writeByte(NOTHING);
        } else if (value instanceof Double number) {
            out.writeByte(NUMBER);
            out.writeDouble(number);
        } else if (value instanceof String text) {
            byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
            out.writeByte(TEXT);
            out.writeInt(utf8.length);
            out.write(utf8);
        } else if (value instanceof boolean[] flags) {
            out.writeByte(FLAGS);
            out.writeInt(flags.length);
            for (boolean flag : flags) {
                out.writeBoolean(flag);
            }
        } else {
            throw new IllegalArgumentException("expected a value of an event: a Double, a String, a boolean[] or null,"
                    + " got a " + value.getClass().getName());
        }
    }

    /** @param bytes stands behind the event afterwards */
    static Event event(String entity, ByteBuffer bytes) {
        long timeMs = bytes.getLong();
        boolean last = bytes.get() != 0;
        Object[] values = new Object[bytes.getInt()];
        for (int i = 0; i < values.length; i++) {
            values[i] = value(bytes);
        }
        return new Event(entity, timeMs, values, last);
    }

    private static Object value(ByteBuffer bytes) {
        switch (bytes.get()) {
            case NUMBER:
                return bytes.getDouble();
            case TEXT:
                byte[] utf8 = new byte[bytes.getInt()];
                bytes.get(utf8);
                return new String(utf8, StandardCharsets.UTF_8);
            case FLAGS:
                boolean[] flags = new boolean[bytes.getInt()];
                for (int i = 0; i < flags.length; i++) {
                    flags[i] = bytes.get() != 0;
                }
                return flags;
            default:
                return null;
        }
    }
}
