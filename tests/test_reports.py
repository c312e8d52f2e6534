"""Reports say what happened, all of it, and nothing that must not be written."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

import pytest
from jsonschema import Draft202012Validator

from contracts.clauses import Clause
from contracts.judging.conclusion import Conclusion
from contracts.judging.exchange import Exchange, Headers, Request, Response, Stop, Transcript
from contracts.judging.verdict import Verdict
from contracts.model.operation import content_type, target_header
from contracts.values import Capability, TargetFacts
from contracts.vocabulary import Authority, ExitCode, Level, Outcome
from reports import stream
from reports.formats import junit, terminal
from reports.formats.reproduce import again, curl
from reports.redaction.redact import redacted
from reports.run import Header, Judgement, Run
from tests.suite import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEY = "AKIDFAKEACCESSKEY0001"
TOKEN = "FakeSession/Token+with==odd%chars"
SIGNATURE = "5f" * 32
ORGANIZATION = "exampleorgid"
RECIPIENT = "222222222222"
EMAIL = "owner@customer.example"
NAME = "R&D Bob"
NOTES = 'Caf\u00e9 "quoted"\nroom 9'
SECRETS = (KEY, TOKEN, SIGNATURE, ORGANIZATION, RECIPIENT, EMAIL, "R&D", "Bob", "room 9")


def signed(*, key: str = KEY, token: str | None = TOKEN) -> Headers:
    scope = "20261122/us-east-1/organizations/aws4_request"
    value = f"AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders=host;x-amz-date, Signature={SIGNATURE}"
    session = (("X-Amz-Security-Token", token),) if token else ()
    return (("Authorization", value), *session)


def exchange(
    step: str,
    operation: str,
    sent: bytes,
    answered: bytes | None,
    *,
    headers: Headers | None = None,
    status: int = 200,
) -> Exchange:
    common = (("Content-Type", content_type()), ("X-Amz-Target", target_header(operation)))
    return Exchange(
        scenario="life",
        step=step,
        actor="sender",
        operation=operation,
        request=Request("POST", "http://127.0.0.1:4566/", common + (signed() if headers is None else headers), sent),
        response=None if answered is None else Response(status, (("Content-Type", content_type()),), answered),
        failure=None if answered is not None else f"reset by peer while {EMAIL} waited",
        started=1_800_000_000.25,
        seconds=0.125,
    )


def handshake() -> bytes:
    document = {
        "Handshake": {
            "Id": "h-abcdefgh12",
            "Arn": f"arn:aws:organizations::111111111111:handshake/o-{ORGANIZATION}/invite/h-abcdefgh12",
            "Parties": [{"Id": ORGANIZATION, "Type": "ORGANIZATION"}, {"Id": RECIPIENT, "Type": "ACCOUNT"}],
            "Resources": [
                {
                    "Type": "ORGANIZATION",
                    "Value": f"o-{ORGANIZATION}",
                    "Resources": [
                        {"Type": "MASTER_EMAIL", "Value": EMAIL},
                        {"Type": "MASTER_NAME", "Value": NAME},
                        {"Type": "ORGANIZATION_FEATURE_SET", "Value": "ALL"},
                    ],
                },
                {"Type": "NOTES", "Value": NOTES},
            ],
        }
    }
    return json.dumps(document).encode()


def invitation() -> Exchange:
    sent = {"Target": {"Id": RECIPIENT, "Type": "ACCOUNT"}, "Notes": NOTES}
    return exchange("invite", "InviteAccountToOrganization", json.dumps(sent).encode(), handshake())


def echo() -> Exchange:
    """An answer that tells everything that it knows, as JSON in JSON, after a body that isn't UTF-8."""
    quoted = f"{KEY} {TOKEN} {SIGNATURE} {EMAIL} named '{NAME}' in o-{ORGANIZATION}: " + json.dumps(NOTES)
    body = json.dumps({"__type": "Oops", "Message": quoted}).encode()
    return exchange("echo", "CancelHandshake", b"\xff\x00{", body, status=400)


def identity() -> Exchange:
    body = f"<Account>{RECIPIENT}</Account><Email>{EMAIL}</Email><UserId>{escape(NAME)}</UserId>"
    return exchange("who", "GetCallerIdentity", b"Action=GetCallerIdentity", body.encode())


def judgement(outcome: Outcome, clause: str, level: Level = Level.REQUIRED, case: str = "", **more: Any) -> Judgement:
    because = "needs recipient: so" if outcome is Outcome.NOT_APPLICABLE else f"because {outcome}"
    lacking = "recipient" if outcome is Outcome.NOT_APPLICABLE else ""
    known: dict[str, Any] = {
        "because": because,
        "expected": "400 This",
        "actual": "400 That",
        "lacking": lacking,
    } | more
    test = f"suites/test_{clause.partition('.')[0]}.py::test_it[{case}]"
    needs = frozenset({"recipient"}) if outcome is Outcome.NOT_APPLICABLE else frozenset[str]()
    row = Clause(
        clause, f"{clause} holds.", level, Authority.OBSERVED, ("https://a.example/",), (), needs, "2026-09-13"
    )
    return Judgement.of(Verdict(clause, case, level, outcome, test=test, **known), row)


