package dev.sequitur.model.reference;

import dev.sequitur.model.graph.NamedWeight;
import java.io.IOException;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;
import org.tensorflow.proto.TensorProto;

/** Weights as matrices of doubles, by the name that TensorFlow knows them by: {@code layer0.kernel}. */
public final class ReferenceWeights {
    private final Map<String, double[][]> matrices = new HashMap<>();

    /** The constants of a bundle's graph, read from the file, without TensorFlow. */
    public static ReferenceWeights of(Path bundleDirectory) throws IOException {
        Path graph = bundleDirectory.resolve("saved_model/saved_model.pb");
        SavedModel model = SavedModel.parseFrom(Files.readAllBytes(graph));
        ReferenceWeights weights = new ReferenceWeights();
        for (NodeDef node : model.getMetaGraphs(0).getGraphDef().getNodeList()) {
            TensorProto tensor = node.getAttrOrDefault("value", org.tensorflow.proto.AttrValue.getDefaultInstance())
                    .getTensor();
            if (node.getOp().equals("Const") && tensor.getDtype() == org.tensorflow.proto.DataType.DT_FLOAT) {
                int dimensions = tensor.getTensorShape().getDimCount();
                int rows = dimensions < 2
                        ? 1
                        : (int) tensor.getTensorShape().getDim(0).getSize();
                int columns = dimensions == 0
                        ? 1
                        : (int) tensor.getTensorShape().getDim(dimensions - 1).getSize();
                weights.matrices.put(node.getName(), matrix(tensor, rows, columns));
            }
        }
        return weights;
    }

    /** Those of an ensemble's member: {@code member1/layer0.kernel} is its {@code layer0.kernel}. */
    public ReferenceWeights member(int member) {
        String scope = "member" + member + "/";
        ReferenceWeights own = new ReferenceWeights();
        matrices.forEach((name, matrix) -> {
            if (name.startsWith(scope)) {
                own.matrices.put(name.substring(scope.length()), matrix);
            }
        });
        return own;
    }

    public static ReferenceWeights of(Collection<NamedWeight> values) {
        ReferenceWeights weights = new ReferenceWeights();
        for (NamedWeight weight : values) {
            int rows = weight.shape().length < 2 ? 1 : weight.shape()[0];
            int columns = weight.values().length / rows;
            double[][] matrix = new double[rows][columns];
            for (int i = 0; i < weight.values().length; i++) {
                matrix[i / columns][i % columns] = weight.values()[i];
            }
            weights.matrices.put(weight.name().replace('/', '.'), matrix);
        }
        return weights;
    }

    private static double[][] matrix(TensorProto tensor, int rows, int columns) {
        var bytes = tensor.getTensorContent().asReadOnlyByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
        double[][] matrix = new double[rows][columns];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                int at = i * columns + j;
                // TensorFlow shortens a tensor whose last values repeat.
                matrix[i][j] = bytes.capacity() > 0
                        ? bytes.getFloat(4 * at)
                        : tensor.getFloatValCount() == 0
                                ? 0
                                : tensor.getFloatVal(Math.min(at, tensor.getFloatValCount() - 1));
            }
        }
        return matrix;
    }

    public Set<String> names() {
        return Collections.unmodifiableSet(matrices.keySet());
    }

    public double[][] matrix(String name) {
        double[][] matrix = matrices.get(name);
        if (matrix == null) {
            throw new IllegalStateException("no weight '" + name + "'; there are " + matrices.keySet());
        }
        return matrix;
    }

    public double[] vector(String name) {
        return matrix(name)[0];
    }
}
