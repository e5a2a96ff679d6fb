"""Serve: a drafter on a private copy of the index.

Twin: nothing in the ETL track: a warehouse brings its own readers. A build replaces the folder of the index, and
Chroma opens its files when it needs them: a reader that stayed on the folder would read the old vectors with the new
texts.
"""

import shutil
import tempfile
import weakref
from pathlib import Path

from lab.errors import MissingStep
from lab.settings import Settings
from rag_track.draft import Drafter, open_model
from rag_track.index import folder
from rag_track.llm.calls import CallLog
from rag_track.redact import Redactor, people_in


def stamp(settings: Settings) -> tuple[int, ...]:
    """What changes when a build replaces the index: the folder that bears its name, and the report of the build."""
    report = settings.reports / "rag.json"
    place = folder(settings)
    return (place.stat().st_ino if place.exists() else 0, report.stat().st_mtime_ns if report.exists() else 0)


def open_drafter(settings: Settings) -> Drafter:
    """A drafter on its own copy of the index, warmed up. The copy is deleted when nobody uses the drafter any more.

    Raises MissingStep when there is no index, ConfigError or ModelError when the settings do not fit it.
    """
    from chromadb.api.shared_system_client import SharedSystemClient

    if not settings.chroma and not folder(settings).exists():
        raise MissingStep(f"There is no index in {settings.index} yet.", next_step="make rag")
    (settings.home / "serving").mkdir(parents=True, exist_ok=True)
    home = Path(tempfile.mkdtemp(dir=settings.home / "serving"))
    try:
        others = shutil.ignore_patterns("vectors.sqlite*", "chroma.new-*", "chroma.old-*")  # of a build
        if settings.index.exists():
            shutil.copytree(settings.index, home / "index", ignore=others)
        (home / "models").symlink_to(settings.models.resolve())  # the index names one
        drafter = Drafter(settings.model_copy(update={"home": home}))
        # Names and the log of calls are the lab's own.
        drafter.redactor = Redactor(people_in(settings.landing))
        drafter.model = open_model(settings, CallLog(settings.calls))
        drafter.warm_up()
    except BaseException:
        shutil.rmtree(home)
        raise
    SharedSystemClient.clear_system_cache()  # else Chroma keeps the files open for ever; now the drafter alone does
    weakref.finalize(drafter, shutil.rmtree, home, ignore_errors=True)
    return drafter
