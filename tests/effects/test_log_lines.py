from __future__ import annotations

import io
import json
import logging
import subprocess
import sys
from collections.abc import Iterator

import pytest

from bot.effects.log_context import about
from bot.effects.log_lines import SafeLines, redact

BOT = "xoxb-12345-abcdef"
APP = "xapp-1-A0-999-ffff"
COOKIE = "0a1b2c3d4e5f"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    """Give what a logger of the bot writes through the formatter."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(SafeLines([COOKIE, "abc"]))
    logger = logging.getLogger("bot")
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"posting with {BOT} now", "posting with xoxb-*** now"),
        (f"token={APP}", "token=xapp-***"),
        ("rediss://bot:hunter2@redis.example:6380/0", "rediss://***@redis.example:6380/0"),
        ("redis://:hunter2@127.0.0.1/0 is away", "redis://***@127.0.0.1/0 is away"),
        ("postgresql+psycopg://bot:hunter2@db/bot", "postgresql+psycopg://***@db/bot"),
        ("Authorization: Bearer abc.def\nnext", "Authorization: ***\nnext"),
        ("{'Cookie': 'session=abc; theme=dark'}", "{'Cookie': ***"),
        ("X-Slack-Signature: v0=a2114d57b48e", "X-Slack-Signature: ***"),
        (f"the page held {COOKIE}", "the page held ***"),
        (
            "R-42 took 7,002 keys of anp:page:/products*",
            "R-42 took 7,002 keys of anp:page:/products*",
        ),
        ("see http://127.0.0.1:8765/#C01REL", "see http://127.0.0.1:8765/#C01REL"),
    ],
)
def test_a_secret_becomes_stars_and_the_rest_stays(text: str, shown: str) -> None:
    assert redact(text, [COOKIE]) == shown


def test_each_event_is_one_line_of_json(lines: io.StringIO) -> None:
    logging.getLogger("bot.work").warning("took %d keys\nforged: line, abc", 3)
    (line,) = lines.getvalue().splitlines()
    event = json.loads(line)
    assert event.pop("at").endswith("+00:00")
    assert event == {
        "level": "warning",
        "from": "bot.work",
        "message": "took 3 keys\nforged: line, abc",
    }


def test_a_traceback_holds_no_secret(lines: io.StringIO) -> None:
    try:
        raise ValueError(f"no answer from redis://bot:hunter2@cache/0 with {BOT} and {COOKIE}")
    except ValueError:
        logging.getLogger("bot").exception("failed")
    (line,) = lines.getvalue().splitlines()
    said = json.loads(line)["message"].splitlines()
    assert said[0] == "failed"
    assert said[-1] == "ValueError: no answer from redis://***@cache/0 with xoxb-*** and ***"
    assert [word for word in ("hunter2", "12345-abcdef", COOKIE) if word in line] == []


def test_the_log_goes_to_standard_error_and_libraries_speak_from_warning_on() -> None:
    program = (
        "import logging\n"
        "from bot.effects.log_lines import log_to_stderr\n"
        "log_to_stderr(['hunter2'])\n"
        "logging.getLogger('bot.work').info('begun with hunter2')\n"
        "logging.getLogger('urllib3').info('a connection')\n"
        "logging.getLogger('urllib3').warning('a retry')\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=30
    )
    events = [json.loads(line) for line in ran.stderr.splitlines()]
    assert [(event["from"], event["message"]) for event in events] == [
        ("bot.work", "begun with ***"),
        ("urllib3", "a retry"),
    ]
    assert ran.stdout == ""


def test_every_line_of_a_release_names_the_work_and_the_release(lines: io.StringIO) -> None:
    log = logging.getLogger("bot.work")
    log.warning("before")
    with about(action="purge:42:3:v1"):
        log.warning("read")
        with about(release=42):
            log.warning("taken\r\nlevel: forged")
            with about(action="rollback:42:1"):
                log.warning("undone")
        log.warning("ended")
    log.warning("after")
    written = lines.getvalue()
    events = [json.loads(line) for line in written.splitlines()]
    assert "\r" not in written
    assert [(event.get("action"), event.get("release")) for event in events] == [
        (None, None),
        ("purge:42:3:v1", None),
        ("purge:42:3:v1", "R-42"),
        ("rollback:42:1", "R-42"),
        ("purge:42:3:v1", None),
        (None, None),
    ]


@pytest.mark.parametrize("mark", ["\u2028", "\u2029", "\x85", "\v", "\x1b[2J"])
def test_no_mark_that_a_reader_takes_for_the_end_of_a_line_is_written(
    lines: io.StringIO, mark: str
) -> None:
    logging.getLogger("bot").warning("one%stwo", mark)
    assert len(lines.getvalue().splitlines()) == 1
    assert mark not in lines.getvalue()
    assert json.loads(lines.getvalue())["message"] == f"one{mark}two"
