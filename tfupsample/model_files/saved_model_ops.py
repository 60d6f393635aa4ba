"""The operations that a SavedModel may hold: those of this project's models.

A SavedModel is a program. `tf.saved_model.load` runs only parts of it, such as
the creation of tables; calling it runs the rest, which may read and write
files. So graphs are searched before they are loaded.
"""

from tfupsample.errors import UnusableInput

# What the networks in `models` use with any upsampler, and arithmetic like it:
# none of these reaches beyond its tensors.
COMPUTING = frozenset(
    """
    Add AddN AddV2 AvgPool AvgPoolGrad BatchMatMulV2 BatchToSpaceND BiasAdd
    BiasAddGrad BroadcastGradientArgs BroadcastTo Cast ConcatV2 Const Conv2D
    Conv2DBackpropFilter Conv2DBackpropInput DepthToSpace DepthwiseConv2dNative
    DepthwiseConv2dNativeBackpropFilter DepthwiseConv2dNativeBackpropInput
    Einsum Elu Equal Exp ExpandDims Fill Floor FloorDiv FloorMod
    FusedBatchNormV3 GatherV2 Greater GreaterEqual Identity IdentityN LeakyRelu
    LeakyReluGrad Less LessEqual LogicalAnd MatMul Max MaxPool MaxPoolGrad
    Maximum Mean Minimum MirrorPad MirrorPadGrad Mul Neg NoOp NotEqual OnesLike
    Pack Pad PadV2 PartitionedCall Placeholder Pow Prod RandomStandardNormal
    Range ReadVariableOp RealDiv Reciprocal Relu ReluGrad Reshape ResizeBicubic
    ResizeBilinear ResizeNearestNeighbor ReverseV2 Rsqrt RsqrtGrad Select
    SelectV2 Shape Sigmoid Slice Softmax SpaceToBatchND SpaceToDepth Split
    SplitV Sqrt Square SquaredDifference Squeeze StatefulPartitionedCall
    StatelessRandomGetKeyCounter StatelessRandomNormalV2 StopGradient
    StridedSlice StridedSliceGrad Sub Sum Tanh TanhGrad Tile Transpose Unpack
    VarHandleOp ZerosLike
    """.split()
)
# Operations of the two functions that save and restore the variables.
SAVING = frozenset(
    """
    AssignVariableOp DisableCopyOnRead MergeV2Checkpoints RestoreV2 SaveV2
    ShardedFilename StaticRegexFullMatch StringJoin
    """.split()
)
OBJECTS = frozenset(
    """
    bare_concrete_function captured_tensor constant function user_object
    variable
    """.split()
)


def check_operations(graph, path):
    """Raises unless a graph only computes.

    The functions that save and restore variables may be called from the top of
    the graph, as `saver_def` says, but from no function, so that no signature
    reaches them.

    Args:
        graph: The `MetaGraphDef`.
        path: The path of the SavedModel, for the message.

    Raises:
        UnusableInput: if there are operations or objects that do not belong
            there.
    """
    definition = graph.graph_def
    savers = _saver_functions(graph)
    found = set(_operations_out_of_place(definition.node, set()))
    for function in definition.library.function:
        name = function.signature.name
        found |= set(
            _operations_out_of_place(
                function.node_def,
                savers,
                COMPUTING | SAVING if name in savers else COMPUTING,
            )
        )
    found |= {
        kind
        for node in graph.object_graph_def.nodes
        if (kind := node.WhichOneof("kind")) not in OBJECTS
    }
    if found:
        raise UnusableInput(
            f"{path} holds what no model of this project needs: "
            f"{', '.join(sorted(map(str, found))[:8])}."
        )


def _saver_functions(graph):
    """Returns the names of the functions that the nodes of `saver_def` call."""
    saver = graph.saver_def
    nodes = {
        name.partition(":")[0]
        for name in (saver.save_tensor_name, saver.restore_op_name)
    }
    return {
        node.attr["f"].func.name
        for node in graph.graph_def.node
        if node.name in nodes
    }


def _operations_out_of_place(nodes, forbidden, allowed=COMPUTING):
    """Returns operations that are not allowed, and calls of forbidden ones."""
    for node in nodes:
        if node.op not in allowed:
            yield node.op
        for value in node.attr.values():
            called = {value.func.name, *(f.name for f in value.list.func)}
            yield from called & forbidden
