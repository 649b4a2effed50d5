"""ffmpeg's loudnorm in two passes, asked for its linear mode, which it leaves by itself where peaks do not fit."""

from __future__ import annotations

import json
import sys

from benchmarks.peers.tool import ffmpeg, rate_hz


def main(source: str, destination: str, target: str, ceiling: str, _reference: str | None = None) -> None:
    asked = f"loudnorm=I={target}:TP={ceiling}:LRA=20:print_format=json"
    said = ffmpeg(source, asked, "-f", "null", "-")
    first = json.loads(said[said.rindex("{") : said.rindex("}") + 1])
    seen = {
        "measured_I": first["input_i"],
        "measured_TP": first["input_tp"],
        "measured_LRA": first["input_lra"],
        "measured_thresh": first["input_thresh"],
        "offset": first["target_offset"],
        "linear": "true",
    }
    second = ":".join([asked, *(f"{name}={value}" for name, value in seen.items())])
    ffmpeg(source, second, "-ar", str(rate_hz(source)), "-c:a", "pcm_s24le", destination)


if __name__ == "__main__":
    main(*sys.argv[1:])
