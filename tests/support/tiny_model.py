"""Tiny models of real architectures, made from their configs, with tokenizer and processor.

They are saved as published models are, and loaded like any other by their folder. As made they say
nonsense; `fit` makes one answer what it is shown.
"""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final, Literal

import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers.models.llava.image_processing_pil_llava import LlavaImageProcessorPil
from transformers.models.minicpmv4_6.image_processing_pil_minicpmv4_6 import (
    MiniCPMV4_6ImageProcessorPil,
)
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

from riosim.action import Action, Wait, action_json_schema
from riosim.agent import Decision, InvalidOutput
from riosim.observation import Observation
from riosim.task.instance import TaskInstance

__all__ = ["KINDS", "Kind", "Remembering", "fit", "make_tiny", "teach"]

Kind = Literal["qwen2_5_vl", "llava", "minicpmv4_6"]
KINDS: Final[tuple[Kind, ...]] = ("qwen2_5_vl", "llava", "minicpmv4_6")
_HF: Final[Any] = transformers
_PROMPTS: Final = Path(__file__).parents[2] / "agents/riosim_agents/prompts"
_N_WORDS: Final = 1_500
_END, _PAD = "<|im_end|>", "<|endoftext|>"


def make_tiny(
    folder: Path,
    kind: Kind = "qwen2_5_vl",
    *,
    texts: Sequence[str] = (),
    seed: int = 0,
    size: int = 64,
) -> Path:
    """Write a model with random weights into FOLDER and return it.

    Args:
        folder: Is made.
        kind: Architecture.
        texts: What the tokenizer should know well, beside prompts and actions.
        seed: Of the weights.
        size: Width of the text model.
    """
    folder.mkdir(parents=True, exist_ok=True)
    _MAKERS[kind](folder, texts, seed, size)
    return folder


def fit(
    folder: Path,
    conversations: Sequence[tuple[Sequence[Any], str]],
    *,
    max_rounds: int = 400,
    lr: float = 3e-3,
    seed: int = 0,
) -> int:
    """Teach the model in FOLDER to answer each conversation with its text; return the rounds.

    A conversation is what `riosim_agents.local.chat.ChatForm.encode` takes. It ends when each
    token of each answer is the likeliest by far; the weights are then written back.

    Raises:
        RuntimeError: It did not learn them.
    """
    from riosim_agents.local.model import LocalModel
    from riosim_agents.local.source import ModelSource

    torch.manual_seed(seed)
    torch.set_num_threads(1)  # small matrices, and other work beside
    loaded = LocalModel.load(ModelSource(str(folder), device_map="cpu", dtype="float32"))
    model, chat, tokenizer = loaded._model, loaded._chat, loaded._processor.tokenizer
    lessons = []
    for messages, answer in conversations:
        inputs = dict(chat.encode([messages]).inputs)
        said = tokenizer(answer + _END, add_special_tokens=False, return_tensors="pt")["input_ids"]
        n = said.shape[1]
        inputs["input_ids"] = torch.cat([inputs["input_ids"], said], dim=1)
        for name, value in (("attention_mask", 1), ("mm_token_type_ids", 0)):
            if name in inputs:
                more = inputs[name].new_full((1, n), value)
                inputs[name] = torch.cat([inputs[name], more], dim=1)
        lessons.append((inputs, said, n))
    for parameter in model.parameters():
        parameter.requires_grad_(requires_grad=True)
    optimiser = torch.optim.AdamW(model.parameters(), lr=lr, weight_decay=0.0)
    model.train()
    for number in range(1, max_rounds + 1):
        is_sure = True
        for inputs, said, n in lessons:
            out = model(**inputs, use_cache=False, logits_to_keep=n + 1)
            logits = out.logits[:, :-1].float()
            loss = torch.nn.functional.cross_entropy(logits[0], said[0])
            chances = logits.softmax(-1).gather(-1, said[..., None])
            is_sure &= bool((chances > 0.95).all())
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call, unused-ignore]  # torch leaves it so
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimiser.step()
        if is_sure:
            model.eval().save_pretrained(folder)
            return number
    raise RuntimeError(f"The tiny model did not learn {len(lessons)} answers.")


