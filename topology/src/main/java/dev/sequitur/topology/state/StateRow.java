package dev.sequitur.topology.state;

import dev.sequitur.model.step.StatePrecision;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;

/** State rows as bytes, little endian. */
final class StateRow {
    private StateRow() {}

    /**
     * Writes the row at the buffer's position, which moves behind it.
     *
     * @param to little endian
     * @return whether a number was beyond the precision's range
     */
    static boolean write(float[] row, StatePrecision precision, ByteBuffer to) {
        if (precision == StatePrecision.FLOAT32) {
            to.asFloatBuffer().put(row);
            to.position(to.position() + row.length * Float.BYTES);
            return false;
        }
        boolean saturated = false;
        for (float value : row) {
            to.putShort((short) precision.bits(value));
            saturated |= !precision.holds(value);
        }
        return saturated;
    }

    /**
     * The numbers of {@code bytes[from .. from + length)}, whose position stays.
     *
     * @param bytes little endian
     */
    static float[] read(ByteBuffer bytes, int from, int length, StatePrecision precision) {
        float[] row = new float[length / precision.bytes()];
        if (precision == StatePrecision.FLOAT32) {
            FloatBuffer floats = bytes.slice(from, length).order(bytes.order()).asFloatBuffer();
            floats.get(row);
            return row;
        }
        for (int i = 0; i < row.length; i++) {
            row[i] = precision.value(bytes.getShort(from + i * precision.bytes()) & 0xFFFF);
        }
        return row;
    }
}
