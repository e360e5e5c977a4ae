package dev.sequitur.model.step;

/**
 * Sizes of a step function's rows.
 *
 * @param features I, floats of an encoded event
 * @param state S, floats of a state row
 * @param surprises F, predicted fields, END among them where the spec knows an end
 * @param parameters P, parameters of the next event's distribution
 */
public record StepShape(int features, int state, int surprises, int parameters) {
    public StepShape {
        if (features < 1 || state < 1 || surprises < 1 || parameters < 1) {
            throw new IllegalArgumentException("every size of a step must be >= 1, got features=" + features + " state="
                    + state + " surprises=" + surprises + " parameters=" + parameters);
        }
    }
}
