package dev.sequitur.model.network;

import dev.sequitur.model.feature.FeatureLayout;
import dev.sequitur.model.feature.LearnedField;
import dev.sequitur.model.feature.Slice;
import dev.sequitur.model.graph.Columns;
import dev.sequitur.model.graph.Initializer;
import dev.sequitur.model.graph.Weights;
import dev.sequitur.model.spec.FieldSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.Operand;
import org.tensorflow.op.Ops;
import org.tensorflow.types.TFloat32;
import org.tensorflow.types.TInt32;

/** What a network sees of some fields of a feature row: categories embedded, numbers bounded, the rest as it is. */
final class InputLayer {
    /** Numbers beyond this many standard deviations look alike, so that one wild reading can't wreck the state. */
    private static final float BOUND = 10f;

    private final FeatureLayout layout;
    private final List<FieldSpec> fields;
    private final Map<String, Operand<TFloat32>> embeddings = new LinkedHashMap<>();
    private final int width;

    InputLayer(FeatureLayout layout, List<FieldSpec> fields, Map<String, LearnedField> learned, Weights weights) {
        this.layout = layout;
        this.fields = fields;
        int sum = 0;
        for (FieldSpec field : fields) {
            if (field instanceof FieldSpec.Categorical) {
                LearnedField.Vocabulary vocabulary = (LearnedField.Vocabulary) learned.get(field.name());
                embeddings.put(
                        field.name(),
                        weights.get(
                                "embedding/" + field.name(),
                                // Unit variance: an embedded value weighs as much as a standardised number.
                                Initializer.uniform(Math.sqrt(3)),
                                vocabulary.size(),
                                vocabulary.embedding()));
                sum += vocabulary.embedding();
            } else {
                sum += layout.of(field).width();
            }
        }
        width = sum;
    }

    int width() {
        return width;
    }

    /** {@code [N,width]} of {@code rows [N,I]}. */
    Operand<TFloat32> of(Ops tf, Operand<TFloat32> rows) {
        List<Operand<TFloat32>> parts = new ArrayList<>();
        for (FieldSpec field : fields) {
            Slice slice = layout.of(field);
            Operand<TFloat32> columns = Columns.of(tf, rows, slice);
            if (field instanceof FieldSpec.Categorical) {
                Operand<TInt32> slots = tf.dtypes.cast(tf.reshape(columns, tf.constant(new int[] {-1})), TInt32.class);
                parts.add(tf.gather(embeddings.get(field.name()), slots, tf.constant(0)));
            } else {
                parts.add(tf.math.maximum(tf.constant(-BOUND), tf.math.minimum(tf.constant(BOUND), columns)));
            }
        }
        return Columns.join(tf, parts);
    }
}
