"""What one question may take. When a limit is reached the agent stops and says which."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Held before each call of the model. `tokens` also hold a model whose price is not known."""

    steps: int = 8  # calls of the model
    seconds: float = 30.0
    tokens: int = 100_000  # in and out
    dollars: float = 0.10

    def reached(self, steps: int, seconds: float, tokens: int, dollars: float) -> str:
        """The sentence about the limit that is reached, empty when none is.

        >>> Limits().reached(8, 1.0, 0, 0.0)
        'I stopped after 8 steps, which is the limit for one question.'
        """
        told = "I stopped after {}, which is the limit for one question."
        if steps >= self.steps:
            return told.format(f"{self.steps} steps")
        if seconds >= self.seconds:
            return told.format(f"{self.seconds:g} seconds")
        if tokens >= self.tokens:
            return told.format(f"{self.tokens:,} tokens")
        if dollars >= self.dollars:
            return told.format(f"{self.dollars:.2f} dollars")
        return ""
