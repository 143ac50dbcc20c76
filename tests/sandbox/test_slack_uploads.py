from __future__ import annotations

import json

import requests
from slack_sdk import WebClient

from bot.sandbox.slack.server import SandboxSlack
from tests.sandbox.looking import CHANNEL, refusal, seen


def test_a_file_is_uploaded_shared_and_read_again(
    sandbox_slack: SandboxSlack, sandbox_client: WebClient
) -> None:
    root = str(sandbox_client.chat_postMessage(channel=CHANNEL, text="root")["ts"])
    sandbox_client.files_upload_v2(
        content="p95;171\n",
        filename="times 1.csv",
        title="Times",
        channel=CHANNEL,
        thread_ts=root,
        initial_comment="Raw samples",
    )
    message = seen(sandbox_slack)[-1]
    assert (message["text"], message["thread_ts"]) == ("Raw samples", root)
    (file,) = message["files"]
    assert file["name"] == "Times"
    answer = requests.get(sandbox_slack.url + file["url"].lstrip("/"), timeout=5)
    assert (answer.text, answer.headers["Content-Type"]) == (
        "p95;171\n",
        "text/plain; charset=utf-8",
    )


def test_an_upload_has_to_be_as_long_as_announced_and_there_before_it_is_shared(
    sandbox_client: WebClient,
) -> None:
    file = sandbox_client.files_getUploadURLExternal(filename="a.txt", length=3)
    early = refusal(
        lambda: sandbox_client.files_completeUploadExternal(
            files=[{"id": file["file_id"], "title": "a"}], channel_id=CHANNEL
        )
    )
    assert early["error"] == "file_not_found"
    sent = requests.put(str(file["upload_url"]), data=b"four", timeout=5)
    assert (sent.status_code, sent.text) == (400, "size_mismatch")
    assert requests.post(str(file["upload_url"]), data=b"abc", timeout=5).text == "OK"
    done = sandbox_client.files_completeUploadExternal(
        files=[{"id": file["file_id"], "title": "a"}], channel_id=CHANNEL
    )
    assert done["files"][0]["size"] == 3


def test_numbers_have_to_be_numbers(sandbox_slack: SandboxSlack) -> None:
    answer = requests.post(
        f"{sandbox_slack.api_url}files.getUploadURLExternal",
        data={"filename": "a", "length": "many"},
        headers={"Authorization": "Bearer xoxb-sandbox"},
        timeout=5,
    )
    assert json.loads(answer.text)["response_metadata"] == {
        "messages": ["[ERROR] must be an integer [json-pointer:/length]"]
    }
