package dev.sequitur.topology.state;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What the alarms remember of an entity, as it is stored: nothing where every byte is 0. */
final class Memory {
    private Memory() {}

    /** Bytes that are stored of it. */
    static int stored(ByteBuffer memory) {
        for (int i = 0; i < memory.capacity(); i++) {
            if (memory.get(i) != 0) {
                return memory.capacity();
            }
        }
        return 0;
    }

    /** A copy of what is stored, little endian; {@code bytes} of 0 where nothing is. */
    static ByteBuffer read(ByteBuffer stored, int from, int length, int bytes) {
        return nothing(bytes).put(0, stored, from, length);
    }

    static ByteBuffer copy(ByteBuffer memory) {
        return nothing(memory.capacity()).put(0, memory, 0, memory.capacity());
    }

    static ByteBuffer nothing(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