class Remembering:
    """Plays what another agent plays, and remembers what it saw and did; waits are left out."""

    def __init__(self, inner: Any) -> None:
        self.steps: list[tuple[Observation, Action]] = []
        self.instruction, self.seed = "", 0
        self._inner = inner

    def prepare(self, instance: TaskInstance) -> None:
        self._inner.prepare(instance)

    def reset(self, instruction: str, *, seed: int) -> None:
        self.steps.clear()
        self.instruction, self.seed = instruction, seed
        self._inner.reset(instruction, seed=seed)

    def act(self, observation: Observation) -> Decision:
        decision: Decision = self._inner.act(observation)
        if not isinstance(decision.action, InvalidOutput | Wait):
            self.steps.append((observation, decision.action))
        return decision


def teach(folder: Path, play: Remembering, *, surface: str, **settings: Any) -> int:
    """Teach the model in FOLDER to play what was played, in its dialect; return the rounds.

    The requests are those that the agent itself makes with these settings.
    """
    from riosim_agents.local.model import Said
    from riosim_agents.transformers_agent import TransformersAgent

    agent = TransformersAgent(str(folder), device_map="cpu", **settings)
    agent.surface = surface
    agent.reset(play.instruction, seed=play.seed)
    lessons = []
    for observation, action in play.steps:
        request = agent.request(observation)
        assert agent._now is not None
        answer = agent._now[1].write(action)
        lessons.append((request.messages, answer))
        agent.hear(Said(answer, 1, 1, 0, 1, is_cut=False))
        said = agent.act(observation).action
        assert not isinstance(said, InvalidOutput)
        assert said.kind == action.kind  # points are coarser
    return fit(folder, lessons)


def _tokenizer(texts: Sequence[str], special: dict[str, str]) -> Any:
    """Return a byte-level BPE trained on prompts, actions and TEXTS."""
    own = [path.read_text() for path in sorted(_PROMPTS.rglob("*.md"))]
    own.append(json.dumps(action_json_schema()))
    words = [_PAD, "<|im_start|>", _END, *special.values()]
    trained = Tokenizer(models.BPE())
    trained.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trained.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=_N_WORDS,
        special_tokens=list(dict.fromkeys(words)),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    trained.train_from_iterator([*own, *texts], trainer)
    return _HF.PreTrainedTokenizerFast(
        tokenizer_object=trained, eos_token=_END, pad_token=_PAD, extra_special_tokens=special
    )


def _template(picture: str) -> str:
    """Return a chat template that shows a picture as the given tokens."""
    return (
        "{%- for message in messages -%}"
        "<|im_start|>{{ message['role'] }}\n"
        "{%- for part in message['content'] -%}"
        "{%- if part['type'] == 'image' -%}" + picture + "{%- else -%}{{ part['text'] }}"
        "{%- endif -%}{%- endfor -%}<|im_end|>\n"
        "{%- endfor -%}"
        "{%- if add_generation_prompt -%}<|im_start|>assistant\n{%- endif -%}"
    )


def _save(
    folder: Path,
    model: Any,
    pictures: Any,
    tokenizer: Any,
    template: str,
    processor: dict[str, Any],
) -> None:
    _HF.utils.logging.disable_progress_bar()
    model.save_pretrained(folder)
    pictures.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    (folder / "chat_template.jinja").write_text(template)
    (folder / "processor_config.json").write_text(json.dumps(processor))


def _text_config(tokenizer: Any, size: int) -> dict[str, Any]:
    return {
        "vocab_size": len(tokenizer),
        "hidden_size": size,
        "intermediate_size": 2 * size,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "max_position_embeddings": 16_384,
        "initializer_range": 0.2,  # far from dull: answers hang on every token before them
        "bos_token_id": None,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }


