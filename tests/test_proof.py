"""Weakened guards are noticed, and the proof says so when something falls short."""

from __future__ import annotations

import json
from dataclasses import replace
from types import MappingProxyType

import pytest

from contracts import clauses
from contracts.vocabulary import Level
from fixtures.reference.faults import FAULTS
from proof import __main__ as command_line
from proof import matrix as running
from proof import rendering as matrix
from proof import single
from proof.matrix import Row, row, survivors
from proof.weakenings import ROOT, WEAKENINGS, StaleWeakening, Weakening, noticed, weakened

NAMES = [each.name for each in WEAKENINGS]


@pytest.mark.long
@pytest.mark.parametrize("weakening", WEAKENINGS[::9], ids=NAMES[::9])  # the proof weakens each
def test_a_weakened_guard_is_noticed(weakening: Weakening) -> None:
    assert noticed(weakening)


@pytest.mark.long
def test_a_change_that_weakens_nothing_is_not_noticed() -> None:
    harmless = Weakening("harmless", "suites/test_response.py", "EXPIRY_TOLERANCE = 5", "EXPIRY_TOLERANCE = 6")
    assert not noticed(replace(harmless, faults=("expires-after-14-days",)))


def test_a_copy_that_does_not_run_is_no_notice() -> None:
    broken = Weakening("broken", "suites/test_response.py", "EXPIRY_TOLERANCE = 5", "EXPIRY_TOLERANCE = (")
    with pytest.raises(RuntimeError, match="doesn't run"):
        noticed(broken)


def test_a_guard_that_was_rewritten_makes_its_weakening_stale() -> None:
    stale = Weakening("stale", "x.py", "no such line", "")
    with pytest.raises(StaleWeakening, match="0 times"):
        weakened("another line", stale)


def test_every_weakening_has_a_name_of_its_own_and_real_faults() -> None:
    assert len(NAMES) == len(set(NAMES)) >= 10
    for each in WEAKENINGS:
        assert set(each.faults) <= FAULTS.keys(), each.name
        assert (ROOT / each.file).is_file()


def test_a_fault_that_does_other_than_it_says_differs() -> None:
    honest = FAULTS["expires-after-14-days"]
    assert row(honest).differs == ""
    silent = replace(honest, kills=frozenset())
    assert row(silent).differs == "fails unexpectedly response.expiry"
    boasting = replace(honest, kills=honest.kills | {"response.arn"})
    assert row(boasting).differs == "doesn't fail response.arn"


def test_a_clause_that_nothing_kills_survives() -> None:
    lonely = Row(FAULTS["expires-after-14-days"], frozenset({"response.expiry"}), frozenset())
    assert "response.expiry" not in survivors([lonely])
    assert "response.arn" in survivors([lonely])
    assert "errors.message-text" not in survivors([lonely])


PROVEN = matrix.Proven(
    faults=(
        matrix.FaultRow("late", "It is | late.", "moto", ("a.b",), {"a.b": "0a1b2c3d"}),
        matrix.FaultRow("none", "Nothing.", "", (), {}),
    ),
    clauses=(("a.b", Level.REQUIRED), ("c.d", Level.RECOMMENDED), ("e.f", Level.ADVISORY)),
    weighty=frozenset({Level.REQUIRED, Level.RECOMMENDED}),
    weakenings={"one": True, "two": False},
)


def test_the_summary_counts_what_falls_short() -> None:
    assert matrix.summary(PROVEN).split("\n") == [
        "faults killed        1 / 2",
        "clauses killed       1 / 2 (required and recommended)",
        "weakenings noticed   1 / 2",
    ]


def test_the_matrix_is_written_for_readers_and_for_programs() -> None:
    page = matrix.markdown(PROVEN)
    assert "| `late` | It is \\| late. | moto | a.b |" in page
    assert "| `c.d` | recommended | none |" in page
    assert "| two | NO |" in page
    value = json.loads(matrix.to_json(PROVEN))
    assert value["clauses"][0] == {"id": "a.b", "level": "required", "killed_by": ["late"]}
    assert value["weakenings"] == [{"name": "one", "noticed": True}, {"name": "two", "noticed": False}]