def run(*judgements: Judgement, exchanges: tuple[Exchange, ...] = (), **more: Any) -> Run:
    target = TargetFacts(
        name="fake",
        url="http://127.0.0.1:4566",
        region="us-east-1",
        strategy="access-key-account",
        capabilities={
            "stranger": Capability(present=True, how="declared"),
            "recipient": Capability(present=False, how=f"the call as {RECIPIENT} answered 403"),
        },
        answers={"organization": f"o-{ORGANIZATION}", "account": "111111111111"},
        options=("--endpoint-url=http://127.0.0.1:4566", f"--profile={RECIPIENT}"),
    )
    transcript = Transcript(
        "life",
        exchanges or (invitation(), echo(), identity(), exchange("lost", "DescribeHandshake", b"{}", None)),
        f"o-{ORGANIZATION}",
        {"sender": "111111111111", "recipient": RECIPIENT},
        Stop("accept", f"AccessDenied for {EMAIL}"),
        {"leave": "member"},
    )
    header = Header("0.1", "2026-11-22T12:00:00+00:00", "organizations 2016-11-28", target, **more)
    return Run(header, (transcript,), judgements, Conclusion(ExitCode.FAILED, "not conformant: 1 failed"), 3.5)


def leaking() -> Run:
    told = f"{KEY} {TOKEN} {SIGNATURE}, {EMAIL}, name {NAME}, notes {NOTES}, o-{ORGANIZATION}, {RECIPIENT}"
    texts: dict[str, Any] = {"because": told, "expected": told, "actual": told}
    steps = ("life/invite", "life/echo")
    return run(
        judgement(Outcome.FAILED, "errors.echo", exchanges=steps, **texts),
        judgement(Outcome.FAILED, "errors.advice", Level.ADVISORY, exchanges=("life/who",), **texts),
        judgement(Outcome.BLOCKED, "aftermath.list", exchanges=("life/lost",), **texts),
        judgement(Outcome.NOT_APPLICABLE, "callers.recipient-open", **texts),
    )


def everything() -> Run:
    """A run in which every outcome occurs."""
    return run(*(judgement(outcome, f"errors.{outcome}", exchanges=("life/invite",)) for outcome in Outcome))


LATER = {"resent", "beginning", "lost", "drift"}
"""Members that older reports lack."""


class TestStream:
    def test_round_trip(self, tmp_path: Path) -> None:
        for value in (leaking(), redacted(leaking()), everything()):
            stream.write(value, tmp_path / "run.jsonl")
            assert stream.read(tmp_path / "run.jsonl") == value

    def test_published_schema_describes_every_line_and_closes_it(self) -> None:
        validator = Draft202012Validator(stream.schema())
        Draft202012Validator.check_schema(stream.schema())
        for line in map(json.loads, map(json.dumps, stream.lines(leaking()))):
            assert validator.is_valid(line)
            assert not validator.is_valid(line | {"more": 1})
            for key in line.keys() - LATER:
                assert not validator.is_valid({name: value for name, value in line.items() if name != key}), key

    def test_order_of_maps_does_not_show(self) -> None:
        value = leaking()
        target = value.header.target
        turned = replace(
            value,
            header=replace(value.header, target=replace(target, answers=dict(reversed(list(target.answers.items()))))),
        )
        assert json.dumps([*stream.lines(turned)]) == json.dumps([*stream.lines(value)])

    def test_calls_and_invitations_are_counted(self) -> None:
        footer = [*stream.lines(leaking())][-1]
        assert (footer["calls"], footer["invitations"], footer["counts"]["failed"]) == (4, 1, 2)

    @pytest.mark.parametrize(
        ("mangle", "error", "says"),
        [
            (lambda _: [], stream.MissingHeader, "not a header"),
            (lambda lines: lines[1:], stream.MissingHeader, "not a header"),
            (lambda lines: lines[:-1], stream.TruncatedReport, "no footer"),
            (lambda lines: [*lines[:-1], lines[-1][:20]], stream.TruncatedReport, "breaks off"),
            (lambda lines: [*lines[:2], *lines[3:]], stream.TruncatedReport, "calls 4, the lines before it say 3"),
            (lambda lines: [*lines[:-2], lines[-1]], stream.TruncatedReport, "the footer says counts"),
            (lambda lines: [lines[0], "nonsense\n", *lines[1:]], stream.InvalidLine, "line 2: not JSON"),
            (lambda lines: [lines[0], "[]\n", *lines[1:]], stream.InvalidLine, "line 2: not a JSON object"),
            (lambda lines: [lines[0].replace("4", "1", 1), *lines[1:]], stream.OtherFormat, "format 1, written by"),
            (lambda lines: [*lines, lines[0]], stream.InvalidLine, "type header can't follow one of type footer"),
            (lambda lines: [lines[0], *lines[2:]], stream.InvalidLine, "exchange can't follow one of type header"),
            (lambda lines: [lines[0], lines[1].replace("life", "x"), *lines[2:]], stream.InvalidLine, "under the sc"),
            (lambda lines: [lines[0], lines[1].replace("stop", "halt"), *lines[2:]], stream.InvalidLine, "'stop' is a"),
            (
                lambda lines: [*lines[:2], lines[2].replace('o": "life"', 'o": "x"'), *lines[3:]],
                stream.InvalidLine,
                "under",
            ),
            (lambda lines: [lines[0], '{"type": []}\n', *lines[1:]], stream.InvalidLine, "type is []"),
            (lambda lines: [*lines[:-1], lines[-1].replace("3.5", '"3.5"')], stream.InvalidLine, "/seconds: '3.5' is"),
        ],
        ids=[str(n) for n in range(16)],
    )
    def test_unsound_file_is_refused(self, tmp_path: Path, mangle: Any, error: type[Exception], says: str) -> None:
        path = tmp_path / "run.jsonl"
        stream.write(leaking(), path)
        path.write_text("".join(mangle(path.read_text().splitlines(keepends=True))))
        with pytest.raises(error, match=re.escape(says)):
            stream.read(path)