def _qwen2_5_vl(folder: Path, texts: Sequence[str], seed: int, size: int) -> None:
    special = {
        "image_token": "<|image_pad|>",
        "video_token": "<|video_pad|>",
        "vision_start_token": "<|vision_start|>",
        "vision_end_token": "<|vision_end|>",
    }
    tokenizer = _tokenizer(texts, special)
    ids = {name: tokenizer.convert_tokens_to_ids(word) for name, word in special.items()}
    config = _HF.Qwen2_5_VLConfig(
        text_config={
            **_text_config(tokenizer, size),
            "rope_parameters": {
                "rope_type": "default",
                "rope_theta": 1e6,
                "mrope_section": [size // 32, size * 3 // 64, size * 3 // 64],
            },
        },
        vision_config={
            "depth": 2,
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_heads": 2,
            "out_hidden_size": size,
            "fullatt_block_indexes": [1],
        },
        tie_word_embeddings=False,
        **{f"{name}_id": number for name, number in ids.items()},
    )
    torch.manual_seed(seed)
    _save(
        folder,
        _HF.Qwen2_5_VLForConditionalGeneration(config),
        Qwen2VLImageProcessorPil(size={"shortest_edge": 56 * 56, "longest_edge": 28 * 28 * 48}),
        tokenizer,
        _template("<|vision_start|><|image_pad|><|vision_end|>"),
        {"processor_class": "Qwen2_5_VLProcessor"},
    )


def _llava(folder: Path, texts: Sequence[str], seed: int, size: int) -> None:
    tokenizer = _tokenizer(texts, {"image_token": "<image>"})
    config = _HF.LlavaConfig(
        text_config={**_text_config(tokenizer, size), "model_type": "llama"},
        vision_config={
            "model_type": "clip_vision_model",
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 56,
            "patch_size": 14,
            "projection_dim": 32,
        },
        image_token_index=tokenizer.convert_tokens_to_ids("<image>"),
        image_seq_length=16,
        tie_word_embeddings=False,
    )
    torch.manual_seed(seed)
    _save(
        folder,
        _HF.LlavaForConditionalGeneration(config),
        LlavaImageProcessorPil(size={"shortest_edge": 56}, crop_size={"height": 56, "width": 56}),
        tokenizer,
        _template("<image>"),
        {
            "processor_class": "LlavaProcessor",
            "patch_size": 14,
            "vision_feature_select_strategy": "default",
            "num_additional_image_tokens": 1,
        },
    )


def _minicpmv4_6(folder: Path, texts: Sequence[str], seed: int, size: int) -> None:
    special = {
        "image_token": "<|image_pad|>",
        "video_token": "<|video_pad|>",
        "image_start_token": "<image>",
        "image_end_token": "</image>",
        "slice_start_token": "<slice>",
        "slice_end_token": "</slice>",
        "image_id_start_token": "<image_id>",
        "image_id_end_token": "</image_id>",
    }
    tokenizer = _tokenizer(texts, special)
    config = _HF.MiniCPMV4_6Config(
        text_config={
            **_text_config(tokenizer, size),
            "model_type": "qwen3_5_text",
            "head_dim": 16,
            "layer_types": ["linear_attention", "full_attention"],
            "linear_key_head_dim": 16,
            "linear_value_head_dim": 16,
            "linear_num_key_heads": 2,
            "linear_num_value_heads": 4,
        },
        vision_config={
            "hidden_size": 32,
            "intermediate_size": 64,
            "num_hidden_layers": 2,
            "num_attention_heads": 2,
            "image_size": 112,
            "patch_size": 14,
        },
        insert_layer_id=0,
        image_size=112,
        image_token_id=tokenizer.convert_tokens_to_ids("<|image_pad|>"),
        video_token_id=tokenizer.convert_tokens_to_ids("<|video_pad|>"),
        tie_word_embeddings=False,
    )
    torch.manual_seed(seed)
    _save(
        folder,
        _HF.MiniCPMV4_6ForConditionalGeneration(config),
        MiniCPMV4_6ImageProcessorPil(scale_resolution=112, max_slice_nums=4),
        tokenizer,
        _template("<|image_pad|>"),
        {"processor_class": "MiniCPMV4_6Processor"},
    )


_MAKERS: Final[dict[Kind, Callable[[Path, Sequence[str], int, int], None]]] = {
    "qwen2_5_vl": _qwen2_5_vl,
    "llava": _llava,
    "minicpmv4_6": _minicpmv4_6,
}
