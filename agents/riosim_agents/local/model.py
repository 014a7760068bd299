"""A transformers model in this process: loading it, and asking it for several texts at once."""

import gc
import inspect
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import torch
import transformers

from riosim.dialects.coordinate import Screen
from riosim.errors import MissingDependencyError, ModelError, UsageError
from riosim_agents.local.chat import ChatForm, Message
from riosim_agents.local.digest import model_digest
from riosim_agents.local.prefix_memory import (
    PrefixMemory,
    joined_cache,
    keep,
    shared_column,
    why_not,
)
from riosim_agents.local.processor import load_processor
from riosim_agents.local.row_sampler import RowSampler
from riosim_agents.local.source import ModelSource

__all__ = ["LocalModel", "Request", "Said", "Sampling"]

_HF: Final[Any] = transformers  # typed in parts only, and not there for every check of types
_BITS: Final = {"4bit": "load_in_4bit", "8bit": "load_in_8bit"}


@dataclass(frozen=True, slots=True)
class Sampling:
    """How texts are drawn.

    Attributes:
        max_new_tokens: Where an answer is cut.
        temperature: 0 takes the likeliest token each time.
        top_p: Share of the likeliest tokens that is kept; 1 keeps all. Means nothing at 0.
    """

    max_new_tokens: int = 512
    temperature: float = 0.0
    top_p: float = 1.0


