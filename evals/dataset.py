"""The data contract of BEIR: a corpus, queries, and qrels that say which document is relevant to which query.

`corpus.jsonl` {_id, title, text}; `queries.jsonl` {_id, text, …}; `qrels.tsv` or `qrels/test.tsv` with a header
and query-id, corpus-id, score. The lab's own queries also carry a reference answer, facts, tags and a split.
"""

import csv
import hashlib
import json
from collections import defaultdict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from evals.company_truth import CompanyTruth, read_truth
from lab.errors import ConfigError

SAMPLED = 2

Qrels = dict[str, dict[str, int]]  # query → document → grade; 0 is irrelevant


@dataclass(frozen=True)
class Query:
    """One golden query. Only the lab's own have more than id and text."""

    id: str
    text: str
    reference: str | None = None
    problem_ids: tuple[str, ...] = ()
    resolution_ids: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    product_category: str | None = None
    customer_tier: str | None = None
    split: str = "test"
    group: str = ""  # queries about one problem are alike: they are one observation when uncertainty is estimated


@dataclass(frozen=True)
class Dataset:
    """Queries with their qrels; `corpus` maps a document's id to its title and text."""

    name: str
    corpus: dict[str, tuple[str, str]]
    queries: tuple[Query, ...]
    qrels: Qrels
    truth: CompanyTruth = field(default_factory=CompanyTruth)

    def sample(self) -> "Dataset":
        """Two queries of each problem and every third one that nothing answers: enough to see something break.

        Which two is drawn by their ids: the first ones are of one kind.
        """
        drawn: dict[str, list[str]] = defaultdict(list)
        for query in sorted(self.answerable, key=lambda query: hashlib.sha256(query.id.encode()).digest()):
            drawn[query.group].append(query.id)
        kept = {one for ids in drawn.values() for one in ids[:SAMPLED]} | {q.id for q in self.unanswerable[::3]}
        return replace(self, queries=tuple(query for query in self.queries if query.id in kept))

    def text(self, document: str) -> str:
        """Title and text of a document."""
        title, text = self.corpus.get(document, ("", ""))
        return f"{title}\n\n{text}".strip()

    @property
    def answerable(self) -> tuple[Query, ...]:
        """Queries for which some document is relevant."""
        return tuple(query for query in self.queries if any(self.qrels.get(query.id, {}).values()))

    @property
    def unanswerable(self) -> tuple[Query, ...]:
        """Queries for which no document is: declining is right."""
        known = {query.id for query in self.answerable}
        return tuple(query for query in self.queries if query.id not in known)


def read_dataset(folder: Path, split: str = "all") -> Dataset:
    """A BEIR-shaped folder; `split` keeps the queries of dev or test.

    Raises ConfigError that names the file and the line that is wrong.
    """
    corpus = {
        str(record["_id"]): (str(record.get("title") or ""), str(record.get("text") or ""))
        for record in records(folder / "corpus.jsonl")
    }
    queries = [query_of(record) for record in records(folder / "queries.jsonl")]
    kept = tuple(query for query in queries if split in ("all", query.split))
    if not kept:
        raise ConfigError(f"{folder} has no queries in the split {split!r}.", next_step="python -m evals --split all")
    truth = read_truth(folder.parent / "truth")  # of the sample company
    return Dataset(folder.name, corpus, kept, read_qrels(folder, set(corpus)), truth)


def query_of(record: dict[str, Any]) -> Query:
    return Query(
        id=str(record["_id"]),
        text=str(record.get("text") or ""),
        reference=record.get("reference"),
        problem_ids=tuple(record.get("problem_ids") or ()),
        resolution_ids=tuple(record.get("resolution_ids") or ()),
        facts=tuple(record.get("facts") or ()),
        forbidden=tuple(record.get("forbidden") or ()),
        tags=tuple(record.get("tags") or ()),
        product_category=record.get("product_category"),
        customer_tier=record.get("customer_tier"),
        split=str(record.get("split") or "test"),
        group=str((record.get("problem_ids") or [record["_id"]])[0]),
    )


def records(file: Path) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file, each with an _id."""
    if not file.exists():
        raise ConfigError(
            f"There is no {file}.", next_step="make data, or name a folder with corpus.jsonl, queries.jsonl and qrels"
        )
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            record = json.loads(line)
        except json.JSONDecodeError:
            record = None
        if not isinstance(record, dict) or "_id" not in record:
            raise ConfigError(f"{file}, line {number}: not a JSON object with an _id.", next_step="mend that line")
        found.append(record)
    return found


def read_qrels(folder: Path, corpus: set[str]) -> Qrels:
    places = [folder / "qrels.tsv", folder / "qrels" / "test.tsv"]
    file = next((place for place in places if place.exists()), None)
    if file is None:
        raise ConfigError(f"There is neither {places[0]} nor {places[1]}.", next_step="add one of them")
    qrels: Qrels = {}
    with file.open(encoding="utf-8", newline="") as stream:
        for number, row in enumerate(csv.reader(stream, delimiter="\t"), start=1):
            if number == 1 and row[-1:] and not row[-1].lstrip("-").isdigit():
                continue  # the header
            if len(row) != 3 or not row[2].lstrip("-").isdigit():
                raise ConfigError(
                    f"{file}, line {number}: not query-id, corpus-id, score between tabs.", next_step="mend that line"
                )
            if row[1] not in corpus:
                raise ConfigError(
                    f"{file}, line {number}: {row[1]} is not in corpus.jsonl.", next_step="mend that line"
                )
            qrels.setdefault(row[0], {})[row[1]] = int(row[2])
    return qrels
