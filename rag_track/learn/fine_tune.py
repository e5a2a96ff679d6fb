"""Learn, step three: the embedding model itself is trained on, and every text embedded anew.

Twin: nothing in the ETL track.

Multiple negatives ranking (Henderson et al., 2017): in a batch, each question shall be nearer to its own answer than to
all others' and to its own hard negative. Hard negatives are dropped citations, or chunks that the model finds now and
that none of the answers sent agrees with; the very nearest of these are passed over, they may be right.
"""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rag_track.learn.training_set import Example

TRIPLETS = 1_000  # at most: two cores train on about four a second
OF_ONE = 2  # triplets of one example, at most
PASSED_OVER, HARD = 5, 60  # of the chunks found: the first are no negatives, nor those beyond
BATCH = 32
LENGTH = 128  # word pieces of a text that are read while training: half of what the model can read, for time
FROZEN = 3  # of six layers, with the word vectors: what the model knows of language stays
RATE = 3e-5


class Triplet(NamedTuple):
    """Texts: the positive shall be nearer to the question than the negative."""

    question: str
    positive: str
    negative: str


def mine_triplets(
    examples: Sequence[Example], questions: Any, chunk_vectors: Any, chunks: Sequence[tuple[str, str]]
) -> list[Triplet]:
    """Triplets of the examples, drawn and shuffled by a fixed seed.

    `questions` has the vectors of the examples' questions, `chunk_vectors` those of `chunks`, which are pairs of ticket
    and text. The farthest positives are taken: near ones are found without training.
    """
    rng = random.Random(0)
    tickets = np.array([ticket for ticket, _ in chunks])
    found = []
    for example, cosines in zip(examples, questions @ chunk_vectors.T, strict=True):
        right = np.flatnonzero(np.isin(tickets, example.positives))
        best: dict[str, int] = {}  # of each ticket the chunk that is nearest to the question
        for place in right[np.argsort(-cosines[right], kind="stable")]:
            best.setdefault(tickets[place], int(place))
        dropped = np.flatnonzero(np.isin(tickets, example.negatives)).tolist()
        mine = np.isin(tickets, [*example.positives, example.ticket_key])
        ranked = np.argsort(-cosines, kind="stable")
        hard = ranked[~mine[ranked]][PASSED_OVER:HARD].tolist()
        for place in sorted(best.values(), key=lambda place: cosines[place])[:OF_ONE]:
            negatives = dropped if dropped and (rng.random() < 0.5 or not hard) else hard
            if negatives:
                negative = rng.choice(negatives)
                found.append(Triplet(example.question, chunks[place][1], chunks[negative][1]))
    rng.shuffle(found)
    return found[:TRIPLETS]


def fine_tune(model: Path, triplets: Sequence[Triplet], target: Path) -> None:
    """Train the sentence-transformers model in the folder `model` for one epoch and save it to the folder `target`."""
    import tempfile

    from datasets import Dataset
    from sentence_transformers import (
        SentenceTransformer,
        SentenceTransformerTrainer,
        SentenceTransformerTrainingArguments,
    )
    from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

    learner = SentenceTransformer(str(model), device="cpu")
    reads = learner.max_seq_length
    learner.max_seq_length = LENGTH
    for name, weight in learner.named_parameters():
        weight.requires_grad = not ("embeddings" in name or any(f"layer.{n}." in name for n in range(FROZEN)))
    texts = Dataset.from_dict({name: [getattr(one, name) for one in triplets] for name in Triplet._fields})
    with tempfile.TemporaryDirectory() as scratch:
        arguments = SentenceTransformerTrainingArguments(
            output_dir=scratch,
            num_train_epochs=1,
            per_device_train_batch_size=BATCH,
            learning_rate=RATE,
            warmup_steps=5,
            batch_sampler="no_duplicates",  # else one question's positive is another's negative
            seed=0,
            use_cpu=True,
            report_to="none",
            save_strategy="no",
            disable_tqdm=True,
            logging_strategy="no",
        )
        loss = MultipleNegativesRankingLoss(learner)
        SentenceTransformerTrainer(model=learner, args=arguments, train_dataset=texts, loss=loss).train()
    learner.max_seq_length = reads
    learner.save(str(target), create_model_card=False)
