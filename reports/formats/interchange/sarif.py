"""A run as SARIF 2.1.0: a rule for each clause, a result for each check that failed or whose deviation is on file.

A clause has no place in the source of the target, so a result points to its clause in the contract; the logical
location is the exchange. Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from contracts.clauses import CLAUSES
from contracts.vocabulary import ExitCode, Level, Outcome
from reports.formats.content.brief import brief
from reports.formats.interchange.sarif_http import web_messages
from reports.formats.interchange.sarif_rules import LEVELS, lines_of_clauses, rules
from reports.formats.text.layout import one_line

if TYPE_CHECKING:
    from contracts.deviations.matching import Filed
    from reports.run import Judgement, Run

Value = dict[str, Any]
_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_CLAUSES_URI = f"contracts/{CLAUSES.name}"
_LONGEST = 2_000
_ENDED_WELL = {ExitCode.CONFORMANT, ExitCode.FAILED}
_FINGERPRINT = "primaryLocationLineHash"
"""The fingerprint by which GitHub knows a result again."""


def render(run: Run) -> str:
    """Return the run as a SARIF log."""
    described = rules(run)
    places = {rule["id"]: place for place, rule in enumerate(described)}
    results = [_result(run, each, places[each.verdict.clause]) for each in _findings(run)]
    tool = {
        "name": "cancelhandshake-conformance",
        "version": run.header.suite,
        "properties": {"contract": run.header.model},
        "rules": described,
    }
    log = {
        "$schema": _SCHEMA,
        "version": "2.1.0",
        "runs": [
            {
                "tool": {"driver": tool},
                "automationDetails": {"id": f"cancelhandshake-conformance/{brief(run.header.target.name, 100)}/"},
                "invocations": [_invocation(run)],
                "columnKind": "unicodeCodePoints",
                "results": results,
            }
        ],
    }
    return json.dumps(log, indent=1) + "\n"


def _findings(run: Run) -> list[Judgement]:
    """Return the checks that are results: those that are wrong, and one for an operation that isn't there.

    What wasn't judged is no finding, and what broke the suite is told with the invocation.
    """
    lacking = next((each for each in run.judgements if each.verdict.outcome is Outcome.NOT_IMPLEMENTED), None)
    wrong = {Outcome.FAILED, Outcome.KNOWN}
    return [each for each in run.judgements if each is lacking or each.verdict.outcome in wrong]


def _invocation(run: Run) -> Value:
    code = run.conclusion.code
    broken = [each for each in run.judgements if each.verdict.outcome is Outcome.ERROR]
    told = [f"{each.verdict.name}: {each.verdict.because}" for each in broken]
    told += [] if code in _ENDED_WELL else [run.conclusion.sentence]
    return {
        "executionSuccessful": code in _ENDED_WELL,
        "exitCode": code.value,
        "exitCodeDescription": brief(run.conclusion.sentence, _LONGEST),
        "startTimeUtc": run.header.started.replace("+00:00", "Z"),
        "properties": {
            "target": brief(run.header.target.name, _LONGEST),
            "strict": run.header.strict,
            "options": [brief(each, _LONGEST) for each in run.header.target.options],
            "judged": run.conclusion.judged,
            "gated": run.conclusion.gated,
        },
        "toolExecutionNotifications": [{"level": "error", "message": {"text": _text(each)}} for each in told],
    }


def _result(run: Run, judgement: Judgement, rule: int) -> Value:
    verdict = judgement.verdict
    exchange = run.exchange(verdict.exchanges[0]) if verdict.exchanges else None
    logical = [{"fullyQualifiedName": brief(each, _LONGEST), "kind": "exchange"} for each in verdict.exchanges]
    location: Value = {
        "physicalLocation": {
            "artifactLocation": {"uri": _CLAUSES_URI},
            "region": {"startLine": lines_of_clauses().get(verdict.clause, 1)},
        }
    }
    result: Value = {
        "ruleId": verdict.clause,
        "ruleIndex": rule,
        "level": LEVELS[verdict.level],
        "message": {"text": _message(judgement)},
        "locations": [location | ({"logicalLocations": logical} if logical else {})],
        "partialFingerprints": {_FINGERPRINT: _fingerprint(run, judgement)},
        "properties": {"case": brief(verdict.case, _LONGEST), "test": brief(verdict.test, _LONGEST)},
    }
    if exchange is not None:
        result |= web_messages(exchange)
    if verdict.outcome is Outcome.KNOWN:
        result["suppressions"] = [_suppression(run, judgement)]
    return result


def _message(judgement: Judgement) -> str:
    verdict = judgement.verdict
    case = f" ({verdict.case})" if verdict.case else ""
    weight = "" if verdict.level is Level.REQUIRED else f" This clause is {verdict.level}."
    seen = f"Expected {verdict.expected}; got {verdict.actual}." if verdict.expected else f"{verdict.because}."
    return _text(f"{judgement.sentence}{case} {seen}{weight}")


def _text(text: str) -> str:
    """Return the text for a message, without a link that the format would read in it."""
    return one_line(brief(text, _LONGEST)).replace("](", "] (") or "no message"


def _fingerprint(run: Run, judgement: Judgement) -> str:
    """Return what is the same for this check of this target in every run, whatever was answered."""
    name = f"{run.header.target.name} {judgement.verdict.name}"
    return f"{sha256(name.encode('utf-8', 'backslashreplace')).hexdigest()[:16]}:1"


def _suppression(run: Run, judgement: Judgement) -> Value:
    """Return why a deviation is put up with. The entry on file is named where the run has it."""
    verdict = judgement.verdict
    filed: Filed | None = next((each for each in run.deviations if each.entry.place == verdict.deviation), None)
    entry: Value = {"properties": {"entry": verdict.deviation}}
    if filed is not None:
        entry["properties"] |= {"until": filed.entry.until.isoformat(), "link": brief(filed.entry.link, _LONGEST)}
    return {"kind": "external", "status": "accepted", "justification": _text(verdict.because)} | entry
