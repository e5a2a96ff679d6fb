"""What a CI service reads: the gates as JUnit XML, and a summary in Markdown that a workflow posts."""

from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from lab.aside import written_aside

HEADLINE = ("ndcg@10", "hit@5", "facts_present", "wrong_facts_present", "faithfulness", "declines_unanswerable")


def write_for_ci(reports: Path, content: dict[str, Any]) -> None:
    """Write evals.junit.xml and evals.md from the content of evals.json."""
    for name, text in (("evals.junit.xml", junit(content)), ("evals.md", summary(content))):
        with written_aside(reports / name) as aside:
            aside.write_text(text, encoding="utf-8")


def junit(content: dict[str, Any]) -> str:
    """One test case for each gate."""
    failed = [gate for gate in content["gates"] if not gate["passed"]]
    suite = ElementTree.Element("testsuite", name="evals", tests=str(len(content["gates"])), failures=str(len(failed)))
    for gate in content["gates"]:
        case = ElementTree.SubElement(suite, "testcase", classname="evals.gates", name=gate["name"])
        if not gate["passed"]:
            failure = ElementTree.SubElement(case, "failure", message=f"it {value_of(gate)}")
            failure.text = gate["reason"]
    ElementTree.indent(suite)
    return ElementTree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def summary(content: dict[str, Any]) -> str:
    """The headline with intervals, the difference from the baseline, and the gates."""
    failed = [gate for gate in content["gates"] if not gate["passed"]]
    verdict = f"{len(failed)} of {len(content['gates'])} gates failed" if failed else "all gates passed"
    lines = [f"## Evaluation: {verdict}", ""]
    lines += ["| metric | mean | 95% interval | queries | against the baseline |", "|---|---|---|---|---|"]
    for name in HEADLINE:
        if value := content["metrics"].get(name):
            difference = content.get("baseline", {}).get(name, {}).get("difference")
            change = (
                f"{difference['mean']:+.3f} ({difference['low']:+.3f} to {difference['high']:+.3f})"
                if difference
                else ""
            )
            interval = f"{value['low']:.3f} to {value['high']:.3f}"
            lines.append(f"| {name} | {value['mean']:.3f} | {interval} | {value['n']:.0f} | {change} |")
    lines += ["", "| gate | value | result | reason |", "|---|---|---|---|"]
    for gate in sorted(content["gates"], key=lambda gate: gate["passed"]):
        value = "not run" if gate["value"] is None else f"{gate['value']:.3f}"
        lines.append(
            f"| {gate['name']} | {value} | {'passed' if gate['passed'] else '**failed**'} | {gate['reason']} |"
        )
    for gate in failed:
        for move in content.get("baseline", {}).get(gate["metric"], {}).get("moved", ()):
            query = move["query_id"]
            lines.append(
                f"- {gate['metric']} of `{query}`: {move['before']:.3f} → {move['after']:.3f}, `make case Q={query}`"
            )
    return "\n".join(lines) + "\n"


def value_of(gate: dict[str, Any]) -> str:
    """A gate's value in words."""
    return "was not measured" if gate["value"] is None else f"is {gate['value']:.3f}"
