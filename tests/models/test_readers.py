"""Checkpoints of TensorFlow and PyTorch are read without either."""

from __future__ import annotations

import io
import pickle
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from soundrack.models.conversion import checkpoint, torch_archive, wire
from tests.models.checkpoints import pytorch, tensorflow

WEIGHTS = {
    "conv2d/bias": np.arange(3, dtype=np.float32),
    "conv2d/kernel": np.arange(24, dtype=np.float32).reshape(2, 3, 4) - 7.5,
    "conv2d_1/bias": np.array([2.5], dtype=np.float32),
}


def test_every_variable_of_a_tensorflow_checkpoint_is_read():
    found = checkpoint.read(*tensorflow(WEIGHTS))

    assert found.keys() == WEIGHTS.keys()
    for name, array in WEIGHTS.items():
        assert found[name].shape == array.shape
        assert np.array_equal(found[name], array)


def test_variables_that_are_no_float32_are_left_out():
    assert checkpoint.read(*tensorflow(WEIGHTS, dtype=9)) == {}


def test_what_is_no_checkpoint_in_one_whole_part_is_refused():
    index, data = tensorflow(WEIGHTS)

    with pytest.raises(ValueError, match="not an index"):
        checkpoint.read(index[:-1], data)
    with pytest.raises(ValueError, match="cut short"):
        checkpoint.read(index, data[:-1])
    with pytest.raises(ValueError, match="several parts"):
        checkpoint.read(*tensorflow(WEIGHTS, shard=1))


def test_every_tensor_of_a_pytorch_archive_is_read():
    found = torch_archive.read(pytorch(WEIGHTS))

    assert list(found) == list(WEIGHTS)
    for name, array in WEIGHTS.items():
        assert found[name].shape == array.shape
        assert np.array_equal(found[name], array)


def test_a_tensor_that_is_not_contiguous_is_refused():
    with pytest.raises(ValueError, match="not contiguous"):
        torch_archive.read(pytorch({"weight": np.zeros((2, 3), dtype=np.float32)}, strides=(1, 2)))


def test_an_archive_that_names_anything_to_run_is_refused_and_runs_nothing():
    class Shell:
        def __reduce__(self):
            return print, ("run",)

    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as members:
        members.writestr("archive/data.pkl", pickle.dumps({"weight": Shell()}, 2))

    with pytest.raises(ValueError, match="print among the weights"):
        torch_archive.read(archive.getvalue())


@given(st.lists(st.tuples(st.integers(1, 2**20), st.one_of(st.integers(0, 2**63), st.binary(max_size=300)))))
def test_a_message_is_read_as_it_was_written(fields):
    expected: dict[int, list[int | bytes]] = {}
    for number, value in fields:
        expected.setdefault(number, []).append(value)

    assert wire.fields(wire.message(fields)) == expected


def test_a_message_of_unknown_wire_types_is_refused():
    with pytest.raises(ValueError, match="wire type 3"):
        wire.fields(b"\x0b")
