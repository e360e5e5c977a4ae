package dev.sequitur.model.reference;

import dev.sequitur.model.bundle.ModelBundle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a bundle computes, in plain Java, in double: one entity, one event at a time. */
public interface ReferenceModel {
    double[] initialState();

    /**
     * The state after an event's feature row.
     *
     * @param trace is told what each layer gets and does, {@code 1.x}, {@code 1.forget} and so on; of an ensemble's member,
     *     {@code member0/1.x}
     */
    double[] step(float[] row, double[] state, ReferenceCell.Trace trace);

    /** The state after an event's feature row. */
    default double[] step(float[] row, double[] state) {
        return step(row, state, (name, unit, value) -> {});
    }

    /** Surprise of each target, then of END where the spec knows one, for an event found in this state. */
    double[] surprise(float[] row, double[] state);

    /** Weights of the last events in what a state predicts, newest first; of a model with attention. */
    double[] attention(double[] state);

    /** Reads the weights from the bundle's file. */
    static ReferenceModel of(ModelBundle bundle, Path directory) throws IOException {
        ReferenceWeights weights = ReferenceWeights.of(directory);
        int members = bundle.manifest().members();
        if (members == 1) {
            return new ReferenceNetwork(bundle.spec(), bundle.learned(), weights);
        }
        List<ReferenceModel> networks = new ArrayList<>();
        for (int m = 0; m < members; m++) {
            networks.add(new ReferenceNetwork(bundle.spec(), bundle.learned(), weights.member(m)));
        }
        return new ReferenceEnsemble(networks);
    }
}
