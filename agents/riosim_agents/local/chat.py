"""Conversations as a local model reads them: its chat template, its tokens, its pictures."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, Literal

import numpy as np
from jinja2.exceptions import TemplateError
from PIL import Image

from riosim.dialects.coordinate import Screen
from riosim.errors import UsageError
from riosim.observation import Pixels
from riosim_agents.local.prefix_memory import Picture, Row

__all__ = ["Batch", "ChatForm", "Message"]

_SURROGATES: Final = re.compile("[\ud800-\udfff]")
_TEXT_INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids", "mm_token_type_ids")


@dataclass(frozen=True, slots=True)
class Message:
    """What one side said: texts, and pictures of shape (height_px, width_px, 3), uint8, RGB."""

    role: Literal["system", "user", "assistant"]
    parts: tuple["str | Pixels", ...]


@dataclass(frozen=True, slots=True)
class Batch:
    """Conversations as tensors.

    Attributes:
        inputs: All that the model gets.
        of_text: Names of the inputs that have a column for each token.
        rows: Each conversation's own tokens and pictures.
        pictures: Each conversation's pictures, in order.
    """

    inputs: dict[str, Any]
    of_text: tuple[str, ...]
    rows: tuple[Row, ...]
    pictures: tuple[tuple[Any, ...], ...]

    @property
    def width(self) -> int:
        """Columns of the batch."""
        return max(len(row.tokens) for row in self.rows)


class ChatForm:
    """How one processor wants its conversations."""

    def __init__(self, processor: Any, template: str, *, has_system: bool) -> None:
        self._processor = processor
        self._template = template
        self._has_system = has_system
        self._special = _special_tokens(processor)
        self._picture_token: int | None = getattr(processor, "image_token_id", None)

    @classmethod
    def of(cls, processor: Any, *, name: str, template: str | None = None) -> "ChatForm":
        """Return the form, found out by having the template render a small conversation.

        Raises:
            UsageError: There is no template, or it drops what is said or shown.
        """
        used = template or processor.chat_template or processor.tokenizer.chat_template
        if isinstance(used, dict):
            used = used.get("default")
        if not isinstance(used, str) or not used.strip():
            raise UsageError(
                f"{name} has no chat template. Give one with chat_template=FILE, or use a model "
                "that was made to follow instructions."
            )
        problems: list[str] = []
        for has_system in (True, False):
            form = cls(processor, used, has_system=has_system)
            problem = form._problem()
            if not problem:
                return form
            problems.append(problem)
        raise UsageError(
            f"The chat template of {name} cannot be used: {problems[0]} Without a system message: "
            f"{problems[1]}"
        )

    def encode(self, conversations: Sequence[Sequence[Message]]) -> Batch:
        """Return conversations as one batch, padded on the left."""
        plain = [self._conversation(messages) for messages in conversations]
        pictures = tuple(
            tuple(
                part["image"]
                for message in conversation
                for part in message["content"]
                if part["type"] == "image"
            )
            for conversation in plain
        )
        inputs = dict(
            self._processor.apply_chat_template(
                plain,
                chat_template=self._template,
                add_generation_prompt=True,
                tokenize=True,
                return_dict=True,
                return_tensors="pt",
                processor_kwargs={"padding": True, "padding_side": "left"},
            )
        )
        masks = inputs["attention_mask"].bool()
        rows = tuple(
            self._row(tokens[mask].tolist(), shown)
            for tokens, mask, shown in zip(inputs["input_ids"], masks, pictures, strict=True)
        )
        of_text = tuple(key for key in _TEXT_INPUTS if key in inputs)
        return Batch(inputs, of_text, rows, pictures)

    def pictures_from(self, batch: Batch, column: int) -> dict[str, Any]:
        """Return the inputs of the pictures that lie at or behind a column, of all rows in order.

        Raises:
            ValueError: A row's pictures could not be told apart.
        """
        later: list[Any] = []
        for row, pictures in zip(batch.rows, batch.pictures, strict=True):
            pad = batch.width - len(row.tokens)
            places = zip(row.pictures, pictures, strict=True)
            later += [picture for place, picture in places if pad + place.start >= column]
        if not later:
            return {}
        token = self._processor.image_token
        inputs = dict(
            self._processor(text=[token * len(later)], images=[later], return_tensors="pt")
        )
        return {key: value for key, value in inputs.items() if key not in _TEXT_INPUTS}

    def picture_size(self, sent: Screen) -> Screen:
        """Return the size in which the model sees a picture, if its processor tells."""
        blank = Image.new("RGB", (sent.width_px, sent.height_px))
        done = self._processor.image_processor(images=[blank], return_tensors="np")
        patch = getattr(self._processor.image_processor, "patch_size", None)
        if "image_grid_thw" not in done or not isinstance(patch, int):
            return sent
        _, rows, columns = (int(n) for n in done["image_grid_thw"][0])
        return Screen(columns * patch, rows * patch)

    def plain(self, text: str) -> str:
        """Return TEXT with a space in whatever the tokenizer would read as a special token.

        Halves of surrogate pairs, which no tokenizer takes, become U+FFFD.
        """
        whole = _SURROGATES.sub("\ufffd", text)
        return self._special.sub(lambda match: f"{match[0][0]} {match[0][1:]}", whole)

    def _row(self, tokens: list[int], pictures: Sequence[Any]) -> Row:
        digests = [hashlib.sha256(picture.tobytes()).hexdigest() for picture in pictures]
        spans = _picture_spans(tokens, self._picture_token, pictures)
        return Row(
            tuple(tokens),
            tuple(
                Picture(start, end, digest)
                for (start, end), digest in zip(spans, digests, strict=True)
            ),
        )

    def _conversation(self, messages: Sequence[Message]) -> list[dict[str, Any]]:
        """Return messages as transformers takes them; the system's may go into the user's first."""
        out: list[dict[str, Any]] = []
        before: list[dict[str, Any]] = []
        for message in messages:
            content = [_part(part) for part in message.parts]
            if message.role == "system" and not self._has_system:
                before += [*content, {"type": "text", "text": "\n\n"}]
                continue
            out.append({"role": message.role, "content": [*before, *content]})
            before = []
        return out

    def _problem(self) -> str:
        """Return what the template does to a conversation that it must not, nothing if all is well.

        Each text must be there, in order, and each picture.
        """
        texts = [f"riosim{number}probe" for number in range(4)]
        blank = np.zeros((64, 64, 3), np.uint8)
        messages = (
            Message("system", (texts[0],)),
            Message("user", (texts[1], blank)),
            Message("assistant", (texts[2],)),
            Message("user", (texts[3], blank)),
        )
        token = getattr(self._processor, "image_token", None)
        if not isinstance(token, str):
            return "its processor names no token for pictures."
        try:
            said = self._processor.apply_chat_template(
                self._conversation(messages),
                chat_template=self._template,
                add_generation_prompt=True,
                tokenize=False,
            )
        except (TemplateError, TypeError, ValueError, KeyError, AttributeError) as exc:
            return f"{type(exc).__name__}: {str(exc)[:200]}"
        places = [said.find(text) for text in texts]
        if -1 in places or places != sorted(places):
            return "it leaves out, or moves, what one side said."
        return "" if said.count(token) == 2 else "it leaves out a picture."


def _part(part: "str | Pixels") -> dict[str, Any]:
    if isinstance(part, str):
        return {"type": "text", "text": part}
    return {"type": "image", "image": Image.fromarray(np.ascontiguousarray(part))}


def _special_tokens(processor: Any) -> re.Pattern[str]:
    """Return what must not be read as a token where a page or a person says it."""
    tokenizer = processor.tokenizer
    names = {token.content for token in tokenizer.added_tokens_decoder.values() if token.special}
    names |= {getattr(processor, "image_token", None), getattr(processor, "video_token", None)}
    words = sorted(
        (name for name in names if isinstance(name, str) and len(name.strip()) > 1),
        key=len,
        reverse=True,
    )
    return re.compile("|".join(map(re.escape, words)) or r"(?!)")


def _picture_spans(
    tokens: Sequence[int], token: int | None, pictures: Sequence[Any]
) -> list[tuple[int, int]]:
    """Return where each picture lies: from its first token to behind its last.

    A picture that is cut into slices has several runs of its token; pictures of one size have
    equally many. Where runs cannot be told apart, all pictures count as one stretch.
    """
    runs: list[tuple[int, int]] = []
    at = 0
    for is_picture, group in groupby(tokens, key=lambda number: number == token):
        length = sum(1 for _ in group)
        if is_picture:
            runs.append((at, at + length))
        at += length
    if not pictures:
        return []
    if not runs:
        return [(0, len(tokens))] * len(pictures)
    each, rest = divmod(len(runs), len(pictures))
    one_size = len({picture.size for picture in pictures}) == 1
    if each == 0 or rest or (each > 1 and not one_size):
        return [(runs[0][0], runs[-1][1])] * len(pictures)
    return [(runs[i * each][0], runs[(i + 1) * each - 1][1]) for i in range(len(pictures))]
