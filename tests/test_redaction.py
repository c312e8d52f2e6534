"""No credential and no sensitive value is written, however it came to the suite and however a target spells it."""

from __future__ import annotations

import base64
import json
import re
import sys
import threading
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from contracts.clauses import contract
from contracts.printing.concealing import REMOVED, Concealer, Secrets
from contracts.printing.spellings import views
from contracts.values import FIXED_SECRET
from fixtures.preflight.credential_chain import secrets_in
from fixtures.preflight.credentials import find_credentials
from fixtures.reference import Reference
from fixtures.reference.realism import WITH_EXPIRED
from fixtures.target.choice import choose
from reports.redaction.redact import redacted
from tests.endpoints import always
from tests.options import NOBODY, empty, options
from tests.suite import suite
from tests.test_reports import exchange, run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fixtures.target.choice import Choice

SECRET = "wJ8rXUtnFEMI/K7MDENG+bPxRfiCYzQ8fhjk2LMq"
KEY = "AKIAQ4T7ZZ2MPLW93XKD"
TOKEN = "IQoJb3JpZ2luX2VjEPL/Zq9+w8yT5v" * 2
PIECE = 10
"""Nothing as long as this of a credential may be written."""


def spellings(secret: str) -> dict[str, str]:
    raw = secret.encode()
    quoted = quote(secret, safe="")
    half = len(secret) // 2
    return {
        "plain": secret,
        "upper case": secret.upper(),
        "lower case": secret.lower(),
        "percent": quoted,
        "percent, lower case": re.sub("%..", lambda found: found[0].lower(), quoted),
        "percent, every character": "".join(f"%{each:02x}" for each in raw),
        "percent, twice": quote(quoted, safe=""),
        "base64": base64.b64encode(raw).decode(),
        "base64 after one byte": base64.b64encode(b"u" + raw).decode(),
        "base64 after two bytes": base64.b64encode(b"u:" + raw + b"\n").decode(),
        "base64url": base64.urlsafe_b64encode(b"\xff\xfe\xfd" + raw).decode(),
        "base64 in JSON": base64.b64encode(raw).decode().replace("/", "\\/"),
        "base64 in lines": base64.encodebytes(b"x" * 30 + raw).decode(),
        "hexadecimal": raw.hex(),
        "HEXADECIMAL": raw.hex().upper(),
        "JSON": json.dumps(json.dumps(secret)).replace("/", "\\/"),
        "JSON, every character": "".join(f"\\u{each:04X}" for each in raw),
        "JSON in JSON": "".join(f"\\\\u{each:04x}" for each in raw),
        "XML": "".join(f"&#x{each:x};" for each in raw),
        "XML, decimal": "".join(f"&#{each};" for each in raw),
        "repr": "".join(f"\\x{each:02x}" for each in raw),
        "halves in lines": f"{secret[:half]}\n{secret[half:]}",
        "halves in members": f'{{"a":"{secret[:half]}","b":"{secret[half:]}"}}',
        "first half": secret[:half],
        "second half": secret[half:],
        "in a word": f"x{secret}y",
    }


def pieces(secret: str) -> Iterator[str]:
    yield from (secret[at : at + PIECE] for at in range(len(secret) - PIECE + 1))


def leaks(text: str, secret: str) -> bool:
    """Whether a piece of the secret is in the text, as it stands or with its escapes resolved, whatever the case."""
    seen = [view.text.decode("utf-8", "replace").lower() for view in views(text.encode("utf-8", "surrogatepass"))]
    coded = [
        secret,
        *(base64.b64encode(b"x" * n + secret.encode()).decode()[4:] for n in range(3)),
        secret.encode().hex(),
    ]
    return any(piece.lower() in one for each in coded for piece in pieces(each) for one in seen)


