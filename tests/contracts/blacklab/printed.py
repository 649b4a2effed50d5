"""The document's examples: requests that are run as they are printed, and responses whose form is held against ours."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import ssl
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2

HOST = "api.blacklab.studio"
CURL = shutil.which("curl")
KEYS = ("sk_live_xxx", "sk_live_your_api_key_here")
"""What stands for a key in the document."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: Mapping[str, str]
    """Names in lower case."""
    content: bytes

    @property
    def body(self) -> Any:
        return json.loads(self.content)


@dataclass(frozen=True)
class Wire:
    """The way to a server that answers for the document's host, by HTTPS: nothing of a printed request is changed but
    its key."""

    port: int
    certificate: Path
    key: str
    host: str = HOST
    placeholders: tuple[str, ...] = KEYS

    def run(self, example: str) -> Answer:
        """Run a printed command, by the program that it names or, where there is none, by its parts."""
        for placeholder in self.placeholders:
            example = example.replace(placeholder, self.key)
        return self._by_curl(example) if CURL else self.by_its_parts(example)

    def by_its_parts(self, example: str) -> Answer:
        """Send what a printed command would send."""
        arguments = shlex.split(example.replace("\\\n", " "))
        assert (arguments.pop(0), arguments.pop(0)) == ("curl", "-X")
        method, url = arguments.pop(0), arguments.pop(0)
        given = list(zip(arguments[::2], arguments[1::2], strict=True))
        headers = dict(value.split(": ", 1) for name, value in given if name == "-H")
        (content,) = (value for name, value in given if name == "-d")
        return self.send(method, url, headers, content.encode())

    def send(self, method: str, url: str, headers: Mapping[str, str], content: bytes = b"") -> Answer:
        """Send a request to the document's host, which is here."""
        assert urlsplit(url).netloc == self.host
        trusted = ssl.create_default_context(cafile=self.certificate)
        with httpx2.Client(verify=trusted, trust_env=False) as client:
            sent = client.request(
                method,
                url.replace(self.host, f"127.0.0.1:{self.port}"),
                headers={"Host": self.host, **headers},
                content=content,
                extensions={"sni_hostname": self.host},
            )
        return Answer(sent.status_code, {name.lower(): value for name, value in sent.headers.items()}, sent.content)

    def _by_curl(self, example: str) -> Answer:
        # all that is not printed stands in curl's own file, where a user's DNS and certificates would be
        home = self.certificate.parent
        (home / ".curlrc").write_text(
            f'connect-to = "{self.host}:443:127.0.0.1:{self.port}"\ncacert = "{self.certificate}"\n'
            'include\nsilent\nshow-error\nhttp1.1\nnoproxy = "*"\n'
        )
        ran = subprocess.run(
            ["bash", "-c", example], check=False, env={"HOME": str(home)}, capture_output=True, timeout=30
        )
        assert ran.returncode == 0, ran.stderr.decode()
        head, _, content = ran.stdout.partition(b"\r\n\r\n")
        status, *lines = head.decode("latin-1").split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines)
        return Answer(int(status.split()[1]), {name.lower(): value for name, value in headers.items()}, content)


_FORMS: dict[str, Callable[[str], object]] = {
    "moment": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ").fullmatch,
    "job id": re.compile(r"job_[a-z0-9]{12}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}").fullmatch,
    "url": re.compile(r"https?://[^\s]+").fullmatch,
}


def form(value: Any) -> Any:
    """Return what is alike in two JSON values that only tell of different things.

    Of an object the form of each field in their order, of a list those of its items, of text whether it is a moment, a
    job's id or a URL; of everything else its type.
    """
    match value:
        case dict():
            return [(name, form(one)) for name, one in value.items()]
        case list():
            return [form(one) for one in value]
        case str():
            return next((name for name, fits in _FORMS.items() if fits(value)), "text")
    return type(value).__name__
