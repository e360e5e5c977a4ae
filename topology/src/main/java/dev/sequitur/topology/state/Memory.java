package dev.sequitur.topology.state;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** What the alarms remember of an entity, as it is stored: nothing where every byte is 0. */
final class Memory {
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0).asReadOnlyBuffer();

    private Memory() {}

    /** A buffer ready to be read; {@code memory} may change afterwards. */
    static ByteBuffer encode(ByteBuffer memory) {
        for (int i = 0; i < memory.capacity(); i++) {
            if (memory.get(i) != 0) {
                return ByteBuffer.allocate(memory.capacity()).put(0, memory, 0, memory.capacity());
            }
        }
        return NOTHING.duplicate();
    }

    /** A copy of the stored bytes, little endian; {@code bytes} of 0 where nothing is stored. */
    static ByteBuffer decode(ByteBuffer stored, int bytes) {
        return ByteBuffer.allocate(bytes)
                .put(0, stored, stored.position(), stored.remaining())
                .order(ByteOrder.LITTLE_ENDIAN);
    }
}
