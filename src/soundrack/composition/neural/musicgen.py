"""MusicGen, from weights on disk, by the package transformers.

J. Copet et al., Simple and Controllable Music Generation, NeurIPS 2023. The weights that its makers publish are under a
non-commercial licence (CC-BY-NC-4.0): they do not come along, and whoever uses them decides whether they may.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.neural.generator import Demand, folder_of, needed
from soundrack.errors import NotConfigured

_LONGEST_S = 30.0
"""What it was trained on."""
_GUIDANCE = 3.0


@dataclass(frozen=True)
class MusicGen:
    """MusicGen. `network` and `processor` are those of transformers; `rate_hz` and `frames_per_s` are the network's."""

    network: Any
    processor: Any
    rate_hz: int
    frames_per_s: float
    name: str = "MusicGen"
    longest_s: float = _LONGEST_S
    sings: bool = False

    def generate(self, demand: Demand) -> NDArray[np.float32]:
        """Return music, float32, shape (frames, channels); the random state of torch is left as it was."""
        torch = needed("torch")
        inputs = self.processor(text=[demand.prompt], padding=True, return_tensors="pt").to(self.network.device)
        # codebooks are delayed against each other by a frame each, which are cut off in the end
        delay = self.network.config.decoder.num_codebooks - 1
        tokens = math.ceil(demand.duration_s * self.frames_per_s) + delay
        with torch.inference_mode(), torch.random.fork_rng():
            torch.manual_seed(demand.seed)
            made = self.network.generate(**inputs, do_sample=True, guidance_scale=_GUIDANCE, max_new_tokens=tokens)
        sound: NDArray[np.float32] = made[0].float().cpu().numpy().T
        return sound


def load(weights: Path, device: str = "cpu") -> MusicGen:
    """Load MusicGen.

    Parameters
    ----------
    weights : Path
        A folder as transformers' ``save_pretrained`` writes it (``config.json``, ``*.safetensors``, the tokenizer).
        Nothing is fetched.
    device : str
        As torch names it: ``cpu``, ``cuda``.

    Raises
    ------
    NotConfigured
        If torch or transformers is not installed, or the folder holds no weights of MusicGen.
    """
    folder = folder_of(weights, "config.json")
    needed("torch")
    transformers = needed("transformers")
    try:
        network = transformers.MusicgenForConditionalGeneration.from_pretrained(
            folder, local_files_only=True, use_safetensors=True
        )
        processor = transformers.AutoProcessor.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise NotConfigured(f"The weights in {folder} are not MusicGen's.", field="weights") from error
    network = network.to(device).eval()
    audio = network.config.audio_encoder
    return MusicGen(network, processor, int(audio.sampling_rate), float(audio.frame_rate))
