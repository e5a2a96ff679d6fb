"""Write aside, then swap: no run leaves a half-written file behind, no reader sees one."""

import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


@contextmanager
def written_aside(target: Path) -> Iterator[Path]:
    """A path to write a file or a folder to; it takes the place of `target` when the block ends well.

    When the block raises, `target` stays as it was and what was written is removed.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    aside = target.with_name(f"{target.name}.new-{os.getpid()}")
    remove(aside)
    try:
        yield aside
        if target.is_dir():  # a folder cannot be replaced in one step: move the old one away first
            old = target.with_name(f"{target.name}.old-{os.getpid()}")
            target.rename(old)
            aside.rename(target)
            remove(old)
        else:
            aside.replace(target)
    finally:
        remove(aside)


def remove(path: Path) -> None:
    """Remove a file or a folder, if it is there."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_json(target: Path, content: Any) -> None:
    """Write `content` as indented JSON, keys in the order given."""
    with written_aside(target) as aside:
        aside.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def fingerprint(*paths: Path, also: str = "") -> str:
    """SHA-256 over the names and bytes of files and of all files in folders, and over `also`.

    Two equal fingerprints mean that a stage would read the same again.
    """
    digest = hashlib.sha256(also.encode())
    for path in paths:
        files = sorted(f for f in path.rglob("*") if f.is_file()) if path.is_dir() else [path]
        for file in files:
            if "__pycache__" in file.parts:
                continue
            digest.update(str(file.relative_to(path.parent)).encode() + b"\0")
            digest.update(fingerprint_file(file).encode())
    return digest.hexdigest()


def fingerprint_file(file: Path) -> str:
    """SHA-256 of a file's bytes, in hex."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
