"""Report pages: one self-contained HTML file each, styled alike, that opens without a server or a network."""

from pathlib import Path
from typing import Any

from lab.aside import written_aside


def write_page(target: Path, package: str, template: str, **content: Any) -> None:
    """Render `template`, which extends lab/base.html, from the folder of `package`. All values are escaped."""
    from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined

    loader = ChoiceLoader([PackageLoader(package, "."), PackageLoader("lab", ".")])
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined)
    page = environment.get_template(template).render(**content)
    with written_aside(target) as aside:
        aside.write_text(page, encoding="utf-8")
