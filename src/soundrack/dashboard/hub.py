"""Masterify's template hub: which flows there are, and their files.

`flows` is a symbolic link to the project's folder ``templates/flows``; a wheel has them as files.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from soundrack.dashboard.pages import page
from soundrack.errors import NotFound

FOLDER = Path(__file__).parent / "flows"
"""Where the files are."""
router = APIRouter(prefix="/templates")


@dataclass(frozen=True)
class Flow:
    """A flow as the page shows it."""

    name: str
    title: str
    about: str
    guide: str
    """Where its set-up begins on the page of the language's guide."""


@dataclass(frozen=True)
class Shelf:
    """The page in one language."""

    language: str
    title: str
    about: str
    whole: str
    first: str
    second: str
    set_up: str
    untried: str
    other: str
    """The name of the other language, in that language."""
    guide: str
    flows: tuple[Flow, ...]

    def file(self, tool: str, flow: Flow, part: str = "") -> str:
        """Return where a flow's file is."""
        return f"/templates/{tool}-{flow.name}{part}.{self.language}.json"


_ENGLISH = Shelf(
    language="en",
    title="Template hub",
    about="Flows that master by Masterify’s API, to be imported as they are. They wait for the callback, ask by "
    "themselves if none comes, and tell what failed and why.",
    whole="Workflow",
    first="1 Submit",
    second="2 Deliver",
    set_up="Set-up and troubleshooting",
    untried="The n8n workflows were executed in a real n8n. The Make blueprints were never imported into Make: only "
    "their structure is checked.",
    other="한국어",
    guide="/docs/masterify-templates",
    flows=(
        Flow(
            "drive-to-slack",
            "Google Drive upload → master → Slack",
            "Each new file in a folder comes back into a Slack channel, mastered.",
            "google-drive-to-slack",
        ),
        Flow(
            "airtable-queue",
            "Airtable queue → master → row update",
            "Rows that are ready get their status and the link of their master.",
            "airtable-queue",
        ),
        Flow(
            "form-to-mail",
            "Form upload → master → client mail",
            "Clients send a song by a form and get the master by mail.",
            "form-to-mail",
        ),
    ),
)
_KOREAN = Shelf(
    language="ko",
    title="템플릿 허브",
    about="Masterify API로 마스터링하는 플로입니다. 그대로 가져와 쓸 수 있으며, 콜백을 기다리고, 오지 않으면 직접 "
    "조회하고, 무엇이 왜 실패했는지 알려 줍니다.",
    whole="워크플로",
    first="1 제출",
    second="2 전달",
    set_up="설정과 문제 해결",
    untried="n8n 워크플로는 실제 n8n에서 실행해 보았습니다. Make 블루프린트는 Make에 가져와 본 적이 없으며 구조만 "
    "검사했습니다.",
    other="English",
    guide="/docs/masterify-templates-ko",
    flows=(
        Flow(
            "drive-to-slack",
            "Google Drive 업로드 → 마스터링 → Slack 전달",
            "폴더에 올린 파일이 마스터가 되어 Slack 채널로 돌아옵니다.",
            "google-drive에서-slack으로",
        ),
        Flow(
            "airtable-queue",
            "Airtable 대기열 → 마스터링 → 행 업데이트",
            "준비된 행에 상태와 마스터 링크가 적힙니다.",
            "airtable-대기열",
        ),
        Flow(
            "form-to-mail",
            "폼 업로드 → 마스터링 → 고객 메일",
            "고객이 폼으로 음원을 보내고 메일로 마스터를 받습니다.",
            "폼에서-메일로",
        ),
    ),
)


@router.get("")
def english(request: Request) -> Response:
    """List the flows in English."""
    return page(request, "hub.html", shelf=_ENGLISH, elsewhere="/templates/ko")


@router.get("/ko")
def korean(request: Request) -> Response:
    """List the flows in Korean."""
    return page(request, "hub.html", shelf=_KOREAN, elsewhere="/templates")


@router.get("/{name}.json")
def download(name: str) -> Response:
    """Give a flow's file.

    Raises
    ------
    NotFound
        If there is none of this name.
    """
    content = _files().get(f"{name}.json")
    if content is None:
        raise NotFound("There is no such template.")
    headers = {"Content-Disposition": f'attachment; filename="{name}.json"'}
    return Response(content, media_type="application/json", headers=headers)


@cache
def _files() -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in FOLDER.glob("*.json")}
