package dev.sequitur.model.evaluate;

/**
 * Running sums of one predicted field.
 *
 * <p>Of a categorical field: how often the likeliest answer came true, with and without the predictions that an END
 * followed. In both the answer may be END; one that never came true there is wrong. Of a continuous field: the distance
 * between the median and what came, in the field's own units.
 */
final class FieldMetrics {
    long predictions;
    long correct;
    long endings;
    long correctEndings;
    double absoluteError;
    double squaredError;

    void answer(boolean right) {
        predictions++;
        correct += right ? 1 : 0;
    }

    void ending(boolean right) {
        endings++;
        correctEndings += right ? 1 : 0;
    }

    void error(double error) {
        predictions++;
        absoluteError += Math.abs(error);
        squaredError += error * error;
    }

    double accuracy() {
        return (double) correct / predictions;
    }

    double accuracyWithEnd() {
        return (double) (correct + correctEndings) / (predictions + endings);
    }

    double meanAbsoluteError() {
        return absoluteError / predictions;
    }

    double rootMeanSquaredError() {
        return Math.sqrt(squaredError / predictions);
    }
}
