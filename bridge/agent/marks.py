"""How an answer ends, in its first word: the same for every model, so that a caller can tell without reading."""

from bridge.agent.answer import Outcome

MARKS: dict[str, Outcome] = {"ASK BACK:": "asked_back", "DECLINED:": "declined", "STOPPED:": "stopped"}


def marked(text: str, outcome: Outcome) -> str:
    """A text with the mark of its outcome.

    >>> marked("Which one?", "asked_back")
    'ASK BACK: Which one?'
    """
    return next((f"{mark} {text}" for mark, of in MARKS.items() if of == outcome), text)


def unmarked(text: str) -> tuple[str, Outcome]:
    """The text without its mark, and the outcome.

    >>> unmarked("DECLINED: I only read.")
    ('I only read.', 'declined')
    """
    text = text.strip()
    for mark, outcome in MARKS.items():
        if text.upper().startswith(mark):
            return text[len(mark) :].strip(), outcome
    return text, "answered"
