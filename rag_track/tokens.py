"""Shape, checked: how long a chunk is for the embedding model, which silently reads no further than its limit.

The tokenizer is the model's own, without its weights. A model behind an API brings none: its chunks are not counted.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lab.errors import ModelError
from rag_track.chunk import Chunk

if TYPE_CHECKING:
    from tokenizers import Tokenizer


@dataclass(frozen=True)
class Truncated:
    """A chunk that the model does not read to its end."""

    chunk_id: str
    tokens: int
    unread: int  # tokens behind the limit


class TokenCounter:
    """Counts tokens as the sentence-transformers model in `folder` does, and knows its limit.

    Raises ModelError when the folder has no tokenizer or names no limit.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = self.place = folder
        if modules := self.read("modules.json"):
            self.place = folder / modules[0]["path"]  # older folders keep the tokenizer in 0_Transformer

    @cached_property
    def limit(self) -> int:
        """The most tokens of a text that the model reads, the two that frame it included."""
        said = [
            self.read("sentence_bert_config.json").get("max_seq_length"),
            self.read("tokenizer_config.json").get("model_max_length"),
            self.read("config.json").get("max_position_embeddings"),
        ]
        known = [int(number) for number in said if number]
        if not known:
            raise ModelError(
                f"{self.folder} does not say how much it reads.", next_step="set max_seq_length and save it"
            )
        return min(known)

    @cached_property
    def tokenizer(self) -> "Tokenizer":
        from tokenizers import Tokenizer

        file = self.place / "tokenizer.json"
        if not file.exists():
            raise ModelError(f"There is no {file}.", next_step="save the model with sentence-transformers 3 or newer")
        tokenizer = Tokenizer.from_file(str(file))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return tokenizer

    def count(self, texts: list[str]) -> list[int]:
        """The number of tokens of each text, nothing cut off, the two that frame it included."""
        return [len(encoding.ids) for encoding in self.tokenizer.encode_batch(texts)]

    def read(self, name: str) -> Any:
        """A JSON file of the model, an empty object when it is not there."""
        file = self.place / name
        return json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def truncated(chunks: Iterable[Chunk], limit: int) -> list[Truncated]:
    """The chunks that a model with this limit does not read whole; a chunk whose tokens nobody counted is left out."""
    return [
        Truncated(chunk.id, chunk.tokens, chunk.tokens - limit)
        for chunk in chunks
        if chunk.tokens is not None and chunk.tokens > limit
    ]
