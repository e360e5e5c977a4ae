package dev.sequitur.topology.history;

import dev.sequitur.schemas.Score;
import java.util.Arrays;

/**
 * Events of an entity that followed each other, and the state row from before them.
 *
 * <p>Threading: {@link #add} belongs to one thread, and any may read meanwhile: what lies below {@link #size} never
 * changes, and the arrays are replaced, not reused, when they are full.
 */
final class Stretch {
    private static final int FIRST = 4;

    private final float[] base;
    private final int width;
    private volatile Score[] scores = new Score[FIRST];
    private volatile float[] inputs;
    private volatile int size;
    private volatile Stretch older;

    /**
     * @param base state row [S]
     * @param width I
     * @param older what came before, without a gap; null for nothing that is known
     */
    Stretch(float[] base, int width, Stretch older) {
        this.base = base;
        this.width = width;
        this.inputs = new float[FIRST * width];
        this.older = older;
    }

    void add(Score score, float[] features, int at) {
        int n = size;
        if (n == scores.length) {
            inputs = Arrays.copyOf(inputs, 2 * n * width);
            scores = Arrays.copyOf(scores, 2 * n);
        }
        System.arraycopy(features, at, inputs, n * width, width);
        scores[n] = score;
        // Last: whoever sees the new size sees what was written before.
        size = n + 1;
    }

    float[] base() {
        return base;
    }

    int size() {
        return size;
    }

    Score score(int i) {
        return scores[i];
    }

    /** Copies the first {@code n} inputs to {@code to[at .. at + n · I)}. */
    void copyInputs(int n, float[] to, int at) {
        System.arraycopy(inputs, 0, to, at, n * width);
    }

    Stretch older() {
        return older;
    }

    void forgetOlder() {
        older = null;
    }
}
