"""Make the sample company: both help desks, the truth about them, and the golden set.

out/source/zendesk/*.jsonl, intercom/*.jsonl    what the help desks hold
out/source/truth/tickets.jsonl                  what every metric must be
out/source/truth/plans.jsonl                    which plan each account had when
out/source/truth/personal_data.jsonl            every place where personal data stands in a text
out/source/truth/answers.jsonl                  every place where an agent states a resolution, right or wrong
out/source/truth/instructions.jsonl             every place of a sentence that is aimed at a language model
out/source/truth/attacks.jsonl                  all such sentences, and how one knows that a reply obeys
out/source/truth/rejects.json                   what must be rejected, and why
out/source/golden/corpus.jsonl, queries.jsonl, qrels.tsv    the golden set in the BEIR shape
out/source/golden/calibration.jsonl             past answers with sentences that they do or do not support
out/source/manifest.json                        seed, counts, the company's clock
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import orjson

from lab.aside import fingerprint, write_json, written_aside
from lab.console import say, track
from lab.forgotten import mark_of, read_forgotten
from lab.settings import Settings
from sample_data import articles, intercom, mess, zendesk, zendesk_rules
from sample_data.calendar import arrivals, company_clock
from sample_data.calibration import calibration_pairs
from sample_data.catalogue import read_catalogue, read_unanswered
from sample_data.company import read_company
from sample_data.conversations import make_conversations
from sample_data.people import make_people
from sample_data.phrases import INSTRUCTIONS
from sample_data.story import Conversation
from sample_data.truth import (
    Answered,
    answers,
    document_text,
    golden_queries,
    instructions,
    personal_data,
    plan_history,
    qrels,
    ticket_truth,
)


def generate(settings: Settings, days: int | None = None) -> Path:
    """Write `out/source`, all of it or nothing; the same settings give the same bytes.

    `days` after its last day is where the company's clock stands; by default it stays where it is. Does nothing
    when `out/source` was made with these settings by this code. Returns the folder.
    """
    if settings.is_own:
        say("[bold]data[/]  yours: the sample company is not made")
        return settings.source
    manifest = read_manifest(settings.source)
    days = int(manifest.get("days", 0)) if days is None else days
    forgotten = read_forgotten(settings)
    company_id = fingerprint(Path(__file__).parent, also=f"{settings.seed} {settings.tickets}")
    made_by = f"{company_id} {days} {fingerprint(also=str(sorted(forgotten)))}"
    if manifest.get("made_by") == made_by and is_whole(settings.source, manifest):
        say(f"[bold]data[/]  unchanged: {manifest['conversations']:,} conversations in {settings.source}")
        return settings.source
    company = read_company()
    conversations = len(arrivals(company, settings.seed, settings.tickets, days))
    with written_aside(settings.source) as folder:
        counts = write_source(folder, settings.seed, settings.tickets, days, forgotten)
        write_json(
            folder / "manifest.json",
            {
                "company": company_id,
                "made_by": made_by,
                "seed": settings.seed,
                "tickets": settings.tickets,
                "days": days,
                "clock": company_clock(company, days).isoformat(),
                "conversations": conversations,
                "records": counts,
            },
        )
    total = sum(counts.values())
    say(f"[bold]data[/]  {conversations:,} conversations as {total:,} records in {settings.source}")
    return settings.source


def read_manifest(source: Path) -> dict[str, Any]:
    """What `out/source` was made from; empty when there is none."""
    file = source / "manifest.json"
    manifest: dict[str, Any] = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return manifest


def is_whole(source: Path, manifest: dict[str, Any]) -> bool:
    """Whether every file that the manifest counts is there."""
    return all((source / f"{table}.jsonl").exists() for table in manifest["records"])


def write_source(
    folder: Path, seed: int, count: int, days: int = 0, forgotten: frozenset[str] = frozenset()
) -> dict[str, int]:
    """Write everything below `folder` and return the number of records by file. Memory does not grow with the texts.

    `forgotten` has the fingerprints of contacts who asked for it: neither they nor their tickets are written.
    """
    company, catalogue = read_company(), read_catalogue()
    everybody = make_people(company, seed, count, days)
    gone = {contact for contact in everybody.contacts if mark_of(contact.email) in forgotten} if forgotten else set()
    people = replace(everybody, contacts=tuple(contact for contact in everybody.contacts if contact not in gone))
    now = company_clock(company, days)
    since = people.accounts[0].plans[0].since
    problems = {problem.id: problem for _, problem in catalogue.problems()}
    counts: Counter[str] = Counter()

    with ExitStack() as stack:
        files: dict[str, BinaryIO] = {}

        def write(table: str, records: Iterable[Any]) -> None:
            if table not in files:
                path = folder / f"{table}.jsonl"
                path.parent.mkdir(parents=True, exist_ok=True)
                files[table] = stack.enter_context(path.open("wb"))
            for record in records:
                files[table].write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
                counts[table] += 1

        write("zendesk/users", zendesk.user_records(people, since, now))
        write("zendesk/organizations", zendesk.organization_records(people, now))
        write("zendesk/sla_policies", zendesk_rules.sla_policy_records(company))
        write("zendesk/schedules", zendesk_rules.schedule_records(company))
        write("zendesk/articles", articles.article_records(company, catalogue, people, now))
        write("intercom/contacts", intercom.contact_records(people, since))
        write("intercom/companies", intercom.company_records(people, now))
        write("intercom/admins", intercom.admin_records(people))
        write("truth/plans", plan_history(people, now))

        answered: list[Answered] = []
        conversations = make_conversations(company, catalogue, everybody, seed, count, days)
        kept = (talk for talk in track(conversations, "conversations", count) if talk.head.contact not in gone)
        for talk in with_one_pasted_log(kept):
            if talk.head.help_desk == "zendesk":
                for table, records in zendesk.ticket_records(talk, now).items():
                    write(f"zendesk/{table}", records)
                truth = ticket_truth(talk, zendesk.status_now(talk, now), now)
            else:
                if talk.status != "deleted":  # Intercom keeps no trace of what was deleted
                    write("intercom/conversations", [intercom.conversation_record(talk)])
                truth = ticket_truth(talk, intercom.status_now(talk), now)
            write("truth/tickets", [truth])
            write("truth/personal_data", personal_data(talk))
            write("truth/answers", answers(talk, problems))
            write("truth/instructions", instructions(talk))
            if truth.is_answered:
                answered.append(Answered(talk.key, truth.problem_ids, truth.resolution_ids))
                write("golden/corpus", [{"_id": talk.key, "title": talk.head.subject, "text": document_text(talk)}])

        for table, broken in mess.planted().items():
            files[table].writelines(line.encode() + b"\n" for line, _ in broken)

        queries = list(golden_queries(catalogue, company, read_unanswered()))
        write("golden/queries", queries)
        write("golden/calibration", calibration_pairs(catalogue))
        write("truth/attacks", [{"text": text, "obeyed": pattern} for text, pattern in INSTRUCTIONS.items()])
        with (folder / "golden/qrels.tsv").open("w", encoding="utf-8") as file:
            file.write("query-id\tcorpus-id\tscore\n")
            file.writelines(f"{query}\t{ticket}\t{grade}\n" for query, ticket, grade in qrels(queries, answered))
    write_json(
        folder / "truth/rejects.json",
        {table: dict(Counter(reason for _, reason in broken)) for table, broken in mess.planted().items()},
    )
    return dict(counts)


def with_one_pasted_log(conversations: Iterable[Conversation]) -> Iterator[Conversation]:
    pasted = False
    for talk in conversations:
        head = talk.head
        if not pasted and head.number >= mess.HUGE_AFTER and head.help_desk == "intercom" and talk.is_answered:
            pasted = True
            yield mess.with_pasted_log(talk)
        else:
            yield talk


def preview(folder: Path, count: int = 20) -> None:
    """Write the first `count` conversations of each help desk of the default company, for reading on the web.

    Of the help centre it is one article, about the first release that changed something.
    """
    company, catalogue = read_company(), read_catalogue()
    defaults = Settings.model_construct()
    people = make_people(company, defaults.seed, defaults.tickets)
    talks = make_conversations(company, catalogue, people, defaults.seed, defaults.tickets)
    first = [talk for talk, _ in zip(talks, range(3 * count), strict=False)]
    now = company_clock(company)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(
        folder / "zendesk.json",
        [zendesk.ticket_records(t, now) for t in first if t.head.help_desk == "zendesk"][:count],
    )
    write_json(
        folder / "intercom.json",
        [intercom.conversation_record(t) for t in first if t.head.help_desk == "intercom"][:count],
    )
    notes = articles.article_records(company, catalogue, people, now)
    write_json(folder / "article.json", next(note for note in notes if "<h3>" in note["body"]))
