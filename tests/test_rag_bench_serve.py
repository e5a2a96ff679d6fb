"""The service under load: the counts that must hold on every machine."""

from pathlib import Path

import pytest
from service_labs import free_port, lab_at

from lab.settings import Settings
from rag_track.bench_serve import bench_serve


@pytest.mark.slow
def test_fifty_clients_get_drafts_or_are_told_to_wait(indexed: Settings, tmp_path: Path) -> None:
    """Fifty clients at once for five seconds: no error, and each draft that was answered is stored."""
    found = bench_serve(lab_at(tmp_path / "out", indexed), seconds=5, clients=50, port=free_port())
    assert found["errors"] == 0, found
    assert found["lost"] == 0
    assert found["stored"] == found["rows"] > 0