class TestSpellings:
    @pytest.mark.parametrize("secret", [SECRET, KEY, TOKEN], ids=["secret", "key", "token"])
    @pytest.mark.parametrize("name", spellings(SECRET))
    def test_a_credential_is_found_in_each(self, name: str, secret: str) -> None:
        spelt = f"before {spellings(secret)[name]} after"
        assert leaks(spelt, secret), "the test can find what it looks for"
        concealed = Concealer([secret]).conceal(spelt)
        assert not leaks(concealed, secret)
        assert concealed.startswith("before ")
        assert concealed.endswith("after")
        assert REMOVED in concealed

    def test_a_signature_is_found_in_halves_and_in_upper_case(self) -> None:
        signature = "0123456789abcdef" * 4
        concealer = Concealer(signatures=[signature])
        for spelt in (
            signature,
            signature.upper(),
            signature[:32],
            f"{signature[:32]}\n{signature[32:]}",
            f"%3D{signature}",
        ):
            assert "456789" not in concealer.conceal(f"<{spelt}>")
        assert concealer.conceal("f" * 64) == "f" * 64

    @pytest.mark.parametrize("secret", ["test", "testing", "123456789012", "organizations", "123456789012-2"])
    def test_what_is_nobodys_secret_stays(self, secret: str) -> None:
        text = f"organizations of {secret} testing a test"
        assert Concealer([secret]).conceal(text) == text

    def test_what_every_report_says_stays(self) -> None:
        concealer = Concealer(["my-organizations-handshake-secret"])
        for clause in contract().clauses:
            assert concealer.conceal(clause.sentence) == clause.sentence

    def test_twice_is_once(self) -> None:
        concealer = Concealer([SECRET])
        once = concealer.conceal(f"{SECRET} {base64.b64encode(SECRET.encode()).decode()}")
        assert concealer.conceal(once) == once == f"{REMOVED} {REMOVED}"

    def test_hostile_text_ends(self) -> None:
        concealer = Concealer([SECRET, TOKEN])
        for text in (
            "\\" * 500_000,
            "\\u00" * 100_000,
            "%41" * 100_000,
            "&#4" * 100_000,
            SECRET * 5_000,
            "a" * 500_000,
        ):
            concealer.conceal(text)


class TestRun:
    def test_what_no_request_shows_is_handed_over(self) -> None:
        body = json.dumps({"Message": f"expected {SECRET}"}).encode()
        leaking = run(exchanges=(exchange("a", "CancelHandshake", b"{}", body),))
        assert SECRET in str(redacted(leaking).exchanges)
        assert SECRET not in str(redacted(leaking, [SECRET]).exchanges)

    @pytest.mark.parametrize(
        "body",
        [
            '{"Handshake": {"Notes": "room for Bob"}}',
            '{"notes": ["room for Bob"]}',
            '{"Error": {"Details": [{"NOTES": "room for Bob"}]}}',
            '{"Message": {"AccountName": "room for Bob"}}',
            '{"Other": {"type": "NOTES", "value": "room for Bob"}}',
            "<Error><Notes>room for Bob</Notes></Error>",
            '<a:Value kind="x">room for Bob</a:Value>',
            '{"Handshake": {"Notes": "room for Bob',
        ],
    )
    def test_a_sensitive_member_where_the_model_has_none(self, body: str) -> None:
        shown = redacted(run(exchanges=(exchange("a", "CancelHandshake", b"{}", body.encode()),))).exchanges[0]
        assert shown.response is not None
        assert shown.response.body == body.replace("room for Bob", "redacted-1").encode()

    def test_a_member_that_only_some_structures_call_sensitive_stays(self) -> None:
        body = b'{"Root": {"Id": "r-abcd", "Name": "Root of it all"}, "Tag": {"Value": "a value"}}'
        shown = redacted(run(exchanges=(exchange("a", "CancelHandshake", b"{}", body),))).exchanges[0]
        assert shown.response is not None
        assert shown.response.body == body

    def test_many_values_have_a_placeholder_each_and_end(self) -> None:
        names = [f"person {number} of the house" for number in range(1_000)]
        bodies = [
            json.dumps({"Handshake": {"Resources": [{"Value": name}], "Notes": "a" * (n % 100)}})
            for n, name in enumerate(names)
        ]
        made = [exchange(str(n), "DescribeHandshake", b"{}", each.encode()) for n, each in enumerate(bodies)]
        shown = redacted(run(exchanges=tuple(made)))
        values = [each.document["Handshake"]["Resources"][0]["Value"] for each in shown.exchanges]
        assert len({*values}) == len(names)
        assert not any("person" in value for value in values)


def choose_with(**given: Any) -> Choice:
    return choose(options(**given), {})


