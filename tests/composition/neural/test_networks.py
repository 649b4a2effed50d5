"""MusicGen and ACE-Step as they are loaded and asked, with tiny networks of random weights (`make test-neural`)."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from soundrack.composition.neural import Demand, ace_step, generated, musicgen
from soundrack.errors import NotConfigured

os.environ["HF_HUB_OFFLINE"] = "1"
torch: Any = pytest.importorskip("torch")
transformers: Any = pytest.importorskip("transformers")

pytestmark = pytest.mark.filterwarnings("default")  # those packages' own warnings are not ours to mend

_WORDS = ("<pad>", "</s>", "<unk>", "deep", "house", "sad", "piano", "verse", "hold", "the", "light")


def _tokenizer() -> Any:
    tokenizers = pytest.importorskip("tokenizers")
    words = {word: number for number, word in enumerate(_WORDS)}
    made = tokenizers.Tokenizer(tokenizers.models.WordLevel(words, unk_token="<unk>"))
    made.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    return transformers.PreTrainedTokenizerFast(
        tokenizer_object=made, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )


@pytest.fixture(scope="module")
def musicgen_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("musicgen")
    text = transformers.T5Config(vocab_size=32, d_model=16, d_kv=8, d_ff=32, num_layers=1, num_heads=2)
    codec = transformers.EncodecConfig(
        sampling_rate=32_000,
        num_filters=4,
        hidden_size=16,
        codebook_size=64,
        codebook_dim=16,
        upsampling_ratios=[8, 5, 4, 4],
        num_lstm_layers=1,
        target_bandwidths=[1.2],
    )
    decoder = transformers.MusicgenDecoderConfig(
        vocab_size=64, num_hidden_layers=1, num_attention_heads=2, hidden_size=16, ffn_dim=32, num_codebooks=4
    )
    torch.manual_seed(0)
    network = transformers.MusicgenForConditionalGeneration(
        transformers.MusicgenConfig(text_encoder=text, audio_encoder=codec, decoder=decoder)
    )
    for layer in network.audio_encoder.quantizer.layers:  # zero unless they are trained: all codes would sound alike
        torch.nn.init.normal_(layer.codebook.embed)
    for name in ("decoder_start_token_id", "pad_token_id", "bos_token_id"):
        setattr(network.generation_config, name, 64)
    network.save_pretrained(folder)
    pieces = [(f"▁{word}" if word.isalpha() else word, -float(number)) for number, word in enumerate(_WORDS)]
    transformers.MusicgenProcessor(
        transformers.EncodecFeatureExtractor(sampling_rate=32_000), transformers.T5Tokenizer(vocab=pieces, extra_ids=0)
    ).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def ace_step_weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    diffusers = pytest.importorskip("diffusers")
    folder = tmp_path_factory.mktemp("ace_step")
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 8, "hidden_size": 16}
    torch.manual_seed(0)
    diffusers.AceStepPipeline(
        vae=diffusers.AutoencoderOobleck(
            encoder_hidden_size=6,
            downsampling_ratios=[16, 20],
            decoder_channels=3,
            decoder_input_channels=8,
            audio_channels=2,
            channel_multiples=[2, 4],
            sampling_rate=8000,
        ),
        text_encoder=transformers.Qwen3Model(
            transformers.Qwen3Config(vocab_size=32, intermediate_size=32, num_hidden_layers=1, **heads)
        ),
        tokenizer=_tokenizer(),
        transformer=diffusers.AceStepTransformer1DModel(
            intermediate_size=32,
            num_hidden_layers=1,
            in_channels=24,
            audio_acoustic_hidden_dim=8,
            patch_size=2,
            sliding_window=16,
            **heads,
        ),
        condition_encoder=diffusers.pipelines.ace_step.AceStepConditionEncoder(
            intermediate_size=32,
            text_hidden_dim=16,
            timbre_hidden_dim=8,
            num_lyric_encoder_hidden_layers=1,
            num_timbre_encoder_hidden_layers=1,
            sliding_window=16,
            **heads,
        ),
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(num_train_timesteps=1, shift=1.0),
    ).save_pretrained(folder)
    return folder


def test_musicgen_is_loaded_from_a_folder_and_repeats_by_seed(musicgen_weights: Path) -> None:
    network = musicgen.load(musicgen_weights)
    assert network.rate_hz == 32_000
    state = torch.random.get_rng_state()
    first, again, other = (network.generate(Demand("deep house", 1.0, seed)) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert len(first) >= 32_000
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    sound = generated(network, Demand("deep house", 1.0, 1))
    assert sound.shape == (44_100, 2)
    assert sound.any()


def test_ace_step_is_loaded_from_a_folder_and_repeats_by_seed(ace_step_weights: Path) -> None:
    network = ace_step.load(ace_step_weights)
    assert network.rate_hz == 8000
    demand = Demand("sad piano", 1.0, 1, lyrics="[verse]\nhold the light")
    first, again, other = (
        network.generate(each) for each in (demand, demand, Demand("sad piano", 1.0, 2, lyrics=demand.lyrics))
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)
    assert generated(network, demand).shape == (44_100, 2)


def test_weights_of_something_else_are_refused(musicgen_weights: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"model_type": "t5"}', encoding="utf-8")
    (tmp_path / "model_index.json").write_text('{"_class_name": "Other"}', encoding="utf-8")
    with pytest.raises(NotConfigured) as told:
        musicgen.load(tmp_path)
    assert told.value.field == "weights"
    pytest.importorskip("diffusers")
    with pytest.raises(NotConfigured) as told:
        ace_step.load(tmp_path)
    assert told.value.field == "weights"
