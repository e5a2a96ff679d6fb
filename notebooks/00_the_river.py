# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The river: one ticket down both banks
#
# **Afterwards you can** follow a support ticket from the help desk to a row of a fact table and to a cited
# sentence of a drafted reply, and say which steps the two tracks share. **It takes** 20 minutes.
#
# Everything here is imported from the lab; the notebook defines nothing. If you have run `make lab` already,
# the first cell only looks at what is there; otherwise it builds both tracks, which takes a minute or two.

# %%
from etl_track.build import build as build_warehouse
from lab.quiet import be_quiet
from lab.settings import read_settings
from rag_track.build import build as build_index
from sample_data.extract import extract
from sample_data.generate import generate

be_quiet()
settings = read_settings()
generate(settings)
landing = extract(settings)
etl = build_warehouse(settings)
rag = build_index(settings)

# %% [markdown]
# ## 1. Extract: the raw record
#
# This is a ticket as the Zendesk API returns it: times as ISO text, ids of 64 bits, the customer's words in
# `description`. The conversation itself is elsewhere, in the ticket's comments.

# %%
import json

lines = (settings.source / "zendesk" / "tickets.jsonl").read_text(encoding="utf-8").splitlines()[:100]
ticket = next(t for t in map(json.loads, lines) if t["status"] == "closed" and t["priority"] == "high")
ticket_key = f"zendesk-{ticket['id']}"
parts = ("id", "subject", "status", "priority", "created_at", "organization_id", "custom_fields")
{name: ticket[name] for name in parts}

# %% [markdown]
# Both tracks read the same extract, once. The landing keeps columns and full text side by side; a record that
# cannot be read is kept too, with the reason, and counted.

# %%
import pyarrow.parquet as pq

rejects = pq.read_table(settings.landing / "lab" / "rejects").to_pylist()
print(f"{sum(landing['rows'].values()):,} rows landed, {len(rejects)} rejected:")
for reject in rejects:
    print(f"  {reject['table']}, line {reject['line']}: {reject['reason']}")

# %% [markdown]
# ## 2. The left bank: from columns to a fact
#
# dbt renames and casts (staging), brings both help desks into one shape (intermediate), and joins to the grain
# at which people ask: one row per ticket. The text is gone, the minutes are there.

# %%
from etl_track.metrics import open_warehouse, query_metric

warehouse = open_warehouse(settings)
warehouse.execute(
    """select ticket_key, status, customer_tier, product_category, created_at, first_reply_minutes,
    full_resolution_minutes, reopen_count from marts.fct_support_tickets where ticket_key = ?""",
    [ticket_key],
).fetchdf().T

# %% [markdown]
# A single row answers little. Its strength is the crowd it stands in: how long do customers of each tier wait
# for the first reply, and where does our ticket stand?

# %%
import matplotlib.pyplot as plt
import numpy as np

facts = warehouse.sql("from marts.fct_support_tickets select *").fetchdf().set_index("ticket_key")
figure, axes = plt.subplots(figsize=(9, 3.5))
for tier in ("enterprise", "pro", "free"):
    minutes = facts[facts["customer_tier"] == tier]["first_reply_minutes"].dropna()
    axes.hist(minutes, np.geomspace(1, 20_000, 40), histtype="step", lw=2, label=f"{tier}, {len(minutes)} tickets")
axes.axvline(facts.loc[ticket_key, "first_reply_minutes"], color="black", linestyle=":", label="our ticket")
axes.set(xscale="log", xlabel="minutes to the first reply", ylabel="tickets", title="The left bank counts")
axes.legend()
figure.tight_layout()

# %% [markdown]
# That is what a metric is: an expression over the fact, defined once, grouped by dimensions. The bump at the
# right of each curve is the night and the weekend: a ticket that comes on Friday evening waits for Monday.

# %%
table = query_metric(warehouse, "average_first_reply_minutes", ("customer_tier",))
print(table.sql, "\n")
for tier, average in table.rows:
    print(f"{tier or 'unknown':<12}", "no reply yet" if average is None else f"{average:8.1f} minutes")

