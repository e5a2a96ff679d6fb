"""A few pairs of which the right verdict is plain, for the tests of judges. The judge was not tuned on them."""

import json
from pathlib import Path

from evals.pairs import Pair

LIMIT = (
    "Hello Ana,\n\nThe Download button only returns the preview, which is limited to 10,000 rows. Please open "
    "Reports > Detailed and choose More > Bulk export; the complete file is sent as a link within 30 minutes."
)
LOCK = (
    "Hi Jonas,\n\nThe account is locked after five wrong passwords. An admin presses Unlock sign-in under "
    "Settings > Members, and you can go in right away. The lock does not end by itself."
)
SAID = [  # problem, split, kind, supported, context, statement
    ("limit", "dev", "paraphrase", True, LIMIT, "What the Download button gives you is a preview of 10,000 rows."),
    ("limit", "dev", "paraphrase", True, LIMIT, "Within 30 minutes you get a link to the complete file."),
    ("limit", "dev", "swapped_number", False, LIMIT, "What the Download button gives you is a preview of 5,000 rows."),
    ("limit", "dev", "absent", False, LIMIT, "Deleted projects stay in the trash until the end of the month."),
    ("lock", "test", "paraphrase", True, LOCK, "Wrong passwords, five of them, lock the account."),
    ("lock", "test", "paraphrase", True, LOCK, "Under Settings > Members an admin presses Unlock sign-in."),
    ("lock", "test", "negation", False, LOCK, "The lock ends by itself."),
    ("lock", "test", "half_supported", False, LOCK, "An admin presses Unlock sign-in, and the invoice is sent anew."),
]
PAIRS = [
    Pair(id=f"p{n}", problem_id=problem, split=split, kind=kind, supported=right, context=context, statement=statement)
    for n, (problem, split, kind, right, context, statement) in enumerate(SAID)
]


def written(folder: Path) -> Path:
    """The pairs as a calibration set."""
    file = folder / "calibration.jsonl"
    file.write_text("".join(json.dumps(pair.model_dump()) + "\n" for pair in PAIRS), encoding="utf-8")
    return file
