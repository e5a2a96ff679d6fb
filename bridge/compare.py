"""Ask both tracks the same, and lay their stages side by side.

Writes out/reports/compare.json and compare.html, the first page an instructor opens.
"""

import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from duckdb import DuckDBPyConnection

from bridge.truth import Question, read_questions
from etl_track.ask import ask
from etl_track.metrics import open_warehouse
from lab.aside import write_json
from lab.console import console, say, track
from lab.page import write_page
from lab.report import read_report
from lab.settings import Settings
from rag_track.draft import Drafter, without_citations
from rag_track.filters import Filters

TOLERANCE = 0.005  # a number is right when it is within half a percent of the truth
NUMBER = re.compile(r"(\d[\d,]*(?:\.\d+)?)(%| minutes| tickets)")
MIRROR = (  # the stages of both tracks under the names of their reports, and what each is
    ("extract", "landing, columns", "landing, full text"),
    ("clean", "staging models", "resolved tickets"),
    ("shape", "intermediate models", "recursive chunks"),
    ("store", "facts, dimensions", "vectors in Chroma"),
    ("serve", "named metrics", "drafts with sources"),
    ("verify", "dbt tests, truth", "golden set, gates"),
)


@dataclass(frozen=True)
class Said:
    """One track's answer to one question. Who declines is not right, but does not mislead either."""

    answer: str
    correct: bool
    declined: bool
    milliseconds: float


@dataclass(frozen=True)
class Asked:
    """One question with both answers."""

    question: Question
    etl: Said
    rag: Said


def compare(settings: Settings) -> dict[str, Any]:
    """Ask, judge, write and print the comparison; returns compare.json.

    Raises MissingStep when a track was not built or the evaluation was not run.
    """
    reports = {name: read_report(settings.reports / f"{name}.json", make=name) for name in ("etl", "rag", "evals")}
    landing = read_report(settings.landing / "manifest.json", make="landing")
    has_truth = not settings.is_own or (settings.source / "truth").is_dir()
    questions = read_questions(settings.source) if has_truth else []
    say(
        f"[bold]compare[/]  {len(questions)} questions to both tracks" if has_truth else "[bold]compare[/]  stages only"
    )
    drafter = Drafter(settings)
    drafter.retriever.embeddings.embed_documents([question.text for question in questions])  # loads the model once
    with open_warehouse(settings) as warehouse:
        asked = [put(warehouse, drafter, question) for question in track(questions, "questions", len(questions))]
    stages = side_by_side(reports, landing)
    content = {
        "stages": stages,
        "questions": [
            {
                "id": one.question.id,
                "kind": one.question.kind,
                "question": one.question.text,
                "truth": one.question.truth,
                "etl": asdict(one.etl),
                "rag": asdict(one.rag),
            }
            for one in asked
        ],
        "freshness": {"etl": reports["etl"]["freshness"], "rag": reports["rag"]["freshness"]},
    }
    write_json(settings.reports / "compare.json", content)
    write_page(settings.reports / "compare.html", "bridge", "page.html", content=content, reports=reports)
    show(settings, content)
    return content


def put(warehouse: DuckDBPyConnection, drafter: Drafter, question: Question) -> Asked:
    """Put one question to both tracks. The RAG track knows the tier of the customer who asks, as a help desk would."""

    def counted() -> tuple[str, bool]:
        answer = ask(warehouse, question.text)
        return answer.text, answer.table is None

    def read() -> tuple[str, bool]:
        draft = drafter.draft(question.text, Filters(customer_tier=question.tier))
        return without_citations(draft.text), draft.declined

    return Asked(question, timed(counted, question), timed(read, question))


def timed(answer: Callable[[], tuple[str, bool]], question: Question) -> Said:
    started = time.perf_counter()
    text, declined = answer()
    milliseconds = round(1000 * (time.perf_counter() - started), 1)
    return Said(text, not declined and is_correct(text, question), declined, milliseconds)


