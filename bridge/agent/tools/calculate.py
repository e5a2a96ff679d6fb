"""python: a restricted interpreter for arithmetic and small tables.

The code is read first: no imports, no attributes, no names with two underscores. What is left runs in Monty, an
interpreter without files, network and environment, in a process of its own that is killed when it does not answer.
"""

import ast

from pydantic_monty import CollectString, Monty, MontyCrashedError, MontyError, ResourceLimits

from bridge.agent.tools.refused import Refused

LONGEST = 4_000  # characters of code, and of what it gives back
LIMITS: ResourceLimits = {"max_duration_secs": 2.0, "max_memory": 32_000_000, "max_recursion_depth": 100}
PATIENCE = 5.0  # seconds until the process is killed, should the interpreter not hold its own limits
FORBIDDEN = (ast.Import, ast.ImportFrom, ast.Attribute, ast.ClassDef, ast.Global, ast.Nonlocal, ast.With, ast.Await)
UNSAFE = frozenset(
    [
        "open",
        "eval",
        "exec",
        "compile",
        "input",
        "breakpoint",
        "globals",
        "locals",
        "vars",
        "getattr",
        "setattr",
        "delattr",
        "print",
    ]
)


class Calculator:
    """A worker process that is started when it is first needed. Close it with `close`."""

    def __init__(self) -> None:
        self.pool: Monty | None = None

    def run(self, code: str) -> str:
        """The value of the last expression, as text. Raises Refused with the reason."""
        check(code)
        if self.pool is None:
            self.pool = Monty(max_processes=1, request_timeout=PATIENCE)
            self.pool.__enter__()
        try:
            with self.pool.checkout(limits=LIMITS) as session:
                value = repr(session.feed_run(code, print_callback=CollectString(max_bytes=LONGEST)))
        except MontyCrashedError:
            raise Refused(f"The calculation was stopped after {PATIENCE:g} seconds.") from None
        except (MontyError, ValueError) as error:
            raise Refused(" ".join(str(error).split())[:300]) from None
        if len(value) > LONGEST:
            raise Refused(f"The result is longer than {LONGEST:,} characters. Give back less.")
        return value

    def close(self) -> None:
        if self.pool is not None:
            self.pool.__exit__(None, None, None)
            self.pool = None


def check(code: str) -> None:
    """Raises Refused for code that is more than arithmetic and small tables."""
    if len(code) > LONGEST:
        raise Refused(f"The code is longer than {LONGEST:,} characters.")
    try:
        tree = ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Refused(f"The code cannot be read: {error}") from None
    for node in ast.walk(tree):
        if isinstance(node, FORBIDDEN):
            raise Refused(
                f"{type(node).__name__} is not allowed: no imports, no attributes, only arithmetic and tables."
            )
        if isinstance(node, ast.Name) and (node.id.startswith("__") or node.id in UNSAFE):
            raise Refused(f"The name {node.id} is not allowed.")
    if not tree.body or not isinstance(tree.body[-1], ast.Expr):
        raise Refused("The last line must be an expression: its value is the result.")