class TestSources:
    """Each way to come by credentials tells them before anything can be printed."""

    @pytest.fixture(autouse=True)
    def nothing_of_aws(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        empty(monkeypatch, tmp_path)

    def noted(self, choice: Any, environment: dict[str, str] | None = None) -> set[str]:
        secrets = Secrets()
        find_credentials(choice, environment or {}, secrets.note)
        return {*secrets}

    def profile(self, folder: Path, text: str) -> str:
        path = folder / "mine.toml"
        path.write_text(f"about = 'mine'\n{text}", encoding="utf-8")
        return str(path)

    def test_variables_that_a_profile_names(self, tmp_path: Path) -> None:
        names = {"access_key": "K", "secret_key": "S", "session_token": "T"}
        table = "".join(f"{name}_variable = '{variable}'\n" for name, variable in names.items())
        text = f"[accounts]\nstrategy = 'keys'\n[accounts.sender]\n{table}"
        choice = choose_with(target=self.profile(tmp_path, text), endpoint_url=NOBODY)
        assert self.noted(choice, {"K": KEY, "S": SECRET, "T": TOKEN}) == {KEY, SECRET, TOKEN}

    def test_keys_in_a_profile(self, tmp_path: Path) -> None:
        text = f"[accounts]\nstrategy = 'keys'\n[accounts.sender]\naccess_key = '{KEY}'\nsecret_key = '{SECRET}'\n"
        assert self.noted(choose_with(target=self.profile(tmp_path, text), endpoint_url=NOBODY)) == {
            KEY,
            SECRET,
        }

    def test_a_role_with_what_it_was_assumed_by(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", KEY)
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
        keys = {"AccessKeyId": "ASIAOTHER", "SecretAccessKey": SECRET[::-1], "SessionToken": TOKEN}
        inner = "".join(f"<{name}>{value}</{name}>" for name, value in keys.items())
        for name in ("Credentials", "AssumeRoleResult", "AssumeRoleResponse"):
            inner = f"<{name}>{inner}</{name}>"
        role = "[accounts.recipient]\nrole_arn = 'arn:aws:iam::812345678901:role/r'\nexternal_id = 'a-secret-word'\n"
        with always(200, "text/xml", inner.encode()) as url:
            choice = choose_with(
                target=self.profile(tmp_path, f"[accounts]\nstrategy = 'roles'\n{role}"), endpoint_url=url
            )
            assert self.noted(choice) == {KEY, SECRET, "ASIAOTHER", SECRET[::-1], TOKEN, "a-secret-word"}

    def test_keys_that_the_target_makes(self) -> None:
        with always(
            200, "application/json", json.dumps({"accessKeyId": KEY, "secretAccessKey": SECRET}).encode()
        ) as url:
            assert self.noted(choose_with(target="fakecloud", endpoint_url=url)) == {KEY, SECRET}

    def test_keys_in_a_folder(self, tmp_path: Path) -> None:
        (tmp_path / "emulator_credentials").write_text(
            f"[default]\naws_access_key_id = {KEY}\naws_secret_access_key = {SECRET}\n", encoding="utf-8"
        )
        text = f"[accounts]\nstrategy = 'files'\nfolder = '{tmp_path}'\n"
        assert self.noted(choose_with(target=self.profile(tmp_path, text), endpoint_url=NOBODY)) == {
            KEY,
            SECRET,
        }

    def test_the_environment(self) -> None:
        environment = {
            "AWS_ACCESS_KEY_ID": "1",
            "AWS_SECRET_ACCESS_KEY": "2",
            "AWS_SESSION_TOKEN": "3",
            "AWS_SECURITY_TOKEN": "4",
            "AWS_BEARER_TOKEN_BEDROCK": "5",
            "AWS_CONTAINER_AUTHORIZATION_TOKEN": "6",
            "https_proxy": "http://me:p%40ss@proxy:1",
            "AWS_WEB_IDENTITY_TOKEN_FILE": "no",
            "AWS_REGION": "no",
            "HTTP_PROXY": "http://proxy:1",
            "TOKEN": "no",
        }
        assert {*secrets_in(environment)} == {"1", "2", "3", "4", "5", "6", "p%40ss", "p@ss"}


ACTORS = {"sender": "612345678901", "recipient": "712345678902", "member": "812345678903"}
KEYS = {actor: (f"AKIA{actor.upper():Q<10}7Z2M9X", f"{actor[:3]}{SECRET[3:]}", f"{actor}{TOKEN}") for actor in ACTORS}
"""The access key id, secret access key and session token of each actor."""


@contextmanager
def echo(reference: Reference) -> Iterator[str]:
    """A server in front of the reference that takes other keys, and tells them in all spellings wherever it can."""
    accounts = {keys[0]: ACTORS[actor] for actor, keys in KEYS.items()}
    told = " ".join([*spellings(KEYS["sender"][1]).values(), *(each for keys in KEYS.values() for each in keys)])

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True
        wbufsize = -1

        def do_POST(self) -> None:  # the name is http.server's
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, headers, content = self.ask(body, self.headers.get("Authorization", ""))
            document = json.loads(content) if content.startswith(b"{") else None
            if isinstance(document, dict):
                more = {"Authorization": self.headers.get("Authorization", ""), "Notes": f"Bob {KEYS['sender'][1]}"}
                more |= {"Message": f"{document['Message']} {told}"} if "Message" in document else {"Echo": told}
                content = json.dumps(document | more).encode()
            self.send_response_only(status)
            for name, value in headers:
                self.send_header(name, str(len(content)) if name.lower() == "content-length" else value)
            self.send_header("X-Echo", " ".join(keys[1] for keys in KEYS.values()))
            self.end_headers()
            self.wfile.write(content)

        def ask(self, body: bytes, authorization: str) -> tuple[int, list[tuple[str, str]], bytes]:
            """Have the reference answer, with the signature that it expects if the key is one of the actors'."""
            headers = {name: value for name, value in self.headers.items() if not name.lower().startswith("x-amz-sec")}
            found = re.search(r"Credential=(\w+)/\d+/([\w-]+)/(\w+)/", authorization)
            if found is not None and found[1] in accounts:
                request = AWSRequest("POST", f"{reference.url}/", data=body, headers=headers)
                for name in ("Authorization", "X-Amz-Date", "Host"):
                    del request.headers[name]
                SigV4Auth(Credentials(accounts[found[1]], FIXED_SECRET), found[3], found[2]).add_auth(request)
                headers = dict(request.headers.items())
            with closing(HTTPConnection(urlsplit(reference.url).netloc)) as connection:
                connection.request("POST", self.path, body, headers)
                answer = connection.getresponse()
                return answer.status, answer.getheaders(), answer.read()

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def aws_files(folder: Path) -> dict[str, str]:
    """Write an AWS profile for each actor, the recipient's with a process, and return the variables that name them."""
    shared, process = folder / "credentials", folder / "process.json"
    names = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    sections = {
        actor: "".join(f"{name} = {value}\n" for name, value in zip(names, keys, strict=True))
        for actor, keys in KEYS.items()
    }
    given = zip(("AccessKeyId", "SecretAccessKey", "SessionToken"), KEYS["recipient"], strict=True)
    process.write_text(json.dumps({"Version": 1} | dict(given)), encoding="utf-8")
    reader = f"import pathlib; print(pathlib.Path('{process}').read_text())"
    sections["recipient"] = f'credential_process = {sys.executable} -c "{reader}"\n'
    shared.write_text("".join(f"[{actor}]\n{text}" for actor, text in sections.items()), encoding="utf-8")
    return {"AWS_SHARED_CREDENTIALS_FILE": str(shared)}


@pytest.mark.long
@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "with workers"])
def test_a_target_that_tells_all_that_it_knows(tmp_path: Path, workers: tuple[str, ...]) -> None:
    folder, out = tmp_path / "aws", tmp_path / "out"
    folder.mkdir()
    with Reference.start(realism=WITH_EXPIRED) as reference, echo(reference) as url:
        finished = suite(
            out,
            f"--endpoint-url={url}",
            *(f"--profile={actor}={actor}" for actor in ACTORS),
            f"--junitxml={out / 'pytest.xml'}",
            f"--write-deviations={out / 'deviations.toml'}",
            f"--ledger={out / 'ledger.jsonl'}",
            "--tb=long",
            "-v",
            *workers,
            **aws_files(folder),
        )
    assert finished.run.calls > 100, finished.output
    texts = {path.name: path.read_text(encoding="utf-8") for path in out.rglob("*") if path.is_file()}
    assert {"report.jsonl", "junit.xml", "pytest.xml", "deviations.toml"} <= texts.keys()
    texts["terminal"] = finished.output
    for name, text in texts.items():
        for keys in KEYS.values():
            for secret in keys:
                assert not leaks(text, secret), name


def test_a_target_that_refuses_the_keys_and_tells_them(tmp_path: Path) -> None:
    told = json.dumps({"__type": f"Invalid{KEYS['sender'][1]}", "Message": KEYS["sender"][2]}).encode()
    folder = tmp_path / "aws"
    folder.mkdir()
    with always(403, "application/x-amz-json-1.1", told) as url:
        for plan in ((), ("--plan",)):
            finished = suite(tmp_path, f"--endpoint-url={url}", "--profile=sender", *plan, **aws_files(folder))
            assert finished.code == (0 if plan else 8)
            assert plan or REMOVED in finished.output
            assert not any(leaks(finished.output, secret) for secret in KEYS["sender"])