def is_correct(answer: str, question: Question) -> bool:
    """A reading answer states every fact; a counting answer states the number.

    >>> march = Question("q", "counting", "?", None, 652.3, "minutes", (), "652.3 minutes")
    >>> is_correct("It was 652.3 minutes.", march), is_correct("It was 940 minutes.", march)
    (True, False)
    """
    if question.kind == "reading":
        return all(fact.lower() in answer.lower() for fact in question.facts)
    if question.number is None:
        return question.truth in answer
    unit = "%" if question.unit == "share" else f" {question.unit}"
    said = [float(number.replace(",", "")) for number, of in NUMBER.findall(answer) if of == unit]
    wanted = 100 * question.number if question.unit == "share" else question.number
    return any(abs(number - wanted) <= max(TOLERANCE * abs(wanted), 0.05) for number in said)


def side_by_side(reports: dict[str, Any], landing: dict[str, Any]) -> list[dict[str, Any]]:
    """One row for each stage of the mirror, with what each track counted there."""
    landed = sum(landing["rows"].values())
    rows = []
    for name, etl_is, rag_is in MIRROR:
        row: dict[str, Any] = {"name": name}
        for side, what in (("etl", etl_is), ("rag", rag_is)):
            stage: dict[str, Any] = next((s for s in reports[side]["stages"] if s["name"] == name), {})
            counts = {key: stage.get(key) for key in ("rows_in", "rows_out", "seconds")}
            row[side] = {"is": what, **counts}
        rows.append(row)
    rows[0]["etl"]["rows_out"] = rows[0]["rag"]["rows_out"] = landed  # one extract serves both
    gates = reports["evals"]["gates"]
    rows[-1]["rag"] |= {"rows_in": len(gates), "rows_out": sum(gate["passed"] for gate in gates)}
    return rows


def show(settings: Settings, content: dict[str, Any]) -> None:
    """Print the comparison at 100 columns."""
    from rich.table import Table

    say("\n[bold]Stage by stage[/]  in → out, seconds; the last line counts tests and gates, and those that passed")
    stages = Table(box=None, header_style="bold", padding=(0, 1, 0, 0))
    stages.add_column("stage")
    for colour, side in (("blue", "etl_track"), ("yellow", "rag_track")):
        stages.add_column(f"[{colour}]{side}[/]", no_wrap=True)
        stages.add_column("", justify="right", no_wrap=True)
        stages.add_column("", justify="right", no_wrap=True)
    for row in content["stages"]:
        stages.add_row(row["name"], *cells(row["etl"]), *cells(row["rag"]))
    console.print(stages)
    etl, rag = content["freshness"]["etl"], content["freshness"]["rag"]
    landed = ", ".join(f"{one['source']} {minute(one['newest_record_at'])} ({one['status']})" for one in etl)
    say(f"  newest record landed:    {landed}")
    say(f"  newest solution indexed: {minute(rag['newest_indexed_at'])}")

    if not content["questions"]:
        say("\n  No question was asked: of these tickets no truth is known to hold the answers to.")
        say(f"  the stages on a page: [bold]{settings.reports / 'compare.html'}[/]")
        return
    say("\n[bold]Question by question[/]")
    table = Table("question", "truth", "etl", "rag", box=None, header_style="bold", padding=(0, 1, 0, 0))
    for one in content["questions"]:
        truth = one["truth"] if len(one["truth"]) <= 34 else one["truth"][:33] + "…"
        table.add_row(one["question"], truth, mark(one["etl"]), mark(one["rag"]))
    console.print(table)
    for kind in ("counting", "reading"):
        of = [one for one in content["questions"] if one["kind"] == kind]
        etl, rag = (sum(one[side]["correct"] for one in of) for side in ("etl", "rag"))
        say(f"  {kind}: the ETL track is right on {etl} of {len(of)}, the RAG track on {rag} of {len(of)}")
    say(f"  both answers in full: [bold]{settings.reports / 'compare.html'}[/]")


def minute(at: str | None) -> str:
    return at[:16].replace("T", " ") if at else "none"


def cells(side: dict[str, Any]) -> tuple[str, str, str]:
    """What a stage is, its rows, its seconds."""
    rows = "" if side["rows_out"] is None else f"{side['rows_out']:,}"
    if side["rows_in"] is not None:
        rows = f"{side['rows_in']:,} → {rows}"
    return side["is"], rows, "" if side["seconds"] is None else f"{side['seconds']:.1f}"


def mark(said: dict[str, Any]) -> str:
    if said["correct"]:
        return f"[green]right[/] {said['milliseconds']:.0f} ms"
    return "[dim]declined[/]" if said["declined"] else "[red]wrong[/]"
