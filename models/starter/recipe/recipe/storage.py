"""Small files at fp32 speed: weights stored as int8 per output channel or as fp16, cast back by nodes that the runtime folds.

ONNX Runtime computes `Cast` (and `Mul` with the scale) of a constant once, when a session is made, so the graph runs in fp32.
The same rounding is applied to the torch weights first: both then hold equal numbers and can be compared closely.
"""
import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

SMALL = 1024   # tensors with fewer numbers stay fp32


@torch.no_grad()
def round_weights(module, mode):
    """Rounds a module's weights in place to what will be stored; `mode` is 'int8' or 'fp16'."""
    for parameter in module.parameters():
        if parameter.numel() < SMALL:
            continue
        if mode == 'fp16' or parameter.ndim < 2:
            parameter.copy_(parameter.half().float())
            continue
        scale = parameter.abs().amax(tuple(range(1, parameter.ndim)), keepdim=True) / 127 + 1e-12
        parameter.copy_((parameter / scale).round().clamp(-127, 127) * scale)
    return module


def output_axis(node, array):
    """The axis of a weight that counts output channels, by the node that uses it."""
    if node.op_type == 'MatMul':
        return array.ndim - 1
    if node.op_type == 'Gemm':
        return 0 if any(a.name == 'transB' and a.i for a in node.attribute) else 1
    return 0


def as_fp16(tensor, array):
    stored = numpy_helper.from_array(array.astype(np.float16), tensor.name + '.f16')
    return [stored], [helper.make_node('Cast', [stored.name], [tensor.name], to=TensorProto.FLOAT)]


def as_int8(tensor, array, axis):
    scale = np.abs(array).max(axis=tuple(i for i in range(array.ndim) if i != axis), keepdims=True) / 127 + 1e-12
    stored = numpy_helper.from_array(np.clip(np.round(array / scale), -127, 127).astype(np.int8), tensor.name + '.i8')
    factor = numpy_helper.from_array(scale.astype(np.float32), tensor.name + '.scale')
    cast = helper.make_node('Cast', [stored.name], [tensor.name + '.cast'], to=TensorProto.FLOAT)
    return [stored, factor], [cast, helper.make_node('Mul', [tensor.name + '.cast', factor.name], [tensor.name])]


def shrink(path, mode):
    """Rewrites an ONNX file with its large weights stored as int8 or fp16."""
    model = onnx.load(path)
    graph, first, kept, users = model.graph, [], [], {}
    for node in graph.node:
        for name in node.input:
            users.setdefault(name, node)
    for tensor in graph.initializer:
        array = numpy_helper.to_array(tensor)
        if array.dtype != np.float32 or array.size < SMALL:
            kept.append(tensor)
            continue
        if mode == 'fp16' or array.ndim < 2:
            tensors, nodes = as_fp16(tensor, array)
        else:
            tensors, nodes = as_int8(tensor, array, output_axis(users[tensor.name], array))
        kept += tensors
        first += nodes
    nodes = list(graph.node)
    del graph.node[:], graph.initializer[:]
    graph.node.extend(first + nodes)
    graph.initializer.extend(kept)
    onnx.save(model, path)