def test_the_published_matrix_is_the_one_that_the_declared_kills_make() -> None:
    published = json.loads((ROOT / "proof" / "matrix.json").read_text(encoding="utf-8"))
    declared = {name: sorted(fault.kills) for name, fault in FAULTS.items()}
    assert {each["name"]: each["fails"] for each in published["faults"]} == declared
    assert [each["name"] for each in published["weakenings"]] == NAMES
    assert all(each["noticed"] for each in published["weakenings"])


def some_faults(monkeypatch: pytest.MonkeyPatch, *names: str, silent: str = "", boasting: str = "") -> None:
    """Leave these faults only; ``silent`` declares no clause, ``boasting`` declares response.arn as well."""
    kept = {name: FAULTS[name] for name in names}
    if silent:
        kept[silent] = replace(kept[silent], kills=frozenset())
    if boasting:
        kept[boasting] = replace(kept[boasting], kills=kept[boasting].kills | {"response.arn"})
    monkeypatch.setattr(single, "FAULTS", MappingProxyType(kept))


def test_one_clause_is_proven_by_the_faults_that_declare_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    some_faults(monkeypatch, "expires-after-14-days", "expires-after-30-days", "arn-missing")
    assert command_line.main(["--clause", "response.expiry"]) == 0
    output = capsys.readouterr().out
    assert "  2 of 2: expires-after-30-days" in output
    assert "caught by the clause: expires-after-14-days, expires-after-30-days\n" in output
    assert "declared, but not caught: none\ncaught, but not declared: none\nresponse.expiry: PROVEN\n" in output


def test_what_a_clause_catches_and_misses_against_the_declarations_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    some_faults(monkeypatch, "expires-after-14-days", "arn-missing", boasting="expires-after-14-days")
    assert command_line.main(["--clause", "response.arn"]) == 1
    output = capsys.readouterr().out
    assert "\ndeclared, but not caught: expires-after-14-days\n" in output
    some_faults(monkeypatch, "expires-after-14-days", silent="expires-after-14-days")
    assert command_line.main(["--clause", "response.expiry"]) == 1
    output = capsys.readouterr().out
    assert "\ncaught, but not declared: expires-after-14-days\n" in output
    assert "response.expiry: NOT PROVEN; no fault fails it; write one that does" in output


@pytest.mark.parametrize(
    ("clause", "fault"), [("errors.throttled", "throttled-is-429"), ("errors.conflict", "conflict-is-409")]
)
def test_a_clause_on_busy_answers_is_proven_on_a_reference_that_is_busy(
    clause: str, fault: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    some_faults(monkeypatch, fault)
    assert command_line.main(["--clause", clause]) == 0, capsys.readouterr().out


def test_a_fault_of_the_first_call_is_tried_on_all_scenarios(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    some_faults(monkeypatch, "first-call-denied")
    command_line.main(["--clause", "errors.unknown-id"])
    assert "caught, but not declared: none\n" in capsys.readouterr().out


def test_fewer_scenarios_come_to_the_same_verdicts() -> None:
    name = "expires-after-14-days"
    clause = clauses.contract()["response.expiry"]
    transcripts = running.drive(FAULTS[name].parts, scenarios={"email", "account"})
    assert [*transcripts] == ["account", "email"]
    assert {str(each.outcome) for each in running.verdicts(transcripts, (clause,))} == {"failed"}


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--clause", "response.expiri"), "there is no clause 'response.expiri'; did you mean response.expiry?"),
        (("--clause", "zzz"), "there is no clause 'zzz'; `pytest --list-clauses` prints them all"),
        (("--only", "expires-after-15-days"), "there is no fault 'expires-after-15-days'; did you mean "),
        (("--clause", "response.expiry", "--only"), "not allowed with argument"),
        (("--claus",), "there is no option --claus; did you mean --clause?"),
    ],
)
def test_bad_usage_of_the_proof_is_one_line(
    arguments: tuple[str, ...], line: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        command_line.main([*arguments])
    assert stopped.value.code == 4
    written = capsys.readouterr()
    assert line in written.err
    assert (written.err.count("\n"), written.out) == (1, "")


def test_an_unsound_declaration_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unsound() -> None:
        raise clauses.UnsoundClause("a.b", "it has no source")

    monkeypatch.setattr(command_line, "contract", unsound)
    with pytest.raises(SystemExit) as stopped:
        command_line.main(["--clause", "a.b"])
    assert stopped.value.code == 4
    assert capsys.readouterr().err == "python -m proof: error: clauses.toml: clause 'a.b': it has no source\n"
