"""A run as JUnit XML: a CI turns red for what fails the run, and for nothing else."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from contracts.printing.visible import harmless, visible
from contracts.vocabulary import NOT_COUNTED, ExitCode, Outcome
from reports.formats.excerpt import basis, fields, runs_summary

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reports.run import Judgement, Run

_SKIPPED = {
    Outcome.BLOCKED: "blocked",
    Outcome.NOT_IMPLEMENTED: "not implemented",
    Outcome.NOT_APPLICABLE: "not applicable",
    Outcome.KNOWN: "known deviation",
}


def render(run: Run) -> str:
    """Return the run as a JUnit document: a test suite for each theme, a test case for each verdict.

    A run that didn't succeed, although no check failed, has one more suite, so that a CI is red for it, too.
    """
    root = ET.Element("testsuites", name=f"CancelHandshake on {visible(run.header.target.name)}")
    tags: Counter[str] = Counter()
    for theme in dict.fromkeys(judgement.theme for judgement in run.judgements):
        suite = _suite(run, theme)
        tags += Counter({key: int(suite.attrib[key]) for key in ("tests", "failures", "errors", "skipped")})
        root.append(suite)
    if run.conclusion.code is not ExitCode.CONFORMANT and not tags["failures"] + tags["errors"]:
        root.append(_conclusion(run))
        tags += Counter(tests=1, errors=1)
    for key in ("tests", "failures", "errors", "skipped"):
        root.set(key, str(tags[key]))
    root.set("time", f"{run.seconds:.3f}")
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + harmless(ET.tostring(root, encoding="unicode")) + "\n"


def _conclusion(run: Run) -> ET.Element:
    """Return a suite with the verdict of a run that failed, although none of its checks did."""
    suite = ET.Element("testsuite", name="run", tests="1", failures="0", errors="1", skipped="0")
    case = ET.SubElement(suite, "testcase", classname="run", name="run.verdict")
    ET.SubElement(case, "error", message=visible(run.conclusion.sentence))
    return suite


def _suite(run: Run, theme: str) -> ET.Element:
    cases = [_case(run, judgement) for judgement in run.judgements if judgement.theme == theme]
    tags = Counter(child.tag for case in cases for child in case)
    suite = ET.Element(
        "testsuite",
        name=visible(theme),
        tests=str(len(cases)),
        failures=str(tags["failure"]),
        errors=str(tags["error"]),
        skipped=str(tags["skipped"]),
        time=f"{sum(float(case.attrib['time']) for case in cases):.3f}",
        timestamp=visible(run.header.started),
    )
    suite.extend(cases)
    return suite


def _case(run: Run, judgement: Judgement) -> ET.Element:
    verdict = judgement.verdict
    exchange = run.exchange(verdict.exchanges[0]) if verdict.exchanges else None
    case = ET.Element(
        "testcase",
        classname=visible(judgement.theme),
        name=visible(verdict.name),
        time=f"{exchange.seconds if exchange else 0:.3f}",
    )
    properties = ET.SubElement(case, "properties")
    values = {"pytest": verdict.test, "level": verdict.level, "authority": judgement.authority}
    values |= {"runs": runs_summary(verdict.runs)} if verdict.runs else {}
    for key, value in values.items():
        ET.SubElement(properties, "property", name=key, value=visible(value))
    _outcome(run, judgement, case)
    return case


def _outcome(run: Run, judgement: Judgement, case: ET.Element) -> None:
    verdict = judgement.verdict
    if verdict.outcome is Outcome.ERROR:
        tag, message = "error", verdict.because
    elif verdict.outcome is Outcome.FAILED and run.gates(verdict.level):
        tag, message = "failure", judgement.sentence
    elif verdict.outcome is Outcome.FAILED:
        # Recorded, and no reason for a red build: the run's conclusion doesn't count it either.
        tag, message = "skipped", f"{NOT_COUNTED}, {verdict.level}: {judgement.sentence}"
    elif verdict.outcome in _SKIPPED:
        tag, message = "skipped", f"{_SKIPPED[verdict.outcome]}: {verdict.because}"
    else:
        return
    element = ET.SubElement(case, tag, message=visible(message))
    element.text = "\n".join(_text(run, judgement))


def _text(run: Run, judgement: Judgement) -> Iterator[str]:
    yield visible(f"{judgement.sentence} ({basis(judgement)})")
    for name, lines in fields(run, judgement):
        if lines:
            yield f"{name}:"
            yield from (f"  {line}" for line in lines)