@dataclass(frozen=True, slots=True)
class Request:
    """One conversation to be continued.

    Attributes:
        messages: Who said and showed what, the user last.
        seed: Of this answer; means nothing at temperature 0.
        memory: What may be used again of this conversation's last request; None uses nothing.
    """

    messages: tuple[Message, ...]
    seed: int = 0
    memory: PrefixMemory | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What a model answered.

    Attributes:
        text: Without special tokens.
        n_input_tokens: Of the request, pictures included, padding not.
        n_output_tokens: Of the answer, its end token included.
        n_reused_tokens: Of the request, those that were not computed again.
        n_rows: How many requests were answered together.
        is_cut: Whether the limit of new tokens ended it.
    """

    text: str
    n_input_tokens: int
    n_output_tokens: int
    n_reused_tokens: int
    n_rows: int
    is_cut: bool


class LocalModel:
    """A model and its processor, ready to be asked; several agents may share it, and threads.

    Attributes:
        facts: What was loaded, for the record; JSON.
    """

    def __init__(self, model: Any, processor: Any, chat: ChatForm, facts: dict[str, Any]) -> None:
        self.facts = facts
        self._model = model
        self._chat = chat
        self._processor = processor
        self._lock = threading.Lock()
        self._sizes: dict[Screen, Screen] = {}
        self._ends = _end_tokens(model, processor)
        self._names = _argument_names(model)

    @classmethod
    def load(cls, source: ModelSource, *, chat_template: str | None = None) -> "LocalModel":
        """Load a model; the first time, from the hub, that may take long.

        Raises:
            UsageError: It is not there, is no model that takes pictures and text, or its parts are
                not installed.
            ModelError: The memory does not suffice.
        """
        source.check()
        hub = source.hub_arguments()
        is_shown = _HF.utils.logging.is_progress_bar_enabled()
        _HF.utils.logging.disable_progress_bar()  # bars would run through the runner's own
        try:
            processor = load_processor(source.location, **hub)
            model = _HF.AutoModelForImageTextToText.from_pretrained(
                source.location, **hub, **_placement(source)
            )
            if source.device is not None:
                model = model.to(source.device)
        except (UsageError, MissingDependencyError):
            raise
        except Exception as exc:  # third-party code that loads a stranger's files
            if _is_out_of_memory(exc):
                raise ModelError(
                    f"{source.model} does not fit into the memory of {source.device or 'here'}. "
                    "Take a smaller dtype (bfloat16) or quantisation=4bit, or device_map=auto with "
                    "accelerate installed."
                ) from exc
            raise UsageError(_load_problem(source, exc)) from exc
        finally:
            if is_shown:
                _HF.utils.logging.enable_progress_bar()
        model.eval()
        chat = ChatForm.of(processor, name=source.model, template=chat_template)
        return cls(model, processor, chat, _facts(source, model))

    def picture_size(self, sent: Screen) -> Screen:
        """Return the size in which the model sees a picture of that size, if that can be told.

        Models of the Qwen-VL kind scale each picture to a grid of patches and count in its pixels;
        of others the size that was sent is returned.
        """
        if sent not in self._sizes:
            self._sizes[sent] = self._chat.picture_size(sent)
        return self._sizes[sent]

    def plain(self, text: str) -> str:
        """Return TEXT so that nothing in it reads as a token of the chat template's own."""
        return self._chat.plain(text)

    def answer(self, requests: Sequence[Request], sampling: Sampling) -> list[Said | ModelError]:
        """Continue each conversation; one that fails is an error in its place.

        What the memory does not hold at once is answered in parts. At temperature 0 and in float32
        a row gets the text that it would get alone; in smaller types a batch may round otherwise.
        """
        with self._lock, torch.inference_mode():
            return self._answer(requests, sampling)

    def _answer(self, requests: Sequence[Request], sampling: Sampling) -> list[Said | ModelError]:
        if not requests:
            return []
        try:
            return list(self._together(requests, sampling))
        except Exception as exc:  # noqa: BLE001  # remote and third-party code; one row at a time
            for request in requests:
                if request.memory is not None:
                    request.memory.clear()
            is_full = _is_out_of_memory(exc)
            if len(requests) == 1:
                return [_row_error(exc, is_full=is_full)]
        if is_full:  # outside of `except`: the traceback holds the tensors
            gc.collect()
            if torch.cuda.is_available():
                torch.cuda.empty_cache()
        half = len(requests) // 2
        return self._answer(requests[:half], sampling) + self._answer(requests[half:], sampling)

    def _together(self, requests: Sequence[Request], sampling: Sampling) -> list[Said | ModelError]:
        """Answer in one batch; raises whatever goes wrong."""
        batch = self._chat.encode([request.messages for request in requests])
        limit = _longest(self._model)
        too_long = [len(row.tokens) + sampling.max_new_tokens > limit for row in batch.rows]
        if any(too_long):
            if len(requests) > 1:
                raise ValueError("a row is too long")  # found again when it is alone
            raise ModelError(
                f"The request has {len(batch.rows[0].tokens)} tokens, and with max_new_tokens="
                f"{sampling.max_new_tokens} that is more than the {limit} that the model takes. "
                "Lower history, width_px and height_px, or max_new_tokens."
            )
        memories = [request.memory or PrefixMemory() for request in requests]
        column = shared_column(batch.rows, memories) if self._reuses(requests) else 0
        inputs = {
            name: value.to(self._model.device) if hasattr(value, "to") else value
            for name, value in batch.inputs.items()
        }
        if column:
            inputs = self._continued(batch, inputs, memories, column)
        config = _HF.GenerationConfig(
            max_new_tokens=sampling.max_new_tokens,
            do_sample=False,
            use_cache=True,
            return_dict_in_generate=True,
            **self._ends,
        )
        draw = []
        if sampling.temperature > 0:
            seeds = [request.seed for request in requests]
            draw = [RowSampler(seeds, temperature=sampling.temperature, top_p=sampling.top_p)]
        out = self._model.generate(**inputs, generation_config=config, logits_processor=draw)
        width = batch.width
        answers = [self._until_end(row[width:].tolist()) for row in out.sequences]
        self._remember(requests, batch, answers, out)
        texts = self._processor.tokenizer.batch_decode(
            [answer for answer, _ in answers], skip_special_tokens=True
        )
        return [
            Said(
                text=text,
                n_input_tokens=len(row.tokens),
                n_output_tokens=len(answer),
                n_reused_tokens=max(column - (width - len(row.tokens)), 0),
                n_rows=len(requests),
                is_cut=is_cut,
            )
            for text, row, (answer, is_cut) in zip(texts, batch.rows, answers, strict=True)
        ]

    def _reuses(self, requests: Sequence[Request]) -> bool:
        return self.facts["prefix_reuse"] == "on" and any(
            request.memory is not None and request.memory.layers for request in requests
        )

    def _continued(
        self, batch: Any, inputs: dict[str, Any], memories: Sequence[PrefixMemory], column: int
    ) -> dict[str, Any]:
        """Return the inputs of a batch whose first columns are known: only later pictures go in."""
        positions = self._model._prepare_position_ids_for_generation(
            inputs["input_ids"], dict(inputs)
        )
        of_text = {name: inputs[name] for name in batch.of_text}
        pictures = self._chat.pictures_from(batch, column)
        return {
            **of_text,
            **{name: value.to(self._model.device) for name, value in pictures.items()},
            "position_ids": positions,
            self._names["cache"]: joined_cache(batch.rows, memories, column),
        }

    def _until_end(self, tokens: list[int]) -> tuple[list[int], bool]:
        """Return the answer up to its end token, and whether the limit cut it."""
        ends = self._ends["eos_token_id"]
        for at, token in enumerate(tokens):
            if token in ends:
                return tokens[: at + 1], False
        return tokens, True

    def _remember(
        self,
        requests: Sequence[Request],
        batch: Any,
        answers: Sequence[tuple[list[int], bool]],
        out: Any,
    ) -> None:
        """Keep for each row what its next request may begin with."""
        if all(request.memory is None for request in requests):
            return
        cache = getattr(out, "cache", None) or getattr(out, "past_key_values", None)
        if self.facts["prefix_reuse"] in ("on", "untried"):
            self.facts["prefix_reuse"] = _reuse(self._model, cache)
        if self.facts["prefix_reuse"] != "on":
            return
        for index, (request, row, (answer, _)) in enumerate(
            zip(requests, batch.rows, answers, strict=True)
        ):
            if request.memory is not None:
                keep(request.memory, row, answer, cache, index=index, width=batch.width)


