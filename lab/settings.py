"""The one settings object, built once at the door and passed down.

Every setting is a variable `LAB_<NAME>` or a line in `lab.toml`; the variable wins.
Nothing else in the lab reads the environment.
"""

import difflib
import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, TomlConfigSettingsSource

from lab.errors import ConfigError

ROOT = Path(__file__).resolve().parent.parent


def default_home() -> Path:
    """The project's folder out/, from wherever the lab is called: notebooks run in their own folder."""
    return Path(os.path.relpath(ROOT / "out"))


class Settings(BaseSettings):
    """All knobs of the lab, with the defaults that `make lab` runs on."""

    model_config = SettingsConfigDict(env_prefix="LAB_", env_ignore_empty=True, extra="forbid", frozen=True)

    home: Path = Field(default_factory=default_home, description="where everything that a run makes is kept")
    seed: int = Field(7, description="seed of the sample company")
    tickets: int = Field(1200, ge=100, description="conversations to make, half of them on each help desk")
    chunk_size: int = Field(800, ge=100, description="characters in a chunk, at most")
    chunk_overlap: int = Field(100, ge=0, description="characters that two neighbouring chunks share, at most")
    chunker: str = Field("recursive", description="how documents are cut: recursive, turns, sentence, parent, document")
    boilerplate: bool = Field(False, description="whether greetings, signatures and quotes stay, to see what they do")
    notes: bool = Field(False, description="whether agents' private notes are knowledge")
    retriever: str = Field("hybrid", description="how past tickets are found: dense, bm25, hybrid, mmr")
    reranker: str = Field("", description="what orders the best hits anew: maxsim, or a folder of a cross-encoder")
    outdated_weight: float = Field(0.5, ge=0, le=1, description="share of its score that an outdated ticket keeps")
    half_life: int = Field(
        0, ge=0, description="days in which a past ticket loses half of its score; 0: age is nothing"
    )
    decline_below: float = Field(0.41, ge=0, le=1, description="similarity of the best past ticket that a draft needs")
    context_tokens: int = Field(2_500, ge=200, description="tokens of past tickets that the chat model gets to read")
    top_k: int = Field(5, ge=1, le=50, description="past tickets that a draft is based on")
    embeddings: str = Field("minilm", description="embedding model: minilm, provider:model, or a folder")
    embeddings_url: str = Field("", description="where the embedding model answers, instead of its provider's address")
    precision: Literal["auto", "fp32", "bf16"] = Field("auto", description="arithmetic of the local embedding model")
    judge: str = Field("offline", description="who judges drafts: offline, or provider:model")
    judge_url: str = Field("", description="where the judge answers, instead of the provider's own address")
    llm: str = Field("offline", description="chat model that drafts: offline, or provider:model")
    llm_fallback: str = Field("", description="chat model that answers when the first one cannot")
    llm_url: str = Field("", description="where the chat model answers, instead of the provider's own address")
    llm_fallback_url: str = Field("", description="the same for the fallback")
    llm_timeout: float = Field(60, gt=0, description="seconds to wait for the chat model")
    trace: Literal["", "phoenix"] = Field("", description="where traces go: a file, or a local Arize Phoenix")
    chroma: str = Field("", description="host:port of a Chroma server for the index, instead of a folder")
    service_key: SecretStr = Field(SecretStr(""), description="key that clients of make serve must give")
    exports: Path | None = Field(None, description="a folder of your own exports, instead of the sample company")
    zendesk_url: str = Field("", description="a Zendesk account, such as https://you.zendesk.com, instead of it")
    zendesk_email: str = Field("", description="the Zendesk agent to whom the token belongs")
    zendesk_token: SecretStr = Field(SecretStr(""), description="an API token of Zendesk")
    intercom_url: str = Field("https://api.intercom.io", description="where Intercom answers, by region")
    intercom_token: SecretStr = Field(SecretStr(""), description="an access token of Intercom, to extract from it")

    @property
    def source(self) -> Path:
        """What the help desks hold, as JSON lines; of an account nothing, its help desk has it."""
        return self.exports or self.home / ("account" if self.is_own else "source")

    @property
    def is_own(self) -> bool:
        """Whether the data is somebody's own: exports, or an account. The sample company is not asked then."""
        return bool(self.exports or self.zendesk_url or self.intercom_token.get_secret_value())

    @property
    def extract(self) -> Path:
        """What dlt remembers between two extracts: how far it got, and the newest state of each record."""
        return self.home / "extract"

    @property
    def landing(self) -> Path:
        """The extract as Parquet, one folder for each source and table."""
        return self.home / "landing"

    @property
    def warehouse(self) -> Path:
        """The DuckDB file with the schemas staging, intermediate and marts."""
        return self.home / "warehouse.duckdb"

    @property
    def index(self) -> Path:
        """The Chroma folder and the vector cache."""
        return self.home / "index"

    @property
    def models(self) -> Path:
        """What was learned from feedback, a folder for each version."""
        return self.home / "models"

    @property
    def feedback(self) -> Path:
        """Drafts and what agents made of them, in one SQLite file: the only thing here that nobody can make again."""
        return self.home / "feedback" / "service.sqlite"

    @property
    def calls(self) -> Path:
        """The log of calls to language models."""
        return self.home / "calls.duckdb"

    @property
    def reports(self) -> Path:
        """The JSON reports and their pages."""
        return self.home / "reports"

    @property
    def traces(self) -> Path:
        """What agent, chains and retrievers did, as JSON lines."""
        return self.home / "traces"

    @property
    def logs(self) -> Path:
        """What a stage wrote while it ran."""
        return self.home / "logs"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, ROOT / "lab.toml")


def read_settings(**given: Any) -> Settings:
    """The settings of this run. Raises ConfigError that names the first wrong or unknown one."""
    known = {f"LAB_{name.upper()}" for name in Settings.model_fields}
    for name in sorted(name for name in os.environ if name.startswith("LAB_") and name not in known):
        close = difflib.get_close_matches(name, known, n=1, cutoff=0)[0]
        raise ConfigError(f"There is no setting {name}.", next_step=f"unset {name}, or use {close}")
    try:
        settings = Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(step) for step in first["loc"])
        raise ConfigError(
            f"The setting LAB_{name.upper()} (or {name} in lab.toml) is wrong: {first['msg']}, got {first['input']!r}.",
            next_step="mend it, or unset it for the default",
        ) from None
    except ValueError as error:  # lab.toml is not TOML
        raise ConfigError(f"lab.toml cannot be read: {error}.", next_step="mend lab.toml, or delete it") from None
    if settings.chunk_overlap >= settings.chunk_size:
        raise ConfigError(
            f"LAB_CHUNK_OVERLAP ({settings.chunk_overlap}) must be below LAB_CHUNK_SIZE ({settings.chunk_size}).",
            next_step="lower LAB_CHUNK_OVERLAP",
        )
    return settings
