# mypy: ignore-errors
"""musicnn's own graph and weights, in TensorFlow. Arguments: a folder with the package in it, and the index's name."""

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

v1 = tf.compat.v1
v1.disable_eager_execution()
folder = Path(sys.argv[1])
prefix = str(folder / sys.argv[2]).removesuffix(".index")
meta = v1.MetaGraphDef()
meta.ParseFromString(Path(prefix + ".meta").read_bytes())
for node in meta.graph_def.node:
    if "_output_shapes" in node.attr:
        del node.attr["_output_shapes"]  # those of TensorFlow 1 are refused today
end = next(node.name for node in meta.graph_def.node if node.op == "Sigmoid")
with tf.Graph().as_default() as graph, v1.Session() as session:
    tf.import_graph_def(v1.graph_util.extract_sub_graph(meta.graph_def, [end]), name="")
    reader = v1.train.NewCheckpointReader(prefix)
    for operation in graph.get_operations():
        if operation.type == "VariableV2":
            value = tf.constant(reader.get_tensor(operation.name))
            session.run(tf.raw_ops.Assign(ref=operation.outputs[0], value=value))
    inputs = [operation.outputs[0] for operation in graph.get_operations() if operation.type == "Placeholder"]
    found = []
    for patch in np.load(folder / "given.npy"):
        feed = {each: False if each.dtype == tf.bool else patch[None] for each in inputs}
        found.append(session.run(end + ":0", feed)[0])
np.savez(folder / "found.npz", tags=np.array(found))
