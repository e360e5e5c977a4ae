package dev.sequitur.model.head;

import java.util.function.BiFunction;
import org.tensorflow.Graph;
import org.tensorflow.Operand;
import org.tensorflow.Output;
import org.tensorflow.Session;
import org.tensorflow.ndarray.Shape;
import org.tensorflow.ndarray.StdArrays;
import org.tensorflow.op.Ops;
import org.tensorflow.op.core.Placeholder;
import org.tensorflow.types.TFloat32;

/**
 * What a head makes of some rows, in a graph of its own.
 *
 * @param gradient of the sum of the surprises, by the raw inputs
 */
record HeadRun(float[][] surprise, float[][] parameters, float[][] gradient) {
    static HeadRun of(Head head, float[][] raw, float[][] observed) {
        return of(
                (tf, in) -> head.surprise(tf, in.raw(), in.rows()),
                (tf, in) -> head.parameters(tf, in.raw()),
                raw,
                observed);
    }

    /** What goes in. */
    record Inputs(Operand<TFloat32> raw, Operand<TFloat32> rows) {}

    static HeadRun of(
            BiFunction<Ops, Inputs, Operand<TFloat32>> surprise,
            BiFunction<Ops, Inputs, Operand<TFloat32>> parameters,
            float[][] raw,
            float[][] observed) {
        try (Graph graph = new Graph()) {
            Ops tf = Ops.create(graph);
            Placeholder<TFloat32> rawIn =
                    tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, raw[0].length)));
            Placeholder<TFloat32> rowsIn =
                    tf.placeholder(TFloat32.class, Placeholder.shape(Shape.of(-1, observed[0].length)));
            Inputs inputs = new Inputs(rawIn, rowsIn);
            Operand<TFloat32> nats = surprise.apply(tf, inputs);
            Operand<TFloat32> distribution = parameters.apply(tf, inputs);
            Output<?> gradient = graph.addGradients(nats.asOutput(), new Output<?>[] {rawIn.asOutput()})[0];
            try (Session session = new Session(graph);
                    TFloat32 rawValue = TFloat32.tensorOf(StdArrays.ndCopyOf(raw));
                    TFloat32 rowsValue = TFloat32.tensorOf(StdArrays.ndCopyOf(observed));
                    var result = session.runner()
                            .feed(rawIn, rawValue)
                            .feed(rowsIn, rowsValue)
                            .fetch(nats)
                            .fetch(distribution)
                            .fetch(gradient)
                            .run()) {
                return new HeadRun(
                        StdArrays.array2dCopyOf((TFloat32) result.get(0)),
                        StdArrays.array2dCopyOf((TFloat32) result.get(1)),
                        StdArrays.array2dCopyOf((TFloat32) result.get(2)));
            }
        }
    }
}
