"""Read a hand-written YAML file strictly: an error names the file and the line."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from lab.errors import ConfigError

T = TypeVar("T", bound=BaseModel)


class Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


def read(file: Path, model: type[T]) -> T:
    """One YAML file as `model`. Raises ConfigError with the line of the first error."""
    text = file.read_text(encoding="utf-8")
    try:
        return model.model_validate(yaml.load(text, Loader=yaml.CSafeLoader))
    except yaml.YAMLError as error:
        raise ConfigError(f"{file.name} is not YAML: {error}", next_step="mend that line, then make data") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(step) for step in first["loc"])
        line = line_of(yaml.compose(text), first["loc"])
        raise ConfigError(
            f"{file.name}, line {line}: {where}: {first['msg']}.", next_step="mend that line, then make data"
        ) from None


def line_of(node: yaml.Node | None, path: tuple[int | str, ...]) -> int:
    """The line (from 1) where `path` stands in a composed YAML document."""
    line = 1
    for step in path:
        if isinstance(node, yaml.MappingNode):
            found = [(key, value) for key, value in node.value if key.value == step]
            if not found:
                break
            line, node = found[0][0].start_mark.line + 1, found[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
            node = node.value[step]
            line = node.start_mark.line + 1
        else:
            break
    return line
