package dev.sequitur.model.bundle;

import java.util.Set;
import java.util.TreeSet;
import org.tensorflow.proto.FunctionDef;
import org.tensorflow.proto.GraphDef;
import org.tensorflow.proto.MetaGraphDef;
import org.tensorflow.proto.NodeDef;
import org.tensorflow.proto.SavedModel;

/**
 * The operations that a bundle's graph may consist of: arithmetic on tensors. A SavedModel is a program; with other
 * operations it could read and write files or never end. Checked on the file, before TensorFlow sees it.
 */
final class AllowedOps {
    private static final Set<String> ALLOWED = Set.of(
            // what goes in and out
            "Placeholder",
            "Const",
            "Identity",
            "IdentityN",
            "NoOp",
            "StopGradient",
            // shape
            "Cast",
            "ConcatV2",
            "ExpandDims",
            "Fill",
            "GatherV2",
            "OneHot",
            "OnesLike",
            "Pack",
            "Pad",
            "PadV2",
            "Range",
            "Reshape",
            "ReverseV2",
            "Select",
            "SelectV2",
            "Shape",
            "Size",
            "Slice",
            "Split",
            "SplitV",
            "Squeeze",
            "StridedSlice",
            "Tile",
            "Transpose",
            "Unpack",
            "ZerosLike",
            "BroadcastTo",
            "Rank",
            // arithmetic
            "Abs",
            "Add",
            "AddN",
            "AddV2",
            "ArgMax",
            "BatchMatMul",
            "BatchMatMulV2",
            "BiasAdd",
            "Ceil",
            "ClipByValue",
            "Cumsum",
            "Div",
            "DivNoNan",
            "Einsum",
            "Elu",
            "Erf",
            "Erfc",
            "Exp",
            "Expm1",
            "Floor",
            "FloorDiv",
            "FloorMod",
            "Log",
            "Log1p",
            "LogSoftmax",
            "MatMul",
            "Max",
            "Maximum",
            "Mean",
            "Min",
            "Minimum",
            "Mod",
            "Mul",
            "Neg",
            "Pow",
            "Prod",
            "RealDiv",
            "Reciprocal",
            "Relu",
            "Round",
            "Rsqrt",
            "Sigmoid",
            "Sign",
            "Softmax",
            "SoftmaxCrossEntropyWithLogits",
            "Softplus",
            "Sqrt",
            "Square",
            "SquaredDifference",
            "Sub",
            "Sum",
            "Tanh",
            "TopKV2",
            // comparison
            "All",
            "Any",
            "Equal",
            "Greater",
            "GreaterEqual",
            "IsFinite",
            "Less",
            "LessEqual",
            "LogicalAnd",
            "LogicalNot",
            "LogicalOr",
            "NotEqual",
            // fused cells
            "BlockLSTM",
            "BlockLSTMV2",
            "GRUBlockCell",
            "LSTMBlockCell",
            // calls of functions that are in the graph themselves
            "PartitionedCall",
            "StatefulPartitionedCall");

    private AllowedOps() {}

    /** The operations of the model that are not allowed, sorted. */
    static Set<String> refused(SavedModel model) {
        Set<String> refused = new TreeSet<>();
        for (MetaGraphDef meta : model.getMetaGraphsList()) {
            GraphDef graph = meta.getGraphDef();
            graph.getNodeList().forEach(node -> check(node, graph, refused));
            for (FunctionDef function : graph.getLibrary().getFunctionList()) {
                function.getNodeDefList().forEach(node -> check(node, graph, refused));
            }
        }
        return refused;
    }

    private static void check(NodeDef node, GraphDef graph, Set<String> refused) {
        boolean function = graph.getLibrary().getFunctionList().stream()
                .anyMatch(f -> f.getSignature().getName().equals(node.getOp()));
        if (!function && !ALLOWED.contains(node.getOp())) {
            refused.add(node.getOp());
        }
    }
}
