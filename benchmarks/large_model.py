"""`python -m benchmarks.large_model`: what a step costs with a model of useful size.

The model has the shape of Qwen2.5-VL with 3 or 7 billion parameters and random weights: nothing is
downloaded, and a random model costs what a trained one does. For each number of environments it
prints seconds a step, steps per second, and the most memory that was held.
"""

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median
from typing import Any, Final

import torch
import transformers

from benchmarks.local_model import rounds
from riosim_agents.local.chat import ChatForm
from riosim_agents.local.model import LocalModel
from riosim_agents.local.processor import load_processor
from tests.support.tiny_model import make_tiny

__all__ = ["main", "random_model"]

_HF: Final[Any] = transformers
_SHAPES: Final[dict[str, tuple[dict[str, Any], dict[str, Any]]]] = {
    "tiny": (
        {
            "hidden_size": 64,
            "intermediate_size": 128,
            "num_hidden_layers": 2,
            "num_attention_heads": 4,
            "num_key_value_heads": 2,
        },
        {
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "fullatt_block_indexes": [1],
        },
    ),
    "3b": (
        {
            "hidden_size": 2048,
            "intermediate_size": 11008,
            "num_hidden_layers": 36,
            "num_attention_heads": 16,
            "num_key_value_heads": 2,
            "vocab_size": 151_936,
        },
        {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16},
    ),
    "7b": (
        {
            "hidden_size": 3584,
            "intermediate_size": 18944,
            "num_hidden_layers": 28,
            "num_attention_heads": 28,
            "num_key_value_heads": 4,
            "vocab_size": 152_064,
        },
        {"depth": 32, "hidden_size": 1280, "intermediate_size": 3420, "num_heads": 16},
    ),
}


def random_model(shape: str, *, device: str, dtype: str) -> LocalModel:
    """Return a model of that shape with random weights; screens are shown to it in full size."""
    text, vision = _SHAPES[shape]
    with tempfile.TemporaryDirectory() as folder:
        tiny = make_tiny(Path(folder) / "tiny")
        processor = load_processor(str(tiny), local_files_only=True)
        config = _HF.AutoConfig.from_pretrained(tiny)
    processor.image_processor.size = {"shortest_edge": 56 * 56, "longest_edge": 12_845_056}
    for name, value in text.items():
        setattr(config.text_config, name, value)
    config.text_config.layer_types = ["full_attention"] * text["num_hidden_layers"]
    head = text["hidden_size"] // text["num_attention_heads"]
    config.text_config.rope_parameters["mrope_section"] = [
        head // 8,
        head * 3 // 16,
        head * 3 // 16,
    ]
    config.text_config.initializer_range = 0.02
    config.tie_word_embeddings = shape == "3b"  # as the published ones
    for name, value in {**vision, "out_hidden_size": text["hidden_size"]}.items():
        setattr(config.vision_config, name, value)
    with torch.device(device):
        model = _HF.AutoModelForImageTextToText.from_config(config, dtype=getattr(torch, dtype))
    facts = {
        "name": f"random {shape}",
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "prefix_reuse": "untried",
    }
    return LocalModel(model.eval(), processor, ChatForm.of(processor, name=shape), facts)


def main(argv: list[str] | None = None) -> int:
    """Measure and print a table."""
    parser = argparse.ArgumentParser(prog="benchmarks.large_model", description=__doc__)
    parser.add_argument("--shape", choices=list(_SHAPES), default="7b")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--environments", type=int, nargs="+", default=[1, 2, 4, 8])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--new-tokens", type=int, default=64)
    parser.add_argument("--history", type=int, default=3)
    options = parser.parse_args(argv)
    on_gpu = options.device.startswith("cuda")
    if on_gpu and not torch.cuda.is_available():
        print("torch sees no CUDA device here; give --device cpu.", file=sys.stderr)
        return 2
    model = random_model(options.shape, device=options.device, dtype=options.dtype)
    where = torch.cuda.get_device_name(options.device) if on_gpu else options.device
    print(
        f"Random Qwen2.5-VL, {model.facts['parameters'] / 1e9:.2f} billion parameters, "
        f"{options.dtype}, on {where}; "
        f"{options.new_tokens} new tokens, history of {options.history}, 1280x800 screens.\n"
    )
    print("| environments | seconds a round | steps per second | most memory |")
    print("| --- | --- | --- | --- |")
    for n in options.environments:
        if on_gpu:
            torch.cuda.reset_peak_memory_stats()
        took = rounds(
            model,
            n,
            options.rounds,
            prompt="minimal",
            history=options.history,
            max_new_tokens=options.new_tokens,
        )
        most = f"{torch.cuda.max_memory_allocated() / 2**30:.1f} GiB" if on_gpu else "not measured"
        print(f"| {n} | {median(took):.2f} | {n / median(took):.2f} | {most} |", flush=True)
    print(f"\nPrefixes: {model.facts['prefix_reuse']}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
