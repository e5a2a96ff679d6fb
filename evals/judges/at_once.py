"""Ask about many things, a few of them at a time: a language model is waited for, and may be asked again meanwhile."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

from lab.console import Counted

AT_ONCE = 8  # that wait for a language model together

Asked = TypeVar("Asked")
Found = TypeVar("Found")


async def ask_each(
    things: Sequence[Asked], ask: Callable[[Asked], Awaitable[Found]], title: str, at_once: int = AT_ONCE
) -> list[Found]:
    """What `ask` finds for each thing, in their order; `title` names the progress."""
    turn, done = asyncio.Semaphore(at_once), 0

    async def one(thing: Asked, bar: Counted) -> Found:
        nonlocal done
        async with turn:
            found = await ask(thing)
        done += 1
        bar.update(done, len(things))
        return found

    with Counted(title) as bar:
        return list(await asyncio.gather(*(one(thing, bar) for thing in things)))
