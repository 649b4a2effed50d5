"""Master a song with the generated client alone. Arguments: base URL, key, song, destination.

It runs in the client's environment and knows nothing of Soundrack: only what the description made of it.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import TypeVar

import httpx
from black_lab_client import AuthenticatedClient
from black_lab_client.api.account import get_account
from black_lab_client.api.assets import create_upload_url
from black_lab_client.api.mastering import cancel_job, create_job, get_job, list_jobs
from black_lab_client.models import (
    Account,
    CreateJob,
    CreateUpload,
    CreateUploadContentType,
    ErrorBody,
    ErrorCode,
    Format,
    Job,
    JobList,
    JobStatus,
    Preset,
    Upload,
)

T = TypeVar("T")
WITHIN_S = 180.0


def need(kind: type[T], answer: object) -> T:
    """Return an answer of the kind that is expected, or give up with what came instead."""
    if not isinstance(answer, kind):
        raise SystemExit(f"expected {kind.__name__}, got {answer!r}")
    return answer


def main(base_url: str, key: str, song: str, destination: str) -> None:
    client = AuthenticatedClient(base_url=base_url, token=key, raise_on_unexpected_status=True)
    content = Path(song).read_bytes()
    before = need(Account, get_account.sync(client=client))

    announced = CreateUpload(
        filename=Path(song).name, content_type=CreateUploadContentType.AUDIOWAV, size_bytes=len(content)
    )
    upload = need(Upload, create_upload_url.sync(client=client, body=announced))
    sent = httpx.put(upload.upload_url, content=content, headers={"Content-Type": "audio/wav"}, timeout=60)
    sent.raise_for_status()

    asked = CreateJob(input_url=upload.asset_url, preset=Preset.WARM, format_=Format.FLAC)
    made = need(Job, create_job.sync(client=client, body=asked, idempotency_key="the song"))
    again = need(Job, create_job.sync(client=client, body=asked, idempotency_key="the song"))

    deadline = time.monotonic() + WITHIN_S
    job = made
    while job.status in {JobStatus.QUEUED, JobStatus.PROCESSING} and time.monotonic() < deadline:
        time.sleep(0.2)
        job = need(Job, get_job.sync(job.id, client=client))
    Path(destination).write_bytes(httpx.get(str(job.output_url), timeout=60).raise_for_status().content)

    late = need(ErrorBody, cancel_job.sync(job.id, client=client))
    none = need(ErrorBody, get_job.sync("job_000000000000", client=client))
    listed = need(JobList, list_jobs.sync(client=client, status=JobStatus.COMPLETED, limit=1))
    print(
        json.dumps(
            {
                "status": str(job.status),
                "same_job": made.id == again.id,
                "charged": before.credits_.balance - need(Account, get_account.sync(client=client)).credits_.balance,
                "late": late.error.code is ErrorCode.CONFLICT,
                "none": none.error.code is ErrorCode.NOT_FOUND,
                "listed": [one.id == job.id for one in listed.data],
                "has_more": listed.has_more,
            }
        )
    )


if __name__ == "__main__":
    main(*sys.argv[1:])
