"""ACE-Step 1.5, from weights on disk, by the package diffusers.

J. Gong et al., ACE-Step: A Step Towards Music Generation Foundation Model, 2025. Its makers release no package of their
own that can be installed; diffusers has the pipeline. Their weights are under the MIT licence.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from soundrack.composition.neural.generator import Demand, folder_of, needed
from soundrack.errors import NotConfigured

_LONGEST_S = 240.0


@dataclass(frozen=True)
class AceStep:
    """ACE-Step: `pipeline` is that of diffusers, `rate_hz` that of its decoder."""

    pipeline: Any
    rate_hz: int
    language: str = "en"
    name: str = "ACE-Step"
    longest_s: float = _LONGEST_S
    sings: bool = True

    def generate(self, demand: Demand) -> NDArray[np.float32]:
        """Return music, float32, shape (frames, channels)."""
        torch = needed("torch")
        chance = torch.Generator(device="cpu").manual_seed(demand.seed)
        with torch.inference_mode():
            made = self.pipeline(
                prompt=demand.prompt,
                lyrics=demand.lyrics,
                audio_duration=demand.duration_s,
                vocal_language=self.language,
                generator=chance,
            ).audios
        sound: NDArray[np.float32] = made[0].float().cpu().numpy().T
        return sound


def load(weights: Path, device: str = "cpu", language: str = "en") -> AceStep:
    """Load ACE-Step.

    Parameters
    ----------
    weights : Path
        A folder as diffusers' ``save_pretrained`` writes it (``model_index.json`` and a folder a network). Nothing is
        fetched.
    device : str
        As torch names it: ``cpu``, ``cuda``.
    language : str
        Of the lyrics: ``en``, ``ko`` …

    Raises
    ------
    NotConfigured
        If torch or diffusers is not installed, or the folder holds no weights of ACE-Step.
    """
    folder = folder_of(weights, "model_index.json")
    needed("torch")
    diffusers = needed("diffusers")
    try:
        pipeline = diffusers.AceStepPipeline.from_pretrained(folder, local_files_only=True, use_safetensors=True)
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise NotConfigured(f"The weights in {folder} are not ACE-Step's.", field="weights") from error
    pipeline = pipeline.to(device)
    pipeline.set_progress_bar_config(disable=True)
    return AceStep(pipeline, int(pipeline.sample_rate), language)
