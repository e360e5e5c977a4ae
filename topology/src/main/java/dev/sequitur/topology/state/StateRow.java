package dev.sequitur.topology.state;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** State rows as bytes: float32, little endian. */
final class StateRow {
    private StateRow() {}

    /** A buffer of {@code 4·row.length} bytes, ready to be read. */
    static ByteBuffer encode(float[] row) {
        ByteBuffer bytes = ByteBuffer.allocate(row.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(row);
        return bytes;
    }

    /** The buffer's remaining floats; its position stays. */
    static float[] decode(ByteBuffer bytes) {
        float[] row = new float[bytes.remaining() / Float.BYTES];
        bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().get(row);
        return row;
    }
}
