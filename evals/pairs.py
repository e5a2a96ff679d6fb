"""The calibration set: contexts and statements of which the right verdict is known."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from lab.errors import ConfigError, MissingStep


class Pair(BaseModel):
    """A context and a statement, and whether the one supports the other. `kind` says how the statement was made."""

    model_config = ConfigDict(frozen=True)

    id: str
    kind: str
    supported: bool
    context: str
    statement: str
    problem_id: str
    split: str


def read_pairs(file: Path, split: str = "all") -> list[Pair]:
    """The calibration set, JSON lines. Raises MissingStep without a file, ConfigError that names a wrong line."""
    if not file.exists():
        raise MissingStep(f"There is no {file} yet.", next_step="make data")
    pairs = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        try:
            pairs.append(Pair.model_validate_json(line))
        except ValidationError as error:
            wrong = error.errors()[0]
            raise ConfigError(
                f"{file}, line {number}: {'.'.join(map(str, wrong['loc']))} {wrong['msg']}.", next_step="mend that line"
            ) from None
    kept = [pair for pair in pairs if split in ("all", pair.split)]
    if len({pair.supported for pair in kept}) < 2:
        raise ConfigError(
            f"{file} needs supported and unsupported pairs in the split {split!r}.", next_step="--split dev, or test"
        )
    return kept
