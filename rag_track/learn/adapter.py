"""Learn, step two: a linear map that moves a question towards the tickets that answer it. No text is embedded anew.

Twin: nothing in the ETL track.

The searched vector is q + Wq, of length 1 again. W is found by minimizing, over the questions of the examples,

    -log Σ exp(s₊ / T) / Σ exp(s / T)  +  SMALL · ‖W‖²/d  +  STILL · mean ‖Wc‖²

where s are the cosines with the chunks of all tickets that any example names, s₊ those with its own positives (the
multiple-positives form of InfoNCE; van den Oord et al., 2018, Khosla et al., 2020), and c are the chunks of all other
tickets: what nobody judged stays where it is. Without the last term, questions about anything else are found worse.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rag_track.learn.training_set import Example

TEMPERATURE = 0.05
SMALL = 0.3
STILL = 10.0
STEPS = 60
RATE = 1e-3


def train_adapter(
    examples: Sequence[Example], questions: Any, chunk_vectors: Any, ticket_of_chunk: Sequence[str]
) -> Any:
    """The matrix W, float32 of shape (dimension, dimension).

    `questions` has the vectors of the examples' questions, `chunk_vectors` those of all chunks, in the order of
    `ticket_of_chunk`, both float32 with rows of length 1. The same arguments give the same matrix on one machine.
    Raises ValueError when no example has a positive among the tickets.
    """
    import torch

    tickets = np.array(ticket_of_chunk)
    judged = {ticket for one in examples for ticket in (*one.positives, *one.negatives)}
    is_judged = np.isin(tickets, sorted(judged))
    near, others = tickets[is_judged], torch.tensor(chunk_vectors[~is_judged])
    right = torch.tensor(np.array([np.isin(near, one.positives) for one in examples]))
    usable = right.any(dim=1)
    if not usable.any():
        raise ValueError("no example has a positive among the tickets")
    right, asked = right[usable], torch.tensor(questions)[usable]
    chunks = torch.tensor(chunk_vectors[is_judged])
    size = asked.shape[1]
    matrix = torch.zeros(size, size, requires_grad=True)
    optimizer = torch.optim.Adam([matrix], lr=RATE)
    for _ in range(STEPS):
        moved = torch.nn.functional.normalize(asked + asked @ matrix.T, dim=1)
        cosines = moved @ chunks.T / TEMPERATURE
        found = torch.logsumexp(cosines.masked_fill(~right, -torch.inf), 1) - torch.logsumexp(cosines, 1)
        loss = -found.mean() + SMALL * (matrix**2).sum() / size
        if len(others):
            loss = loss + STILL * ((others @ matrix.T) ** 2).sum(1).mean()
        optimizer.zero_grad()
        torch.autograd.backward(loss)
        optimizer.step()
    return matrix.detach().numpy()