# %% [markdown]
# ## 3. The right bank: from text to chunks
#
# The other track keeps what the first one threw away. Of the same ticket it makes a document in speaker turns.
# Automatic replies and internal notes are left out, as they are when the warehouse looks for a first reply; so are
# greetings, signatures and personal data, in whose place a word such as `<PERSON>` stands.

# %%
from rag_track.documents import conversations, document
from rag_track.redact import Redactor, people_in

conversation = next(c for c in conversations(settings.landing) if c.ticket_key == ticket_key)
cleaned = document(conversation, Redactor(people_in(settings.landing)))
print(cleaned.text)

# %% [markdown]
# A model reads about 250 word pieces at once, so the document is cut where paragraphs and sentences end. This is
# the track's grain. Each chunk is named by its ticket and its offset: cutting again gives the same names.

# %%
from rag_track.chunk import chunk

chunks = list(chunk([cleaned], settings.chunk_size, settings.chunk_overlap))
for piece in chunks:
    print(f"{piece.id:<22}{len(piece.text):>4} characters  {piece.product_category}, {piece.customer_tier}")

# %% [markdown]
# Every chunk becomes a vector of 384 numbers. Texts that mean the same point in nearly the same direction. The
# picture squeezes the 384 dimensions into the two in which the chunks differ most.

# %%
from rag_track.retrieve import Retriever

retriever = Retriever(settings)
held = retriever.collection.get(include=["embeddings", "metadatas"])
vectors = np.asarray(held["embeddings"])
centre = vectors.mean(axis=0)
axes_of_variation = np.linalg.svd(vectors - centre, full_matrices=False)[2][:2]
points = (vectors - centre) @ axes_of_variation.T
question = "Our people book hours on the train and afterwards they are nowhere to be found."
asked = (np.asarray(retriever.embeddings.vector(question)) - centre) @ axes_of_variation.T

# %%
figure, axes = plt.subplots(figsize=(9, 6))
categories = np.array([meta["product_category"] for meta in held["metadatas"]])
for category in sorted(set(categories) - {"unknown"}):
    axes.scatter(*points[categories == category].T, s=8, alpha=0.6, label=category)
ours = [n for n, meta in enumerate(held["metadatas"]) if meta["ticket_key"] == ticket_key]
axes.scatter(*points[ours].T, marker="s", s=70, facecolors="none", edgecolors="black", label="our ticket")
axes.scatter(*asked, marker="*", s=220, color="black", label="a new question")
axes.set(title="The right bank compares", xticks=[], yticks=[])
axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
figure.tight_layout()

# %% [markdown]
# ## 4. Serve: a draft with its sources
#
# A new question is embedded by the same model, and its nearest past tickets are put into the prompt. The default
# chat model works offline and says so: it can only repeat sentences of the tickets it was given.

# %%
from rag_track.draft import Drafter
from rag_track.filters import Filters
from rag_track.show import show

draft = Drafter(settings).draft(question)
show(draft, Filters())

# %% [markdown]
# ## 5. Break it
#
# Ask the right bank something that only counting can answer. It does not know that it cannot count: it finds
# tickets that sound alike and repeats what helped there. **The fix** is to send the question to the other bank.

# %%
from etl_track.ask import ask

counting = "What was the average first reply time of enterprise customers in March?"
print("index:     ", Drafter(settings).draft(counting).text[:160], "…")
print("warehouse: ", ask(warehouse, counting).text)

# %% [markdown]
# ## What you have seen
#
# One extract, two grains. Keys, idempotence, tests and freshness carried over; nearness instead of equality, and
# an answer that is text and only probable, are new. The claim of this lesson, checked:

# %%
assert etl["truth"]["disagreements"] == 0, "every number of the left bank agrees with the truth"
assert set(draft.citations) <= {hit.ticket_key for hit in draft.hits}, "every source of the right bank was retrieved"
warehouse.close()
