package dev.sequitur.model.bundle;

import dev.sequitur.model.feature.FeatureLayout;
import dev.sequitur.model.step.StepBatch;
import dev.sequitur.model.step.StepShape;
import dev.sequitur.model.step.TensorFlowStepFunction;
import java.nio.file.Path;
import java.util.Arrays;

/** Replays one golden sequence and compares. */
final class GoldenReplay {
    private final Path origin;
    private final Goldens.Golden golden;
    private final TensorFlowStepFunction step;
    private final StepShape shape;

    GoldenReplay(Path origin, Goldens.Golden golden, TensorFlowStepFunction step) {
        this.origin = origin;
        this.golden = golden;
        this.step = step;
        this.shape = step.shape();
    }

    /** One event a call. */
    void steps() {
        StepBatch batch = new StepBatch(shape);
        batch.resize(1);
        for (int i = 0; i < golden.features().length; i++) {
            System.arraycopy(golden.features()[i], 0, batch.features, 0, shape.features());
            step.step(batch);
            same("step", i, "surprise", golden.surprise()[i], batch.surprise, 0);
            same("step", i, "prediction", golden.prediction()[i], batch.prediction, 0);
        }
        same("step", golden.features().length - 1, "state", golden.state(), batch.state, 0);
    }

    /** T events a call; a block is short where a session starts behind it, and at the end. */
    void blocks(int steps) {
        float[] state = new float[shape.state()];
        float[] features = new float[steps * shape.features()];
        float[] surprise = new float[steps * shape.surprises()];
        float[] expected = new float[steps * shape.parameters()];
        float[] prediction = new float[steps * shape.parameters()];
        int n = golden.features().length;
        int length;
        for (int from = 0; from < n; from += length) {
            length = length(from, Math.min(steps, n - from));
            Arrays.fill(features, 0f);
            for (int t = 0; t < length; t++) {
                System.arraycopy(golden.features()[from + t], 0, features, t * shape.features(), shape.features());
            }
            step.block(steps, features, new int[] {length}, state, surprise, expected, prediction);
            String call = TensorFlowStepFunction.block(steps);
            for (int t = 0; t < length; t++) {
                same(call, from + t, "surprise", golden.surprise()[from + t], surprise, t * shape.surprises());
                same(call, from + t, "prediction", golden.prediction()[from + t], prediction, t * shape.parameters());
            }
        }
        same(TensorFlowStepFunction.block(steps), n - 1, "state", golden.state(), state, 0);
    }

    private int length(int from, int longest) {
        int length = 1;
        while (length < longest && golden.features()[from + length][FeatureLayout.START] == 0) {
            length++;
        }
        return length;
    }

    private void same(String call, int event, String what, float[] expected, float[] got, int at) {
        for (int i = 0; i < expected.length; i++) {
            if (!Goldens.same(expected[i], got[at + i])) {
                throw new BundleException("Bundle " + origin + " doesn't compute what it did when it was trained: its"
                        + " goldens expect " + what + "[" + i + "] = " + expected[i] + " after event " + event
                        + ", signature '" + call + "' gives " + got[at + i]
                        + ". Take the original, or train again");
            }
        }
    }
}
