"""What people read in a flow, English and Korean side by side: names and notes of nodes, messages, forms, columns.

``{…}`` stands for what the tool puts in.
"""

from __future__ import annotations

LANGUAGES = ("en", "ko")


class Words:
    """The words of one language, by key."""

    def __init__(self, language: str) -> None:
        self.language = language
        self._column = LANGUAGES.index(language)

    def __call__(self, key: str, **put_in: str) -> str:
        """Return the text of a key, filled in."""
        text = WORDS[key][self._column]
        return text.format(**put_in) if put_in else text

    def __contains__(self, key: str) -> bool:
        return key in WORDS


WORDS: dict[str, tuple[str, str]] = {
    # the flows
    "drive-to-slack": (
        "Masterify: Google Drive upload → master → Slack",
        "Masterify: Google Drive 업로드 → 마스터링 → Slack 전달",
    ),
    "airtable-queue": (
        "Masterify: Airtable queue → master → row update",
        "Masterify: Airtable 대기열 → 마스터링 → 행 업데이트",
    ),
    "form-to-mail": (
        "Masterify: form upload → master → client mail",
        "Masterify: 폼 업로드 → 마스터링 → 고객 메일",
    ),
    "deliver": ("{flow} (2 of 2: deliver)", "{flow} (2/2: 전달)"),
    "hand_in": ("{flow} (1 of 2: submit)", "{flow} (1/2: 제출)"),
    # names of nodes, and the notes below them
    "note": ("Set-up", "설정 방법"),
    "new_file": ("New audio file", "새 음원 파일"),
    "new_file.note": ("Choose the folder to watch.", "감시할 폴더를 고르세요."),
    "queued_row": ("Queued row", "대기 중인 행"),
    "queued_row.note": (
        "Choose base and table. Takes rows whose status is ready_to_master.",
        "베이스와 테이블을 고르세요. 상태가 ready_to_master인 행을 가져옵니다.",
    ),
    "form": ("Upload form", "업로드 폼"),
    "form.note": ("Give your clients its production URL.", "고객에게 Production URL을 알려 주세요."),
    "settings": ("Settings", "설정"),
    "settings.note": (
        "The only node that names the server. base_url ends in /masterify, without a slash.",
        "서버 주소는 이 노드에만 있습니다. base_url은 /masterify로 끝나며 뒤에 슬래시가 없습니다.",
    ),
    "each": ("One by one", "하나씩"),
    "each.note": (
        "Jobs of one run share a callback URL, so one is waited for at a time.",
        "한 번의 실행에서는 콜백 URL이 하나이므로 작업을 하나씩 기다립니다.",
    ),
    "download_source": ("Download audio", "음원 내려받기"),
    "download_source.note": ("Fetches the uploaded file.", "올라온 파일을 가져옵니다."),
    "submit": ("Submit to Masterify", "Masterify에 제출"),
    "submit.note": (
        "MP3, WAV or FLAC, at most 50 MB and 10 minutes.",
        "MP3, WAV, FLAC, 최대 50MB, 10분.",
    ),
    "is_accepted": ("Accepted?", "접수?"),
    "is_accepted.note": ("201: the job is queued and charged.", "201이면 작업이 접수되고 크레딧이 차감됩니다."),
    "is_busy": ("Too many at once?", "한도 초과?"),
    "is_busy.note": ("429: the plan allows no more at the moment.", "429이면 지금은 요금제 한도에 걸린 것입니다."),
    "wait_turn": ("Wait a minute", "1분 대기"),
    "wait_turn.note": ("Then it is tried again.", "그다음 다시 시도합니다."),
    "again": ("Take the song again", "음원 다시 가져오기"),
    "again.note": ("The refusal does not carry it.", "거절 응답에는 파일이 없습니다."),
    "wait": ("Wait for callback", "콜백 대기"),
    "wait.note": (
        "Masterify calls back when the job has ended. After 10 minutes the flow asks by itself.",
        "작업이 끝나면 Masterify가 콜백합니다. 10분이 지나면 직접 조회합니다.",
    ),
    "is_done": ("Done?", "완료?"),
    "is_done.note": ("Only a callback of this very job counts.", "바로 이 작업의 콜백만 인정합니다."),
    "is_failed": ("Failed?", "실패?"),
    "is_failed.note": ("If neither done nor failed, the job is asked for.", "완료도 실패도 아니면 작업을 조회합니다."),
    "pause": ("Pause", "잠시 멈춤"),
    "pause.note": ("Half a minute between two questions.", "조회 사이에 30초 쉽니다."),
    "ask": ("Ask for the job", "작업 조회"),
    "ask.note": ("The poll behind the callback.", "콜백이 없을 때를 위한 폴링입니다."),
    "download": ("Download master", "마스터 내려받기"),
    "download.note": (
        "One platform gives the file, several give a ZIP.",
        "플랫폼이 하나면 파일, 여럿이면 ZIP입니다.",
    ),
    "deliver_to_slack": ("Deliver to Slack", "Slack으로 전달"),
    "deliver_to_slack.note": ("Uploads the master to the channel.", "마스터를 채널에 올립니다."),
    "tell_failure": ("Report failure to Slack", "Slack에 실패 알림"),
    "tell_failure.note": ("Says which file and why.", "어떤 파일이 왜 실패했는지 알립니다."),
    "row_processing": ("Mark row processing", "처리 중으로 표시"),
    "row_processing.note": ("So that nothing takes the row again.", "행이 다시 처리되지 않게 합니다."),
    "row_done": ("Mark row done", "완료로 표시"),
    "row_done.note": ("Writes the status and the link of the master.", "상태와 마스터 링크를 적습니다."),
    "row_failed": ("Mark row failed", "실패로 표시"),
    "row_failed.note": ("Writes the status and the reason.", "상태와 이유를 적습니다."),
    "mail_client": ("Mail the client", "고객에게 메일"),
    "mail_client.note": (
        "A master up to 15 MB is attached; the link is always there.",
        "15MB까지는 첨부하고, 링크는 항상 넣습니다.",
    ),
    "mail_failure": ("Mail the failure to the studio", "스튜디오에 실패 메일"),
    "mail_failure.note": ("A reply goes to the client.", "답장은 고객에게 갑니다."),
    "callback": ("Callback", "콜백"),
    "route": ("Done or failed", "완료 또는 실패"),
    "accepted": ("Accepted", "접수됨"),
    "refused": ("Refused", "거절됨"),
    "done": ("Done", "완료"),
    "failed": ("Failed", "실패"),
    # credentials
    "httpBearerAuth": ("Masterify API key", "Masterify API 키"),
    "googleDriveOAuth2Api": ("Google Drive", "Google Drive"),
    "airtableTokenApi": ("Airtable", "Airtable"),
    "slackApi": ("Slack", "Slack"),
    "smtp": ("Mail server", "메일 서버"),
    # columns of the table
    "column_status": ("Status", "상태"),
    "column_audio": ("Audio", "음원"),
    "column_master": ("Master URL", "마스터 URL"),
    "column_error": ("Error", "오류"),
    "column_modified": ("Last modified", "최종 수정 시각"),
    # the form
    "form_title": ("Send us your track", "음원 보내기"),
    "form_about": (
        "MP3, WAV or FLAC, at most 50 MB and 10 minutes. The master comes by mail.",
        "MP3, WAV, FLAC, 최대 50MB, 10분까지. 마스터는 메일로 보내 드립니다.",
    ),
    "form_thanks": (
        "Thank you. Your master will come by mail.",
        "감사합니다. 마스터링이 끝나면 메일로 보내 드리겠습니다.",
    ),
    "field_mail": ("Mail address", "메일 주소"),
    "field_audio": ("Audio file", "음원 파일"),
    # messages
    "slack_done": ("Master of {file} is ready.", "{file} 마스터가 준비되었습니다."),
    "slack_failed": ("{file} could not be mastered: {why}", "{file} 마스터링에 실패했습니다: {why}"),
    "mail_done_subject": ("Your master is ready", "마스터가 준비되었습니다"),
    "mail_done": (
        "Your track has been mastered. Download it within 24 hours:\n\n{links}\n",
        "음원 마스터링이 끝났습니다. 24시간 안에 내려받아 주세요:\n\n{links}\n",
    ),
    "mail_failed_subject": ("A track could not be mastered", "마스터링 실패 안내"),
    "mail_failed": (
        "The track of {client} could not be mastered: {why}\n\nReply to this mail to write to the client.\n",
        "{client} 님의 음원을 마스터링하지 못했습니다: {why}\n\n이 메일에 답장하면 고객에게 전달됩니다.\n",
    ),
    # the steps, on the flow itself
    "drive-to-slack.steps": (
        "## Google Drive upload → master → Slack\n"
        "1. **Settings**: put the address of your Soundrack into `base_url` and the channel's ID into "
        "`slack_channel`.\n"
        "2. Credentials: **Masterify API key** (Bearer Auth, `aim_live_…`), **Google Drive**, "
        "**Slack** (scopes `chat:write`, `files:write`; invite the app to the channel).\n"
        "3. **New audio file**: choose the folder.\n"
        "4. Soundrack must reach this n8n: add its address to `SOUNDRACK_OUTBOUND_ALLOW` if it is not public.\n"
        "5. Activate, and upload a song.\n\n"
        "Every new file comes back as a message with the master; what fails, as a message with the reason.",
        "## Google Drive 업로드 → 마스터링 → Slack 전달\n"
        "1. **설정**: `base_url`에 Soundrack 주소를, `slack_channel`에 채널 ID를 넣으세요.\n"
        "2. 자격 증명: **Masterify API 키**(Bearer Auth, `aim_live_…`), **Google Drive**, "
        "**Slack**(권한 `chat:write`, `files:write`; 앱을 채널에 초대).\n"
        "3. **새 음원 파일**: 폴더를 고르세요.\n"
        "4. Soundrack이 이 n8n에 접속할 수 있어야 합니다. 공개 주소가 아니면 "
        "`SOUNDRACK_OUTBOUND_ALLOW`에 추가하세요.\n"
        "5. 활성화한 뒤 음원을 올려 보세요.\n\n"
        "새 파일마다 마스터가 담긴 메시지가, 실패하면 이유가 담긴 메시지가 옵니다.",
    ),
    "airtable-queue.steps": (
        "## Airtable queue → master → row update\n"
        "1. Table: `Status` (single select: ready_to_master, processing, done, failed), `Audio` (attachment), "
        "`Master URL` and `Error` (long text), `Last modified` (last modified time of `Status`).\n"
        "2. **Settings**: `base_url`, `airtable_base` (app…), `airtable_table` (tbl…).\n"
        "3. **Queued row**: the same base and table.\n"
        "4. Credentials: **Masterify API key** (Bearer Auth, `aim_live_…`), "
        "**Airtable** (scopes `data.records:read`, `data.records:write`, `schema.bases:read`).\n"
        "5. Soundrack must reach this n8n: add its address to `SOUNDRACK_OUTBOUND_ALLOW` if it is not public.\n"
        "6. Activate, and set a row to `ready_to_master`.\n\n"
        "The row becomes `processing`, then `done` with the link, or `failed` with the reason.",
        "## Airtable 대기열 → 마스터링 → 행 업데이트\n"
        "1. 테이블: `상태`(단일 선택: ready_to_master, processing, done, failed), `음원`(첨부 파일), "
        "`마스터 URL`과 `오류`(긴 텍스트), `최종 수정 시각`(`상태`의 최종 수정 시각).\n"
        "2. **설정**: `base_url`, `airtable_base`(app…), `airtable_table`(tbl…).\n"
        "3. **대기 중인 행**: 같은 베이스와 테이블을 고르세요.\n"
        "4. 자격 증명: **Masterify API 키**(Bearer Auth, `aim_live_…`), "
        "**Airtable**(권한 `data.records:read`, `data.records:write`, `schema.bases:read`).\n"
        "5. Soundrack이 이 n8n에 접속할 수 있어야 합니다. 공개 주소가 아니면 "
        "`SOUNDRACK_OUTBOUND_ALLOW`에 추가하세요.\n"
        "6. 활성화한 뒤 행의 상태를 `ready_to_master`로 바꾸세요.\n\n"
        "행은 `processing`이 되었다가 링크와 함께 `done`, 또는 이유와 함께 `failed`가 됩니다.",
    ),
    "form-to-mail.steps": (
        "## Form upload → master → client mail\n"
        "1. **Settings**: put the address of your Soundrack into `base_url` and your own into `studio_mail`.\n"
        "2. Credentials: **Masterify API key** (Bearer Auth, `aim_live_…`), **Mail server** (SMTP).\n"
        "3. Soundrack must reach this n8n: add its address to `SOUNDRACK_OUTBOUND_ALLOW` if it is not public.\n"
        "4. Activate, and give your clients the production URL of **Upload form**.\n\n"
        "The client gets the master by mail; what fails is told to the studio, with the reason.",
        "## 폼 업로드 → 마스터링 → 고객 메일\n"
        "1. **설정**: `base_url`에 Soundrack 주소를, `studio_mail`에 스튜디오 메일 주소를 넣으세요.\n"
        "2. 자격 증명: **Masterify API 키**(Bearer Auth, `aim_live_…`), **메일 서버**(SMTP).\n"
        "3. Soundrack이 이 n8n에 접속할 수 있어야 합니다. 공개 주소가 아니면 "
        "`SOUNDRACK_OUTBOUND_ALLOW`에 추가하세요.\n"
        "4. 활성화한 뒤 고객에게 **업로드 폼**의 Production URL을 알려 주세요.\n\n"
        "고객은 마스터를 메일로 받고, 실패하면 스튜디오가 이유와 함께 알림을 받습니다.",
    ),
}
"""English and Korean of each key. ``<node>.note`` is the note below a node, ``<flow>.steps`` the note beside a flow."""
