"""RAGAS's judged metrics over cases: scored, failed, or not run; nothing in between."""

from typing import Any

import pytest
from judge_pairs import LIMIT, LOCK

from evals.judged_metrics import READS, JudgedCase, judged_metrics
from evals.judges.judge import Judge, judge
from lab.settings import Settings, read_settings
from rag_track.embed import CachedEmbeddings, embeddings

RIGHT = "The preview is limited to 10,000 rows."
CASES = [
    JudgedCase("Why is the file cut?", (LIMIT, LOCK), RIGHT, RIGHT),
    JudgedCase("Why is the file cut?", (LOCK,), "Deleted projects stay in the trash.", RIGHT),
    JudgedCase("Why is the file cut?", (LIMIT,)),  # declined, and no reference
]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return read_settings(home=tmp_path_factory.mktemp("judged"), precision="fp32")


@pytest.fixture(scope="module")
def model(settings: Settings) -> CachedEmbeddings:
    return embeddings(settings)


def test_a_good_case_scores_higher(settings: Settings, model: CachedEmbeddings) -> None:
    """All metrics but answer relevancy are scored, and the right answer is better than the invented one."""
    found = judged_metrics(CASES, judge("offline", settings), model)
    good, bad, declined = found.scores
    assert set(good) == set(bad) == set(READS) - {"answer_relevancy"}
    for name in set(good) - {"noise_sensitivity"}:
        assert good[name] > bad[name], name
    assert good["noise_sensitivity"] == 0
    assert declined == {}
    assert found.failures == []
    assert found.judge == "offline"
    assert list(found.not_run) == ["answer_relevancy"]


def test_the_same_cases_score_the_same(settings: Settings, model: CachedEmbeddings) -> None:
    """Two runs, and other cases before them, give the same scores."""
    once = judged_metrics(CASES, judge("offline", settings), model)
    again = judged_metrics(CASES[::-1], judge("offline", settings), model)
    assert again.scores[::-1] == once.scores


def test_a_failed_case_is_counted(settings: Settings, model: CachedEmbeddings) -> None:
    """A judge that raises, or whose answers give no number, has failed on the case, with the reason."""
    offline = judge("offline", settings).llm

    from ragas.llms.base import InstructorBaseRagasLLM

    class Tired(InstructorBaseRagasLLM):  # type: ignore[misc]
        """The offline judge, without a verdict on some questions."""

        def generate(self, prompt: str, response_model: Any) -> Any:
            if response_model.__name__ == "StatementGeneratorOutput":
                return response_model(statements=[])
            if response_model.__name__ == "ContextRecallOutput":
                raise ValueError("no")
            return offline.generate(prompt, response_model)

        async def agenerate(self, prompt: str, response_model: Any) -> Any:
            return self.generate(prompt, response_model)

    found = judged_metrics(
        CASES[:1], Judge("tired", Tired(), {"answer_relevancy": "r", "noise_sensitivity": "r"}), model
    )
    assert {failure.metric for failure in found.failures} == {"faithfulness", "context_recall"}
    assert any("ValueError: no" in failure.reason for failure in found.failures)
    assert set(found.scores[0]) == {"context_precision", "factual_correctness", "response_groundedness"}


def test_a_case_needs_its_fields(settings: Settings, model: CachedEmbeddings) -> None:
    """Without a reference only the metrics that read none are scored."""
    case = JudgedCase("Why?", (LIMIT,), RIGHT)
    found = judged_metrics([case], judge("offline", settings), model)
    assert set(found.scores[0]) == {"faithfulness", "response_groundedness"}
