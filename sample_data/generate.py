"""Make the sample company: both help desks, the truth about them, and the golden set.

out/source/zendesk/*.jsonl, intercom/*.jsonl    what the help desks hold
out/source/truth/tickets.jsonl, rejects.json    what every metric must be, what must be rejected
out/source/golden/corpus.jsonl, queries.jsonl, qrels.tsv    the golden set in the BEIR shape
out/source/manifest.json                        seed, counts, the company's clock
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, TextIO

from lab.aside import fingerprint, write_json, written_aside
from lab.console import say, track
from lab.settings import Settings
from sample_data import intercom, mess, zendesk
from sample_data.calendar import company_clock
from sample_data.catalogue import read_catalogue, read_unanswered
from sample_data.company import read_company
from sample_data.conversations import Conversation, make_conversations
from sample_data.people import make_people
from sample_data.truth import TicketTruth, as_record, document_text, golden_queries, qrels, ticket_truth

CONVERSATION_TABLES = ("zendesk/tickets", "zendesk/ticket_comments", "zendesk/ticket_events", "intercom/conversations")


def generate(settings: Settings) -> Path:
    """Write `out/source`, all of it or nothing; the same settings give the same bytes.

    Does nothing when `out/source` was made with these settings by this code. Returns the folder.
    """
    made_by = fingerprint(Path(__file__).parent, also=f"{settings.seed} {settings.tickets}")
    manifest = settings.source / "manifest.json"
    if is_whole(settings.source) and json.loads(manifest.read_text(encoding="utf-8")).get("made_by") == made_by:
        say(f"[bold]data[/]  unchanged: {settings.tickets:,} conversations in {settings.source}")
        return settings.source
    with written_aside(settings.source) as folder:
        counts = write_source(folder, settings.seed, settings.tickets)
        clock = company_clock(read_company()).isoformat()
        write_json(
            folder / "manifest.json",
            {"made_by": made_by, "seed": settings.seed, "tickets": settings.tickets, "clock": clock, "records": counts},
        )
    total = sum(counts.values())
    say(f"[bold]data[/]  {settings.tickets:,} conversations as {total:,} records in {settings.source}")
    return settings.source


def is_whole(source: Path) -> bool:
    """Whether every file that the manifest counts is there."""
    manifest = source / "manifest.json"
    if not manifest.exists():
        return False
    tables = json.loads(manifest.read_text(encoding="utf-8"))["records"]
    return all((source / f"{table}.jsonl").exists() for table in tables)


def write_source(folder: Path, seed: int, count: int) -> dict[str, int]:
    """Write everything below `folder` and return the number of records by file."""
    company, catalogue = read_company(), read_catalogue()
    people = make_people(company, seed, count)
    now = company_clock(company)
    since = now.replace(year=now.year - 1)
    counts: Counter[str] = Counter()

    with ExitStack() as stack:
        files: dict[str, TextIO] = {}

        def write(table: str, records: Iterable[dict[str, Any]]) -> None:
            if table not in files:
                path = folder / f"{table}.jsonl"
                path.parent.mkdir(parents=True, exist_ok=True)
                files[table] = stack.enter_context(path.open("w", encoding="utf-8"))
            for record in records:
                files[table].write(json.dumps(record, ensure_ascii=False) + "\n")
                counts[table] += 1

        write("zendesk/users", zendesk.user_records(people, since))
        write("zendesk/organizations", zendesk.organization_records(people, since))
        write("intercom/contacts", intercom.contact_records(people, since))
        write("intercom/companies", intercom.company_records(people, since))
        write("intercom/admins", intercom.admin_records(people))

        truths: list[TicketTruth] = []
        conversations = make_conversations(company, catalogue, people, seed, count)
        for talk in with_one_pasted_log(track(conversations, "conversations", count)):
            if talk.help_desk == "zendesk":
                for table, records in zendesk.ticket_records(talk, now).items():
                    write(f"zendesk/{table}", records)
                truth = ticket_truth(talk, zendesk.status_now(talk, now))
            else:
                write("intercom/conversations", [intercom.conversation_record(talk)])
                truth = ticket_truth(talk, "open" if talk.status == "new" else talk.status)
            truths.append(truth)
            write("truth/tickets", [as_record(truth)])
            if truth.is_answered:
                write("golden/corpus", [{"_id": talk.key, "title": talk.subject, "text": document_text(talk)}])

        for table, broken in mess.planted().items():
            files[table].writelines(line + "\n" for line, _ in broken)

        queries = list(golden_queries(catalogue, company, read_unanswered()))
        write("golden/queries", queries)
        with (folder / "golden/qrels.tsv").open("w", encoding="utf-8") as file:
            file.write("query-id\tcorpus-id\tscore\n")
            file.writelines(f"{query}\t{ticket}\t{grade}\n" for query, ticket, grade in qrels(queries, truths))
    write_json(
        folder / "truth/rejects.json",
        {table: dict(Counter(reason for _, reason in broken)) for table, broken in mess.planted().items()},
    )
    return dict(counts)


def with_one_pasted_log(conversations: Iterable[Conversation]) -> Iterator[Conversation]:
    pasted = False
    for talk in conversations:
        if not pasted and talk.number >= mess.HUGE_AFTER and talk.help_desk == "intercom" and talk.status == "solved":
            pasted = True
            yield mess.with_pasted_log(talk)
        else:
            yield talk


def preview(folder: Path, count: int = 20) -> None:
    """Write the first `count` conversations of each help desk of the default company, for reading on the web."""
    company, catalogue = read_company(), read_catalogue()
    defaults = Settings.model_construct()
    people = make_people(company, defaults.seed, defaults.tickets)
    talks = make_conversations(company, catalogue, people, defaults.seed, defaults.tickets)
    first = [talk for talk, _ in zip(talks, range(3 * count), strict=False)]
    now = company_clock(company)
    folder.mkdir(parents=True, exist_ok=True)
    write_json(
        folder / "zendesk.json", [zendesk.ticket_records(t, now) for t in first if t.help_desk == "zendesk"][:count]
    )
    write_json(
        folder / "intercom.json", [intercom.conversation_record(t) for t in first if t.help_desk == "intercom"][:count]
    )
