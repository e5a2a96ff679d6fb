"""Bridge: ask both tracks and the agent the same questions, and lay the stages of the tracks side by side.

Writes out/reports/compare.json and compare.html, the first page an instructor opens.
"""

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bridge.answerers import SIDES, Answerer, open_answerers
from bridge.bank import BANK
from bridge.judge import judge
from bridge.mirror import side_by_side
from bridge.show import show
from bridge.summary import summary
from bridge.truth import Question, read_questions
from lab.aside import write_json
from lab.console import say, track
from lab.errors import LabError
from lab.page import write_page
from lab.report import read_report
from lab.settings import Settings

OTHERS = {  # the pages that may lie beside this one
    "etl": "the warehouse",
    "rag": "the index",
    "evals": "the evaluation",
    "learn": "what edits teach",
    "week": "a week of edits",
    "dbt": "the models",
}


@dataclass(frozen=True)
class Said:
    """One answer to one question, and what decided whether it is right.

    `declined`: it is a refusal or a question back. Who declines is right only where nothing is, but misleads nobody.
    """

    answer: str
    correct: bool
    declined: bool
    why: str
    milliseconds: float
    tokens: int
    dollars: float
    calls: list[dict[str, Any]]


def compare(settings: Settings, bank: Path = BANK) -> dict[str, Any]:
    """Ask the questions of `bank`, judge, write and print the comparison; returns compare.json.

    Raises MissingStep when a track was not built or the evaluation was not run.
    """
    reports = {name: read_report(settings.reports / f"{name}.json", make=name) for name in ("etl", "rag", "evals")}
    landing = read_report(settings.landing / "manifest.json", make="landing")
    has_truth = not settings.is_own or (settings.source / "truth").is_dir()
    questions, left_out = read_questions(settings.source, bank) if has_truth else ([], [])
    asks = f"{len(questions)} questions to both tracks and the agent" if has_truth else "stages only"
    say(f"[bold]compare[/]  {asks}")
    rows = ask_all(settings, questions) if questions else []
    content = {
        "stages": side_by_side(reports, landing),
        "questions": rows,
        "left_out": left_out,
        "summary": summary(rows) if rows else {},
        "model": settings.llm,
        "freshness": {"etl": reports["etl"]["freshness"], "rag": reports["rag"]["freshness"]},
    }
    write_json(settings.reports / "compare.json", content)
    pages = [{"file": f"{name}.html", "title": title} for name, title in OTHERS.items()]
    links = [page for page in pages if (settings.reports / page["file"]).exists()]
    page = {"content": content, "reports": reports, "links": links}
    write_page(settings.reports / "compare.html", "bridge", "page.html", **page)
    show(settings, content)
    return content


def ask_all(settings: Settings, questions: list[Question]) -> list[dict[str, Any]]:
    """Every question with its truth and the three answers, in the order of the bank."""
    with open_answerers(settings, questions) as answerers:
        for answer in answerers.values():
            answer(questions[0], "compare-first")  # definitions are read and the index is opened before a clock runs
        begun: dict[tuple[str, str], str] = {}
        rows = []
        for question in track(questions, "questions", len(questions)):
            conversation = conversation_of(question, begun)
            said = {side: asdict(put(answerers[side], question, conversation)) for side in SIDES}
            asked = {"id": question.id, "half": question.half, "kind": question.kind, "question": question.text}
            rows.append({**asked, "after": question.after, "tier": question.tier, "truth": question.truth, **said})
    return rows


def conversation_of(question: Question, begun: dict[tuple[str, str], str]) -> str:
    """In which conversation a question is asked: in one of its own, or in that of the question that it comes after."""
    before = begun.get((question.half, question.after or ""))
    conversation = begun[question.half, question.id] = before or f"compare-{question.half}-{question.id}"
    return conversation


def put(answer: Answerer, question: Question, conversation: str) -> Said:
    """Put one question to one of the three, and judge what it says. A model that fails has declined."""
    started = time.perf_counter()
    try:
        said = answer(question, conversation)
    except LabError as error:
        milliseconds = round(1000 * (time.perf_counter() - started), 1)
        return Said(str(error), False, True, "failed", milliseconds, 0, 0.0, [])
    milliseconds = round(1000 * (time.perf_counter() - started), 1)
    verdict = judge(question, said.text, said.held_back)
    return Said(
        said.text, verdict.correct, said.held_back, verdict.reason, milliseconds, said.tokens, said.dollars, said.calls
    )