def _reuse(model: Any, cache: Any) -> str:
    """Return "on", or why prefixes cannot be used again."""
    if not hasattr(model, "_prepare_position_ids_for_generation"):
        return f"off: transformers {transformers.__version__} tells no positions"
    reason = why_not(cache)
    return f"off: {reason}" if reason else "on"


def _argument_names(model: Any) -> dict[str, str]:
    """Return what this version of transformers calls the cache."""
    known = inspect.signature(model.forward).parameters
    return {"cache": "cache" if "cache" in known else "past_key_values"}


def _placement(source: ModelSource) -> dict[str, Any]:
    """Return the arguments that say in which type and where the weights go."""
    arguments: dict[str, Any] = {"dtype": source.dtype}
    if source.spread is not None:
        arguments["device_map"] = source.spread
    if source.quantisation is not None:
        arguments["quantization_config"] = _HF.BitsAndBytesConfig(
            **{_BITS[source.quantisation]: True}
        )
        arguments["device_map"] = source.spread or {"": source.device or "cpu"}
    return arguments


def _end_tokens(model: Any, processor: Any) -> dict[str, Any]:
    """Return the tokens that end an answer and pad a batch; nothing else of the model's settings.

    A model's own temperature, top-p or repetition penalty are not taken: an agent's settings are
    what its record says.
    """
    own = model.generation_config
    ends = own.eos_token_id if own is not None else None
    found = {ends} if isinstance(ends, int) else set(ends or ())
    found |= {processor.tokenizer.eos_token_id} - {None}
    if not found:
        raise UsageError("The model has no end token; its answers would never end.")
    pad = processor.tokenizer.pad_token_id
    return {
        "eos_token_id": sorted(found),
        "pad_token_id": pad if pad is not None else min(found),
        "bos_token_id": own.bos_token_id if own is not None else None,
    }


def _longest(model: Any) -> int:
    text = model.config.get_text_config()
    return int(getattr(text, "max_position_embeddings", None) or 2**31)


def _facts(source: ModelSource, model: Any) -> dict[str, Any]:
    return {
        "name": source.model,
        "revision": source.revision or getattr(model.config, "_commit_hash", None),
        "digest": model_digest(source.location, **source.file_arguments()),
        "architecture": type(model).__name__,
        "parameters": sum(parameter.numel() for parameter in model.parameters()),
        "dtype": str(model.dtype).removeprefix("torch."),
        "device": str(model.device),
        "quantisation": source.quantisation,
        "prefix_reuse": "untried",
        "torch": str(torch.__version__),
        "transformers": str(transformers.__version__),
    }


def _is_out_of_memory(exc: BaseException) -> bool:
    if isinstance(exc, MemoryError | torch.OutOfMemoryError):
        return True
    said = str(exc).casefold()
    return isinstance(exc, RuntimeError) and (
        "out of memory" in said or "can't allocate memory" in said
    )


def _row_error(exc: Exception, *, is_full: bool) -> ModelError:
    if isinstance(exc, ModelError):
        return exc
    if is_full:
        return ModelError(
            "The memory does not suffice for one request. Lower history, width_px and height_px or "
            "max_new_tokens, or play fewer environments at once."
        )
    said = " ".join(str(exc).split())[:300]
    error = ModelError(f"The model could not be asked: {type(exc).__name__}: {said}")
    error.__cause__ = exc
    return error


def _load_problem(source: ModelSource, exc: Exception) -> str:
    said = " ".join(str(exc).split())[:400]
    where = "the folder" if source.is_folder else "the hub's name"
    advice = (
        "Does it hold config.json, the weights, the tokenizer and the processor?"
        if source.is_folder
        else "Without a network, give the folder of a downloaded model."
    )
    return (
        f"No model that takes pictures and text can be loaded from {where} {source.model!r}: "
        f"{type(exc).__name__}: {said} {advice}"
    )
