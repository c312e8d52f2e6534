"""Runs whose page is worth a look: with faults, and of a target that says what a page must not obey."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from tests.suite import once, suite

if TYPE_CHECKING:
    from pathlib import Path

    from contracts.judging.exchange import Exchange
    from reports.run import Run
    from tests.suite import Finished

FAULT = "denied-is-403"
OWNED = "<script>document.title='owned'</script>"
SPELL = (
    f'</pre></code></details></style>{OWNED}<img src=x onerror="document.title=\'owned\'">" onmouseover="x '
    "{{ 7*7 }} {% raw %} <!-- \x1b[31m\x07\u202e\x85\ud800\x00 javascript:alert(1)"
)
LONG = OWNED * 26_000  # a megabyte


def faulty() -> Finished:
    """Return a finished run with failed clauses."""
    return once(f"--fault={FAULT}")


def put_up_with(folder: Path) -> Run:
    """Return a run whose failed clauses are known deviations."""
    kept = folder / "deviations.toml"
    suite(folder / "first", f"--fault={FAULT}", f"--write-deviations={kept}")
    text = kept.read_text(encoding="utf-8")
    kept.write_text(re.sub(r'reason = ".*"', 'reason = "not mended yet"', text), encoding="utf-8")
    return suite(folder / "second", f"--fault={FAULT}", f"--deviations={kept}").run


def hostile(run: Run) -> Run:
    """Return the run as it would be if the target said what a page must not obey, in every place where it can."""
    transcripts = tuple(
        replace(each, exchanges=tuple(map(_hostile, each.exchanges)), skipped={**each.skipped, "x": SPELL})
        for each in run.transcripts
    )
    judgements = tuple(
        replace(each, verdict=replace(each.verdict, actual=f"{SPELL} {LONG}", expected=SPELL, because=SPELL))
        for each in run.judgements
    )
    target = replace(run.header.target, name=f"target {SPELL}", url=SPELL, answers={"organization": SPELL})
    header = replace(run.header, target=target, started=SPELL)
    conclusion = replace(run.conclusion, sentence=SPELL)
    return replace(run, header=header, transcripts=transcripts, judgements=judgements, conclusion=conclusion)


def _hostile(exchange: Exchange) -> Exchange:
    if exchange.response is None:
        return exchange
    long = LONG if exchange.step.endswith("again") else ""
    document = {**exchange.readable, "Message": SPELL + long, SPELL: [SPELL, {SPELL: 1}]}
    body = json.dumps(document).encode()
    headers = (*exchange.response.headers, ("x-amzn-requestid", SPELL), (SPELL, SPELL))
    return replace(exchange, response=replace(exchange.response, headers=headers, body=body))
