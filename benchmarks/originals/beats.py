# mypy: ignore-errors
"""BeatNet's own class and weights, in PyTorch. Arguments: a folder with the package in it, and the weights' name."""

import sys
from pathlib import Path

import numpy as np
import torch

folder, weights = Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, str(folder / "BeatNet" / "BeatNet"))
sys.path.insert(0, str(folder / "BeatNet"))
from model import BDA  # noqa: E402  # from the package

network = BDA(272, 150, 2, "cpu")
network.load_state_dict(torch.load(folder / weights, map_location="cpu"), strict=False)
network.eval()
with torch.no_grad():
    found = network.final_pred(network(torch.tensor(np.load(folder / "given.npy"))[None])[0])
np.savez(folder / "found.npz", probabilities=found.numpy().T)
