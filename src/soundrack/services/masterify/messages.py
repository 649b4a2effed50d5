"""Every sentence that Masterify says to a caller, in both languages, side by side.

``docs/masterify-messages.md`` shows the same table; a test holds the two together. What is put into a sentence stands
before or after a colon or is a number, so that no Korean particle depends on it.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from soundrack.errors import (
    Cancelled,
    Internal,
    ResourcesExhausted,
    TooLarge,
    TooLong,
    UnsupportedFormat,
    UnusableAudio,
)
from soundrack.services.languages import Language


class Message(Enum):
    """A code and its sentence, Korean and English. One code can have several sentences, each for a case of its own."""

    def __init__(self, code: str, korean: str, english: str) -> None:
        self.code = code
        self.korean = korean
        self.english = english

    FILE_TOO_LARGE = (
        "FILE_TOO_LARGE",
        "{field}: 파일 크기가 {limit}MB를 초과합니다.",
        "{field}: the file exceeds {limit} MB.",
    )
    UNSUPPORTED_FORMAT = (
        "UNSUPPORTED_FORMAT",
        "{field}: 지원하지 않는 파일 형식입니다. MP3, WAV, FLAC만 사용할 수 있습니다.",
        "{field}: unsupported file format. Only MP3, WAV and FLAC are supported.",
    )
    FILE_TOO_LONG = (
        "FILE_TOO_LONG",
        "{field}: 파일 길이가 {limit}분을 초과합니다.",
        "{field}: the file exceeds {limit} minutes.",
    )
    INVALID_PLATFORM = (
        "INVALID_PLATFORM",
        "알 수 없는 플랫폼입니다: {value}. 사용할 수 있는 플랫폼: {choices}.",
        "Unknown platform: {value}. The platforms are: {choices}.",
    )
    PLATFORM_NOT_IN_JOB = (
        "INVALID_PLATFORM",
        "이 작업에 포함되지 않은 플랫폼입니다: {value}. 이 작업의 플랫폼: {choices}.",
        "This platform is not part of the job: {value}. The platforms of the job are: {choices}.",
    )
    NO_API_KEY = (
        "INVALID_API_KEY",
        "API 키가 없습니다. Authorization 헤더에 Bearer aim_live_… 형식으로 보내 주십시오.",
        "There is no API key. Send it in the Authorization header: Bearer aim_live_….",
    )
    MALFORMED_API_KEY = (
        "INVALID_API_KEY",
        "API 키의 형식이 올바르지 않습니다. 키는 aim_live_와 32자로 이루어집니다.",
        "This is not the form of an API key: a key is aim_live_ and 32 characters.",
    )
    INVALID_API_KEY = (
        "INVALID_API_KEY",
        "유효하지 않은 API 키입니다.",
        "The API key is not valid.",
    )
    INSUFFICIENT_CREDITS = (
        "INSUFFICIENT_CREDITS",
        "크레딧이 부족합니다.",
        "Insufficient credits.",
    )
    FORBIDDEN = (
        "FORBIDDEN",
        "허용되지 않은 요청입니다. HTTPS로 요청하였는지, 요금제에 API 사용이 포함되어 있는지 확인해 주십시오.",
        "This request is not allowed. See that it is sent by HTTPS, and that your plan includes the API.",
    )
    CONCURRENT_LIMIT = (
        "CONCURRENT_LIMIT",
        "동시에 처리할 수 있는 작업 수를 초과했습니다. {seconds}초 후에 다시 시도해 주십시오.",
        "Concurrent processing limit exceeded. Try again in {seconds} s.",
    )
    RATE_LIMIT = (
        "RATE_LIMIT",
        "요청 한도를 초과했습니다. {seconds}초 후에 다시 시도해 주십시오.",
        "Rate limit exceeded. Try again in {seconds} s.",
    )
    MISSING_FIELD = (
        "INVALID_REQUEST",
        "{field}: 필수 항목이 없습니다.",
        "{field}: a required field is missing.",
    )
    REPEATED_FIELD = (
        "INVALID_REQUEST",
        "{field}: 같은 항목이 두 번 이상 있습니다.",
        "{field}: a field is given more than once.",
    )
    EMPTY_FILE = (
        "INVALID_REQUEST",
        "{field}: 파일이 비어 있습니다.",
        "{field}: the file is empty.",
    )
    NO_PLATFORM = (
        "INVALID_REQUEST",
        "{field}: 플랫폼을 하나 이상 지정해 주십시오. 사용할 수 있는 플랫폼: {choices}.",
        "{field}: name at least one platform. The platforms are: {choices}.",
    )
    UNKNOWN_CHOICE = (
        "INVALID_REQUEST",
        "{field}: 사용할 수 없는 값입니다. 사용할 수 있는 값: {choices}.",
        "{field}: the value cannot be used. The values are: {choices}.",
    )
    UNREADABLE_TEXT = (
        "INVALID_REQUEST",
        "{field}: UTF-8 텍스트가 아니거나 너무 긴 항목입니다.",
        "{field}: the field is not UTF-8 text, or it is too long.",
    )
    UNUSABLE_URL = (
        "INVALID_REQUEST",
        "{field}: 사용할 수 없는 URL입니다. 외부에서 접근할 수 있는 http 또는 https URL을 입력해 주십시오.",
        "{field}: the URL cannot be used. Give a public http or https URL.",
    )
    NOT_A_FORM = (
        "INVALID_REQUEST",
        "{field}: 요청 본문은 boundary가 있는 multipart/form-data여야 합니다.",
        "{field}: the request body must be multipart/form-data with a boundary.",
    )
    UNREADABLE_FORM = (
        "INVALID_REQUEST",
        "요청 본문을 읽을 수 없습니다. multipart/form-data 형식이 올바르지 않거나 본문이 중간에 끊겼습니다.",
        "The request body cannot be read: it is not well-formed multipart/form-data, or it ends too early.",
    )
    TOO_SLOW = (
        "INVALID_REQUEST",
        "업로드 시간이 초과되었습니다. 다시 시도해 주십시오.",
        "The upload took too long. Please try again.",
    )
    UNACCEPTABLE_VALUE = (
        "INVALID_REQUEST",
        "{field}: 요청 값을 처리할 수 없습니다.",
        "{field}: a value of the request cannot be accepted.",
    )
    JOB_NOT_FOUND = (
        "JOB_NOT_FOUND",
        "작업을 찾을 수 없습니다.",
        "There is no such job.",
    )
    JOB_NOT_READY = (
        "JOB_NOT_READY",
        "아직 완료되지 않은 작업입니다. 상태가 done이 된 후에 다운로드해 주십시오.",
        "The job is not done yet. Download it when its status is done.",
    )
    JOB_FAILED = (
        "JOB_FAILED",
        "실패한 작업이므로 다운로드할 결과가 없습니다.",
        "The job has failed, so there is nothing to download.",
    )
    RESULT_EXPIRED = (
        "RESULT_EXPIRED",
        "보관 기간이 지나 결과 파일이 삭제되었습니다.",
        "The result has been deleted, as its time was over.",
    )
    NOT_FOUND = (
        "NOT_FOUND",
        "존재하지 않는 경로 또는 메서드입니다.",
        "There is no such path, or it has no such method.",
    )
    INTERNAL_ERROR = (
        "INTERNAL_ERROR",
        "서버 내부 오류가 발생했습니다. 잠시 후 다시 시도해 주십시오.",
        "An internal error happened. Please try again later.",
    )

    def said(self, language: Language, **values: Any) -> str:
        """Return the sentence."""
        return (self.korean if language is Language.KOREAN else self.english).format(**values)


class Failure(Enum):
    """Why a job failed: the error's kind and its sentence, Korean and English."""

    def __init__(self, kind: str, korean: str, english: str) -> None:
        self.kind = kind
        self.korean = korean
        self.english = english

    # the document's own words, which have no full stop
    UNSUPPORTED_FORMAT = (UnsupportedFormat.kind, "지원하지 않는 파일 형식입니다", "Unsupported file format")
    TOO_LONG = (TooLong.kind, "파일 길이가 {limit}분을 초과합니다", "The file exceeds {limit} minutes")
    TOO_LARGE = (
        TooLarge.kind,
        "파일의 샘플 수가 너무 많아 처리할 수 없습니다",
        "The file holds more samples than can be processed",
    )
    UNUSABLE_AUDIO = (
        UnusableAudio.kind,
        "오디오를 처리할 수 없습니다. 파일이 손상되었거나 무음이거나 너무 짧습니다",
        "The audio cannot be processed: it is damaged, silent or too short",
    )
    RESOURCES_EXHAUSTED = (
        ResourcesExhausted.kind,
        "허용된 처리 시간 또는 메모리를 초과했습니다",
        "The work took more time or memory than a job may have",
    )
    CANCELLED = (Cancelled.kind, "작업이 취소되었습니다", "The job was cancelled")
    INTERNAL = (Internal.kind, "내부 오류로 작업에 실패했습니다", "The job failed because of an internal error")

    def said(self, language: Language, **values: Any) -> str:
        """Return the sentence."""
        return (self.korean if language is Language.KOREAN else self.english).format(**values)


_FAILURES = {one.kind: one for one in Failure}


def of_failure(kind: str) -> Failure:
    """Return why a job failed, by the kind of its error; what has no sentence of its own is our fault."""
    return _FAILURES.get(kind, Failure.INTERNAL)


def table() -> str:
    """Return all sentences as the tables of the documentation."""
    rows = ["| code | 한국어 | English |", "|---|---|---|"]
    rows += [f"| `{one.code}` | {_shown(one.korean)} | {_shown(one.english)} |" for one in Message]
    rows += ["", "| `error_message` (한국어) | `error_message` (English) |", "|---|---|"]
    rows += [f"| {_shown(one.korean)} | {_shown(one.english)} |" for one in Failure]
    return "\n".join(rows) + "\n"


def _shown(sentence: str) -> str:
    return sentence.replace("{", "`{").replace("}", "}`")
