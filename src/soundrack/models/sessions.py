"""Loaded networks: each once, on one thread, shared with every process that is forked afterwards."""

from __future__ import annotations

import os
from functools import cache

os.environ["ORT_DISABLE_TELEMETRY"] = "1"  # read once, while it is imported; versions from 1.29 on would send reports

import onnxruntime

from soundrack.errors import NotConfigured
from soundrack.models import shelf
from soundrack.models.card import Card, cards

_ERRORS_ONLY = 3


def session(name: str) -> onnxruntime.InferenceSession:
    """Return a network, ready to run.

    It is read and checked at the first call and kept from then on. It runs on the calling thread, one operator after
    the other, and starts no thread.

    Parameters
    ----------
    name : str
        As on its card: ``beats``, ``tags_msd``, ``tags_mtt``, ``separator``.

    Raises
    ------
    NotConfigured
        If it is not installed, or its file was changed.
    """
    return _session(name)


def installed(name: str) -> bool:
    """Tell whether a network's file is there. Whether it is whole is told by :func:`session`."""
    return shelf.find(_card(name)) is not None


@cache
def _session(name: str) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = _ERRORS_ONLY
    return onnxruntime.InferenceSession(shelf.read(_card(name)), options, providers=["CPUExecutionProvider"])


def _card(name: str) -> Card:
    try:
        return cards()[name]
    except KeyError:
        raise NotConfigured(f"There is no network “{name}”: only {', '.join(cards())}.", field="name") from None
