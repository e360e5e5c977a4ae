package dev.sequitur.model.feature;

/**
 * A named run of floats in a row: of a feature row, a state row or a row of distribution parameters.
 *
 * @param offset index of the first float
 * @param width number of floats
 */
public record Slice(String name, int offset, int width) {
    public Slice {
        if (offset < 0 || width < 1) {
            throw new IllegalArgumentException(
                    "slice '" + name + "' needs offset >= 0 and width >= 1, got " + offset + " and " + width);
        }
    }

    public int end() {
        return offset + width;
    }
}
