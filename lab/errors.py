"""Every error a student can foreseeably meet.

LabError
├── ConfigError      a setting, a file or an argument is wrong
├── MissingStep      an earlier stage has not been run yet
├── StageFailed      a stage ran and failed; the log says why
└── ModelError       a language or embedding model cannot be used

Each carries a message (what happened, with the file, line or field) and `next_step`,
the command to type. The command line prints both and exits with status 1, without a traceback.
"""

import difflib
from collections.abc import Iterable


class LabError(Exception):
    """What happened, and what to type next.

    >>> print(LabError("There is no warehouse yet.", next_step="make etl"))
    There is no warehouse yet. Next: make etl
    """

    def __init__(self, message: str, *, next_step: str) -> None:
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.message} Next: {self.next_step}"


class ConfigError(LabError):
    """A setting, an input file or an argument is wrong."""


class MissingStep(LabError):
    """An earlier stage of the river has not been run yet."""


class StageFailed(LabError):
    """A stage ran and failed."""


class ModelError(LabError):
    """A language or embedding model cannot be loaded or reached."""


def closest(word: str, known: Iterable[str]) -> str:
    """The known word that is most like one that was typed, for the next step of an error; "" when none is known.

    >>> closest("expotrs", ["exports", "imports"])
    'exports'
    """
    return next(iter(difflib.get_close_matches(word, list(known), n=1, cutoff=0)), "")