class TestRedaction:
    def test_no_secret_reaches_any_report(self) -> None:
        def reports(value: Run) -> Iterator[str]:
            yield "\n".join(json.dumps(line, ensure_ascii=False) for line in stream.lines(value))
            yield junit.render(value)
            yield terminal.render(value, color=False, width=100)

        def leaks(text: str) -> set[str]:
            plain = text.replace("\\\\", "\\").replace('\\"', '"').replace("&amp;", "&")
            return {secret for secret in SECRETS if re.search(rf"(?<!\w){re.escape(secret)}(?!\w)", plain)}

        assert leaks("".join(reports(leaking()))) == set(SECRETS), "the secrets are there to be found"
        for text in reports(redacted(leaking())):
            assert leaks(text) == set()

    def test_relations_stay(self) -> None:
        value = redacted(leaking())
        transcript = value.transcripts[0]
        sent, answered = json.loads(transcript.exchanges[0].request.body), transcript.exchanges[0].document
        made = answered["Handshake"]
        organization, party = made["Parties"]
        owner, notes = made["Resources"]
        assert owner["Value"] == f"o-{organization['Id']}" == transcript.organization
        assert owner["Value"] == value.header.target.answers["organization"]
        assert f"/{owner['Value']}/invite/h-abcdefgh12" in made["Arn"]
        assert party["Id"] == sent["Target"]["Id"] == transcript.accounts["recipient"] != RECIPIENT
        assert re.fullmatch(r"\d{12}", party["Id"])
        assert transcript.accounts["sender"] == "111111111111"
        assert notes["Value"] == sent["Notes"]
        assert [each["Value"] for each in owner["Resources"]] == ["redacted1@example.invalid", "redacted-2", "ALL"]
        assert len(organization["Id"]) == len(ORGANIZATION)

    def test_only_the_values_change(self) -> None:
        body = (
            b'{"Handshake" : {"Remark":"x", "Parties":[{"Id":"%s"}],"RequestedTimestamp":1.70E9,"Name":"Handshake"} } '
        )
        made = exchange("a", "DescribeHandshake", b"{}", body % RECIPIENT.encode())
        response = redacted(run(exchanges=(made,))).exchanges[0].response
        assert response is not None
        assert response.body == made.response.body.replace(RECIPIENT.encode(), b"900000000001")  # type: ignore[union-attr]

    def test_twice_is_once(self) -> None:
        once = redacted(leaking())
        assert redacted(once) == once

    def test_authorization_keeps_what_is_no_secret(self) -> None:
        headers = dict(redacted(run(exchanges=(invitation(),))).exchanges[0].request.headers)
        assert headers["Authorization"] == (
            "AWS4-HMAC-SHA256 Credential=<redacted>/20261122/us-east-1/organizations/aws4_request, "
            "SignedHeaders=host;x-amz-date, Signature=<redacted>"
        )

    def test_account_as_access_key_stays_an_account_elsewhere(self) -> None:
        made = exchange("a", "DescribeHandshake", b'{"x":"111111111111"}', b"{}", headers=signed(key="111111111111"))
        request = redacted(run(exchanges=(made,))).exchanges[0].request
        assert b"111111111111" in request.body
        assert "111111111111" not in str(request.headers)

    @pytest.mark.parametrize(
        ("value", "form"),
        [
            ("o-abc", r"o-r01|o-r\d\d"),
            ("x1", "redacted-1|r1|\\w\\w"),
            ("Handshake", "redacted-1"),
            ("us-east-1", "xx-xxxx-1"),
            ("\U0001f600 smile at me", "redacted-1"),
            ("tabs\tand\\slashes/", "redacted-1"),
            ("\ud800 alone", "redacted-1"),
            ("ENABLED", "ENABLED"),
        ],
    )
    def test_odd_values(self, value: str, form: str) -> None:
        body = json.dumps({"Handshake": {"Resources": [{"Value": value, "Type": "NOTES"}]}}).encode()
        made = exchange("a", "DescribeHandshake", b"{}", body)
        after = redacted(run(exchanges=(made,))).exchanges[0]
        assert re.fullmatch(form, after.document["Handshake"]["Resources"][0]["Value"])
        assert after.request.url == made.request.url

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"\xff\xfe",
            b"[" * 100_000,
            b'{"Handshake":' + b'{"Resources":[' * 400,
            b'{"Handshake":[{"Parties":7}]}',
            b'"\\ud800"',
            b'{"Value":"\\',
            b"null",
            b"1" * 5000,
        ],
    )
    def test_odd_bodies_go_through(self, body: bytes) -> None:
        made = exchange("a", "DescribeHandshake", body, body)
        assert redacted(run(exchanges=(made,))).exchanges[0].request.body == body

    def test_values_within_values_ids_within_arns_and_numbers_within_numbers(self) -> None:
        values = (EMAIL, f"write to {EMAIL} at once", "o-abc", RECIPIENT)
        parties = json.dumps({"Handshake": {"Parties": [{"Id": value, "Type": "ACCOUNT"} for value in values]}})
        told = f"write to {EMAIL} at once about arn:aws:x::{RECIPIENT}:o-abc/1, {RECIPIENT}000"
        made = [exchange("a", "DescribeHandshake", b"{}", each.encode()) for each in (parties, told)]
        response = redacted(run(exchanges=tuple(made))).exchanges[1].response
        assert response is not None
        assert response.body.decode() == f"redacted-1 about arn:aws:x::900000000001:o-r01/1, {RECIPIENT}000"

    def test_cookies_go(self) -> None:
        made = exchange("a", "DescribeHandshake", b"{}", b"{}")
        assert made.response is not None
        made = replace(made, response=replace(made.response, headers=(("Set-Cookie", "session=abcdef"),)))
        assert "abcdef" not in str(redacted(run(exchanges=(made,))).exchanges)

    def test_hostile_text_takes_no_time(self) -> None:
        value = "\\" * 40 + "secret"
        sent = json.dumps({"Target": {"Id": value, "Type": "ACCOUNT"}}).encode()
        answers = (b"\\" * 100_000, b'\\"' * 50_000, b"x" * 300_000, b"a@" * 100_000, b"://" * 50_000)
        made = [exchange(str(n), "InviteAccountToOrganization", sent, each) for n, each in enumerate(answers)]
        started = time.perf_counter()
        redacted(run(exchanges=tuple(made)))
        assert time.perf_counter() - started < 2

    @pytest.mark.parametrize(
        ("value", "spelt"),
        [
            ("Caf\u00e9 Central", "Caf\\u00E9 Central"),
            ("Caf\u00e9 Central", '{\\"a\\": \\"Caf\\\\u00e9 Central\\"}'),
            ("two\nlines here", "two\\nlines here"),
            ("a/slash/and more", "a\\/slash\\/and more"),
            ("C:\\folder\\name", "C:\\\\folder\\\\name"),
            ("C:\\\u00e9 folder", "C:\\\\\\u00e9 folder"),
            ("Smith & Sons", "<Name>Smith &amp; Sons</Name>"),
            ("Smith & Sons", "<Name>Smith &#38; Sons</Name>"),
            ("me@somewhere.example", "https://host/?to=me%40somewhere.example"),
        ],
    )
    def test_spellings(self, value: str, spelt: str) -> None:
        sent = json.dumps({"Target": {"Id": value, "Type": "EMAIL"}}).encode()
        made = exchange("a", "InviteAccountToOrganization", sent, spelt.encode())
        response = redacted(run(exchanges=(made,))).exchanges[0].response
        assert response is not None
        assert b"redacted" in response.body
        assert not any(
            part in response.body for part in (b"Central", b"lines", b"slash", b"folder", b"Sons", b"somewh")
        )

    def test_body_that_breaks_off(self) -> None:
        made = exchange("a", "DescribeHandshake", b"{}", b'{"Handshake":{"Resources":[{"Value":"never seen bef')
        response = redacted(run(exchanges=(made,))).exchanges[0].response
        assert response is not None
        assert response.body.endswith(b'"Value":"redacted-1')

    @pytest.mark.parametrize(
        "text",
        [
            "https://host/?X-Amz-Signature=0123456789abcdef&X-Amz-Credential=0123456789abcdef%2F2026",
            "x-amz-security-token:0123456789abcdef",
            '{"SecretAccessKey" : "0123456789abcdef"}',
            "<SessionToken>0123456789abcdef</SessionToken>",
            "AKIA0123456789ABCDEF",
            "http://me:0123456789abcdef@host/",
        ],
    )
    def test_what_looks_like_a_credential_goes(self, text: str) -> None:
        made = exchange("a", "DescribeHandshake", b"{}", text.encode())
        response = redacted(run(exchanges=(made,))).exchanges[0].response
        assert response is not None
        assert b"0123456789" not in response.body

    def test_authorization_of_another_form_goes(self) -> None:
        for value in ("Bearer abcdef", "AWS4-HMAC-SHA256 Credentail=abcdef", "abcdef", ""):
            made = exchange("a", "DescribeHandshake", b"{}", b"{}", headers=(("authorization", value),))
            assert "abcdef" not in str(redacted(run(exchanges=(made,))).exchanges[0].request.headers)


