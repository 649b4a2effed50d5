# mypy: ignore-errors
"""Spleeter's layers and weights, in TensorFlow. Arguments: a folder with the package in it, and the index's name.

The package's graph is the one that was trained, with dropout and with the means of a batch; so the layers are those of
its ``spleeter/model/functions/unet.py``, written with TensorFlow's own operators.
"""

import sys
from pathlib import Path

import numpy as np
import tensorflow as tf

folder = Path(sys.argv[1])
reader = tf.compat.v1.train.NewCheckpointReader(str(folder / sys.argv[2]).removesuffix(".index"))


def variable(kind, number, part):
    """Return a variable of a layer by its kind and number."""
    return reader.get_tensor(f"{kind}_{number}/{part}" if number else f"{kind}/{part}")


def normalised(x, number):
    """Apply a batch normalisation."""
    parts = ("moving_mean", "moving_variance", "beta", "gamma")
    return tf.nn.batch_normalization(x, *(variable("batch_normalization", number, part) for part in parts), 1e-3)


def convolved(x, number, stride, dilation):
    """Apply a convolution."""
    kernel, bias = (variable("conv2d", number, part) for part in ("kernel", "bias"))
    return tf.nn.conv2d(x, kernel, stride, "SAME", dilations=dilation) + bias


def doubled(x, number):
    """Apply a transposed convolution."""
    kernel, bias = (variable("conv2d_transpose", number, part) for part in ("kernel", "bias"))
    shape = [x.shape[0], 2 * x.shape[1], 2 * x.shape[2], kernel.shape[2]]
    return tf.nn.conv2d_transpose(x, kernel, shape, 2, "SAME") + bias


def network(given, which):
    """Return the magnitudes of one stem."""
    x, beside = given, []
    for level in range(6):
        beside.append(convolved(x, 7 * which + level, 2, 1))
        x = tf.nn.leaky_relu(normalised(beside[-1], 12 * which + level), 0.2)
    x = beside[-1]
    for level in range(6):
        x = tf.concat([beside[5 - level], x], 3) if level else x
        x = normalised(tf.nn.relu(doubled(x, 6 * which + level)), 12 * which + 6 + level)
    return (tf.sigmoid(convolved(x, 7 * which + 6, 1, 2)) * given).numpy().transpose(0, 3, 1, 2)


patch = tf.constant(np.load(folder / "given.npy").transpose(0, 2, 3, 1))
np.savez(folder / "found.npz", vocals=network(patch, 0), accompaniment=network(patch, 1))
