package dev.sequitur.model.bundle;

import java.util.List;

/**
 * {@code goldens.json}: sequences with what the model must make of them. A loader replays them, as single steps and as
 * blocks; a bundle whose goldens don't come out isn't the model that was trained.
 */
record Goldens(List<Golden> sequences) {
    /**
     * @param features {@code [n][I]}
     * @param surprise {@code [n][F]}
     * @param prediction {@code [n][P]}
     * @param state {@code [S]}, after the last event, from a state of zeros
     */
    record Golden(float[][] features, float[][] surprise, float[][] prediction, float[] state) {}

    /** How far a value may be off: other machines add in another order. */
    private static final double TOLERANCE = 1e-4;

    static boolean same(float expected, float got) {
        return Math.abs(expected - got) <= TOLERANCE * (1 + Math.abs(expected));
    }
}