@dataclass(frozen=True)
class Arrived:
    method: str
    headers: dict[str, str]
    body: bytes


class TestReproduce:
    @pytest.fixture
    def recorder(self) -> Iterator[tuple[str, list[Arrived]]]:
        arrived: list[Arrived] = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                arrived.append(Arrived(self.command, {k.lower(): v for k, v in self.headers.items()}, body))
                self.send_response(200)
                self.end_headers()

            do_PUT = do_POST  # noqa: N815

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        server = HTTPServer(("127.0.0.1", 0), Handler)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/", arrived
        server.shutdown()
        thread.join()
        server.server_close()

    def send(self, made: Exchange) -> None:
        if shutil.which("curl") is None:
            pytest.skip("curl is not on the PATH")
        keys = {"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "sec ret", "AWS_SESSION_TOKEN": "to ken"}
        environment = {"PATH": os.environ["PATH"], "NO_PROXY": "*"} | keys
        command = curl(made, "profiles")
        assert "\n" not in command
        subprocess.run(["sh"], input=command.encode(), check=True, env=environment, capture_output=True, timeout=20)

    @pytest.mark.parametrize(
        "body",
        [
            b'{"HandshakeId":"h-1$HOME`id`\'!\\n"}',
            '{"Remark":"Caf\u00e9"}'.encode(),
            b"\xff\x00%s\\ '",
            b"",
            b"@/etc/hostname",
            b'{\n "a": 1\r\n}',
            b"x" * 200_000,
        ],
    )
    def test_body_arrives_as_it_was(self, recorder: tuple[str, list[Arrived]], body: bytes) -> None:
        url, arrived = recorder
        made = redacted(run(exchanges=(exchange("a", "CancelHandshake", body, b"{}"),))).exchanges[0]
        self.send(replace(made, request=replace(made.request, url=url)))
        assert [each.body for each in arrived] == [body]

    def test_headers_and_signature_arrive(self, recorder: tuple[str, list[Arrived]]) -> None:
        url, arrived = recorder
        made = exchange("a", "CancelHandshake", b"{}", b"{}")
        more = (("X-Moto-Account-Id", "it's 1"), ("X-Empty", ""), ("User-Agent", "x"), ("Content-Length", "999"))
        after = redacted(
            run(exchanges=(replace(made, request=replace(made.request, headers=made.request.headers + more)),))
        )
        request = replace(after.exchanges[0].request, url=url, method="PUT")
        self.send(replace(after.exchanges[0], request=request))
        assert arrived[0].method == "PUT"
        headers = arrived[0].headers
        assert re.match(
            r"AWS4-HMAC-SHA256 Credential=AKID/\d{8}/us-east-1/organizations/aws4_", headers["authorization"]
        )
        assert headers["x-amz-target"] == target_header()
        assert headers["content-type"] == content_type()
        assert headers["x-moto-account-id"] == "it's 1"
        assert headers["x-empty"] == ""
        assert headers["x-amz-security-token"] == "to ken"

    def test_unsigned_stays_unsigned_and_untyped(self, recorder: tuple[str, list[Arrived]]) -> None:
        url, arrived = recorder
        self.send(Exchange("s", "t", "stranger", "CancelHandshake", Request("POST", url, (), b"{}"), None))
        assert not {"authorization", "content-type", "x-amz-security-token"} & arrived[0].headers.keys()

    def test_names_the_actor_and_no_key(self) -> None:
        line = curl(invitation(), "profiles", "111111111111")
        assert line.endswith("# as sender, with the sender's credentials exported")
        assert KEY not in line
        assert TOKEN not in line

    def test_names_the_keys_that_are_no_secret(self, recorder: tuple[str, list[Arrived]]) -> None:
        url, arrived = recorder
        made = replace(invitation(), request=replace(invitation().request, url=url))
        line = curl(made, "key", "111111111111")
        assert line.endswith("# as sender")
        if shutil.which("curl") is None:
            pytest.skip("curl is not on the PATH")
        environment = {"PATH": os.environ["PATH"], "NO_PROXY": "*"}
        subprocess.run(["sh"], input=line.encode(), check=True, env=environment, capture_output=True, timeout=20)
        assert "Credential=111111111111/" in arrived[0].headers["authorization"]

    def test_names_whose_keys_sign_where_a_header_names_the_account(self) -> None:
        made = replace(invitation(), actor="recipient")
        assert curl(made, "header", "1").endswith("# as recipient, with the sender's credentials exported")
        unsigned = replace(made, request=replace(made.request, headers=()))
        assert curl(unsigned, "header", "1").endswith("# as recipient")

    def test_the_clause_is_judged_again_as_it_was(self) -> None:
        header = run().header
        target = replace(header.target, options=("--endpoint-url=https://[::1]:1", "--ca-bundle=the ca.pem"))
        line = again(replace(header, target=target, strict=True), "suites/test_wire.py::test_it[a b]")
        assert line == (
            "pytest '--endpoint-url=https://[::1]:1' '--ca-bundle=the ca.pem' --strict "
            "'suites/test_wire.py::test_it[a b]'"
        )
        recording = replace(header, target=replace(target, options=()), replayed="recorded.json")
        assert again(recording, "suites") == "pytest --replay=recorded.json suites"


class TestJunit:
    def test_counts_and_tags(self) -> None:
        root = ET.fromstring(junit.render(everything()))
        expected = {"tests": "7", "failures": "1", "errors": "1", "skipped": "4"}
        assert {key: root.attrib[key] for key in expected} == expected
        messages = {case.attrib["name"]: case[1].attrib["message"] for case in root.iter("testcase") if len(case) > 1}
        assert messages["errors.blocked"] == "blocked: because blocked"
        assert messages["errors.failed"] == "errors.failed holds."
        properties = {each.attrib["name"]: each.attrib["value"] for each in next(root.iter("properties"))}
        assert properties == {
            "pytest": "suites/test_errors.py::test_it[]",
            "level": "required",
            "authority": "observed",
        }

    @pytest.mark.parametrize(
        ("level", "strict", "tag"),
        [
            (Level.REQUIRED, False, "failure"),
            (Level.RECOMMENDED, False, "skipped"),
            (Level.RECOMMENDED, True, "failure"),
            (Level.ADVISORY, True, "skipped"),
        ],
    )
    def test_red_exactly_if_the_run_fails(self, level: Level, strict: bool, tag: str) -> None:
        value = run(judgement(Outcome.FAILED, "errors.x", level), strict=strict)
        case = next(ET.fromstring(junit.render(value)).iter("testcase"))
        assert case[1].tag == tag
        assert tag == "failure" or case[1].attrib["message"] == f"failed (not counted), {level}: errors.x holds."

    def test_characters_that_xml_cannot_hold_are_seen(self) -> None:
        value = run(judgement(Outcome.FAILED, "errors.x", actual="\x00\ud800\ufffe\x1b[2J"))
        text = junit.render(value)
        ET.fromstring(text)
        assert "\\x00\\ud800\\ufffe\\x1b[2J" in text


class TestTerminal:
    def test_ends_in_the_conclusion_and_counts_the_calls(self) -> None:
        *_, calls, last = terminal.render(everything(), width=100).splitlines()
        assert calls == "4 calls to the target, 1 of them invitations, 3.5 s"
        assert last == "NOT CONFORMANT (exit 1): 1 failed"

    @pytest.mark.parametrize("code", ExitCode)
    def test_every_exit_code_has_its_closing_line(self, code: ExitCode) -> None:
        value = replace(everything(), conclusion=Conclusion(code, "so it was"))
        assert re.search(rf"\n[A-Z ]+ \(exit {code.value}\): so it was\n\Z", terminal.render(value))

    def test_a_clause_counts_once_by_its_worst_case(self) -> None:
        cases = (Outcome.PASSED, Outcome.BLOCKED, Outcome.FAILED, Outcome.KNOWN)
        value = run(*(judgement(outcome, "errors.x", case=f"s/{outcome}") for outcome in cases))
        table = terminal.render(value).split("\n\n")[1].splitlines()
        assert table[0].split() == ["clauses", "passed", "failed", "total"]
        assert table[1].split() == ["errors", ".", "1", "1"]

    def test_failure_says_everything(self) -> None:
        value = run(judgement(Outcome.FAILED, "errors.x", exchanges=("life/invite",), case="life/invite"))
        text = terminal.render(value)
        for part in (
            "FAILED errors.x:life/invite (required, observed 2026-09-13)",
            "errors.x holds.",
            "Expected      400 This",
            "Actual        400 That",
            "Source        https://a.example/",
            "Evidence      > InviteAccountToOrganization as sender (life/invite)",
            f"< 200, content-type: {content_type()}",
            "Reproduce     curl -sS -i --aws-sigv4",
            "'suites/test_errors.py::test_it[life/invite]'",
        ):
            assert part in text

    def test_many_cases_are_cut_with_their_number(self) -> None:
        value = run(*(judgement(Outcome.FAILED, "errors.x", case=f"s/{n}", actual=f"got {n}") for n in range(12)))
        text = terminal.render(value)
        assert "Failed in 12 of 12 checks, also\n" in text
        assert "s/8: got 8" in text
        assert "s/9: got 9" not in text
        assert "and 3 more" in text

    def test_unjudged_are_told_apart(self) -> None:
        text = terminal.render(everything())
        for outcome, title in (
            ("blocked", "BLOCKED (by a failed call)"),
            ("not-implemented", "NOT IMPLEMENTED"),
            ("known", "KNOWN DEVIATIONS (on file)"),
        ):
            assert f"{title}\n  because {outcome}\n    1 clause: errors.{outcome}\n" in text
        assert "NOT APPLICABLE (missing capability)\n  recipient: the call as" in text
        assert "applicable once the invited account can act" in " ".join(text.split())

    def test_what_is_lacking_is_what_the_verdict_says_and_not_all_that_its_clause_needs(self) -> None:
        lacks = (("recipient", "so"), ("signatures", "needs it"), ("recipient", "so"), ("", "nobody knows"))
        lacking = [
            judgement(Outcome.NOT_APPLICABLE, f"errors.x{number}", because=because, lacking=name)
            for number, (name, because) in enumerate(lacks)
        ]
        listed = terminal.render(run(*lacking), width=200).partition("NOT APPLICABLE (missing capability)\n")[2]
        assert listed.startswith(
            f"  recipient: the call as {RECIPIENT} answered 403; applicable once the invited account can act\n"
            "    2 clauses: errors.x0, errors.x2\n"
            "  signatures: applicable once the target checks signatures\n    1 clause: errors.x1\n"
            "  nobody knows\n    1 clause: errors.x3\n"
        )

    def test_the_gravest_failures_come_first_and_advisory_ones_are_short(self) -> None:
        levels = (Level.ADVISORY, Level.RECOMMENDED, Level.REQUIRED)
        failed = [judgement(Outcome.FAILED, f"errors.{level}", level) for level in levels]
        value = run(*failed, judgement(Outcome.ERROR, "errors.fault", Level.ADVISORY))
        text = terminal.render(value)
        assert text.index("ERROR errors.fault") < text.index("FAILED errors.required")
        assert text.index("FAILED errors.required") < text.index("(not counted) errors.recommended")
        assert text.index("(not counted) errors.recommended") < text.index("1 clause that is advisory")
        assert "FAILED errors.advisory" not in text
        assert "  errors.advisory: expected 400 This; actual 400 That\n" in text

    def test_long_bodies_are_cut_with_the_number_left_out(self) -> None:
        made = exchange("a", "CancelHandshake", b"x" * 700, b"{}")
        value = run(judgement(Outcome.FAILED, "errors.x", exchanges=("life/a",)), exchanges=(made,))
        assert "... (100 characters left out)" in terminal.render(value)

    @pytest.mark.parametrize("width", [80, 120])
    def test_fits_the_width_but_for_what_is_copied(self, width: int) -> None:
        value = run(*(judgement(outcome, f"transitions.{outcome}", actual="words " * 60) for outcome in Outcome))
        lines = terminal.render(value, width=width).splitlines()
        assert [line for line in lines if len(line) > width and "pytest" not in line] == []

    def test_color_changes_nothing_but_color_and_targets_cannot_paint(self) -> None:
        value = run(judgement(Outcome.FAILED, "errors.x", actual="\x1b[2J gone"))
        plain, painted = terminal.render(value), terminal.render(value, color=True)
        assert "\x1b" not in plain
        assert re.sub(r"\x1b\[[0-9;]*m", "", painted) == plain != painted

    def test_exchange_is_printed_with_the_first_clause_that_it_fails(self) -> None:
        failed = (judgement(Outcome.FAILED, f"errors.x{n}", exchanges=("life/invite",)) for n in range(3))
        text = terminal.render(run(*failed))
        assert text.count("> InviteAccountToOrganization as sender (life/invite)") == text.count("curl -sS") == 1
        assert text.count("Evidence      life/invite, shown above\n") == 2
        assert text.count("'suites/test_errors.py::test_it[]'") == 3

    def test_cases_that_differ_alike_stand_together(self) -> None:
        value = run(*(judgement(Outcome.FAILED, "errors.x", case=f"s/{n}", actual="got 7") for n in range(9)))
        assert "also\n    s/1, s/2, s/3, s/4 and 4 more: got 7\n" in terminal.render(value)

    def test_a_recommended_miss_says_that_it_counts_under_strict_only(self) -> None:
        missed = judgement(Outcome.FAILED, "errors.x", Level.RECOMMENDED)
        title = "errors.x (recommended, observed 2026-09-13"
        shown = terminal.render(run(missed))
        assert f"FAILED (not counted) {title}; fails the run under --strict only)\n" in shown
        assert f"FAILED {title})\n" in terminal.render(run(missed, strict=True))

    def test_a_clause_stands_in_one_group_that_of_most_of_its_cases(self) -> None:
        reasons = ("that", "this", "this", "other")
        cases = [judgement(Outcome.BLOCKED, "errors.x", case=f"s/{n}", because=why) for n, why in enumerate(reasons)]
        passed = judgement(Outcome.PASSED, "errors.x", case="s/9")
        text = terminal.render(run(*cases, passed, judgement(Outcome.BLOCKED, "errors.y", because="that")))
        blocked = text.partition("BLOCKED (by a failed call)\n")[2]
        assert blocked.startswith("  this\n    1 clause: errors.x (4 of 5 checks)\n  that\n    1 clause: errors.y\n\n")
        assert text.count("errors.x") == 1

    def test_more_than_five_clauses_are_counted_by_theme_unless_their_names_are_asked_for(self) -> None:
        names = [*(f"errors.x{n}" for n in range(4)), *(f"wire.x{n}" for n in range(2))]
        blocked = [judgement(Outcome.BLOCKED, name, case="s/1", because="so") for name in names]
        value = run(*blocked, judgement(Outcome.PASSED, "wire.x1", case="s/2"))
        counted = "    6 clauses (1 of them in some checks only): errors 4, wire 2\n"
        assert counted in terminal.render(value)
        named = f"    6 clauses: {', '.join(names)} (1 of 2 checks)\n"
        assert named in terminal.render(value, verbosity=1, width=200)
        assert "    5 clauses: errors.x0, " in terminal.render(run(*blocked[:5]))

    def test_only_capabilities_that_a_clause_needs_are_listed(self) -> None:
        value = run(judgement(Outcome.NOT_APPLICABLE, "callers.x"))
        lines = terminal.render(value).splitlines()
        assert "  Missing       recipient" in lines  # how that is known stands beside the clause
        assert not any("stranger" in line for line in lines)
        needed = replace(value, judgements=(replace(judgement(Outcome.PASSED, "callers.y"), needs=("stranger",)),))
        assert "  Capabilities  stranger (declared)\n" in terminal.render(needed)
        blocked = replace(judgement(Outcome.BLOCKED, "callers.z"), needs=("recipient",))
        assert f"  Missing       recipient (the call as {RECIPIENT} answered 403)\n" in terminal.render(run(blocked))

    @pytest.mark.parametrize("width", [60, 80, 200])
    def test_a_target_without_the_operation_gets_a_short_report(self, width: int) -> None:
        sign = "CancelHandshake is not implemented: HTTP 501"
        absent = [judgement(Outcome.NOT_IMPLEMENTED, f"errors.x{n}", because=sign) for n in range(9)]
        blocked = [judgement(Outcome.BLOCKED, f"wire.x{n}", because="the invitation failed") for n in range(60)]
        value = replace(run(*absent, *blocked), conclusion=Conclusion(ExitCode.NOT_IMPLEMENTED, "it does not"))
        short = terminal.render(value, width=width)
        assert len(short.splitlines()) <= 20
        assert f"NOT IMPLEMENTED\n  {sign}\n  the invitation failed\n" in short
        assert "  69 clauses, 69 checks: 60 blocked, 9 not implemented\n" in short
        assert short.endswith("NOT IMPLEMENTED (exit 7): it does not\n")
        whole = terminal.render(value, width=width, verbosity=1)
        assert all(f"wire.x{n}" in whole for n in range(60))
        failed = replace(value, judgements=(*value.judgements, judgement(Outcome.FAILED, "aftermath.x")))
        assert "FAILED aftermath.x" in terminal.render(failed, width=width)

    def test_exchange_that_is_missing_is_named(self) -> None:
        value = run(judgement(Outcome.FAILED, "errors.x", exchanges=("life/nowhere",)))
        assert "life/nowhere is not in this report" in terminal.render(value)


OF_A_TARGET = (
    *("--target=moto", "--endpoint-url=http://127.0.0.1:1", "--ca-bundle=x", "--profile=x", "--fault=x", "--repeat=2"),
    *("--region=eu-west-1", "--settle=1", "--reset", "--account-strategy=one", "--organization=o-abcdefghij"),
    *("--allow-account=111111111111", "--max-invitations=11", "--ledger=x", "--plan", "--show-target"),
)


@pytest.mark.parametrize("option", OF_A_TARGET)
def test_a_replay_refuses_what_is_about_a_target(
    option: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    assert pytest.main(["-p", "no:cacheprovider", "--replay=none.jsonl", option]) == 4
    assert f"leave {option.partition('=')[0]} out" in capsys.readouterr().err
