"""A release led by mentions alone: each verb that people type in its thread, what it does, and when it does nothing."""

from __future__ import annotations

import pytest

from bot.commands import Ask, Form, Reply, Said
from bot.release.people import Person
from bot.release.refusal import Refusal
from bot.release.states import ReleaseState
from bot.slack.hearing import hear_mention
from tests.talk.conftest import Talk

OLGA, ARI, NICO, DANA = "U01OWNER", "U02APPROVER", "U03ONCALL", "U09NOBODY"
PEOPLE = {"olga": OLGA, "ari": ARI, "nico": NICO, "dana": DANA}
BOT = "U0BOT"
START = 'start shop products "New price table" --previous v1'


def mentioned(talk: Talk, text: str, who: str, *, release: int | None = 1) -> Reply:
    """Carry out a message in the thread of a release; with None it stands in the channel."""
    heard = hear_mention(
        {
            "event": {"user": who, "text": f"<@{BOT}> {text}", "channel": "C01REL"},
            "event_id": "Ev1",
        },
        BOT,
    )
    assert heard is not None
    request = heard.read()
    ask = Ask(
        verb=request.verb,
        who=Person(id=heard.user),
        at=talk.clock.now(),
        door=request.door,
        channel=heard.place.channel,
        words=request.words,
        fields=request.fields,
        release=request.release or release,
        step=request.step,
    )
    reply = talk.tools.commands[request.verb].run(ask, talk.tools)
    talk.work()
    return reply


def answer(talk: Talk, text: str, who: str, *, release: int | None = 1) -> str:
    """Return what the person is told: the answer, what failed, or the question that a dialog would ask."""
    try:
        told = mentioned(talk, text, who, release=release)
    except Refusal as refusal:
        return refusal.failed
    if isinstance(told, Form):
        return told.fields[0].label
    assert isinstance(told, Said)
    return told.text


def by_name(text: str) -> str:
    """Return the text with people's names for their ids."""
    for name, user in PEOPLE.items():
        text = text.replace(f"<@{user}>", f"@{name}")
    return text


def by_id(text: str) -> str:
    """Return the text as Slack sends it."""
    for name, user in PEOPLE.items():
        text = text.replace(f"@{name}", f"<@{user}>")
    return text


RUN, APPROVED = ("run", OLGA), ("approve", ARI)
# Who: what they type -> what they are told, and below it three steps and the release after that.
WALK = """
dana: run -> Run step 1: not allowed for you. Nothing was changed.
    ready waiting waiting, open
ari: approve -> Cannot approve while ready.
    ready waiting waiting, open
olga: run -> Running step 1: Inspect cache headers.
    judged waiting waiting, open
olga: approve -> Not approved: you started this release. Nothing was changed.
    judged waiting waiting, open
dana: approve -> Not approved: you are not an approver of this app. Nothing was changed.
    judged waiting waiting, open
dana: reject looks wrong -> Not rejected: you are not an approver of this app. Nothing was changed.
    judged waiting waiting, open
ari: reject -> What must change before a yes?
    judged waiting waiting, open
ari: reject looks wrong -> Rejected step 1: looks wrong
    stopped waiting waiting, open
ari: approve -> Cannot approve while stopped.
    stopped waiting waiting, open
olga: run -> Running step 1: Inspect cache headers.
    judged waiting waiting, open
ari: approve -> Approved: step 1.
    done ready waiting, open
dana: skip no need -> Skip step 2: not allowed for you. Nothing was changed.
    done ready waiting, open
ari: skip -> Why may “Test logged-in traffic” be skipped?
    done ready waiting, open
dana: owner @dana -> Hand over step 2: not allowed for you. Nothing was changed.
    done ready waiting, open
ari: owner -> New owner
    done ready waiting, open
ari: owner @nico -> Step 2 is @nico's now.
    done ready waiting, open
ari: skip no need -> Skipped step 2: no need
    done skipped ready, open
dana: status -> R-1 is open, step 3 of 5 is next: New price table.
    done skipped ready, open
dana: note -> What did you see?
    done skipped ready, open
dana: note the cart is slow -> Noted in the timeline of R-1.
    done skipped ready, open
dana: rollback -> Roll back R-1: not allowed for you. Nothing was changed.
    done skipped ready, open
nico: rollback -> Rolling back R-1.
    done skipped ready, rolled_back
olga: run -> R-1 is rolled back. Nothing was done.
    done skipped ready, rolled_back
ari: approve -> R-1 is rolled back. Nothing was done.
    done skipped ready, rolled_back
ari: reject too late -> R-1 is rolled back. Nothing was done.
    done skipped ready, rolled_back
ari: skip too late -> R-1 is rolled back. Nothing was done.
    done skipped ready, rolled_back
ari: owner @dana -> R-1 is rolled back. Nothing was done.
    done skipped ready, rolled_back
olga: note what we saw -> Noted in the timeline of R-1.
    done skipped ready, rolled_back
olga: status -> R-1 is rolled back: New price table.
    done skipped ready, rolled_back
"""


def test_a_release_is_led_by_mentions_and_each_is_answered(talk: Talk) -> None:
    talk.say(START)
    heard = []
    for line in WALK.strip().splitlines()[::2]:
        who, text = line.partition(" -> ")[0].split(": ", 1)
        said = by_name(answer(talk, by_id(text), PEOPLE[who]))
        steps, release = " ".join(talk.states()[:3]), talk.story().release.state
        heard.append(f"{who}: {text} -> {said}\n    {steps}, {release}")
    assert "\n".join(heard) == WALK.strip()


def test_a_release_is_released_by_mentions_alone(talk: Talk) -> None:
    talk.say(START)
    for text, who in (RUN, APPROVED) * 5:
        mentioned(talk, text, who)
    assert talk.states() == ["done"] * 5
    assert talk.story().release.state is ReleaseState.DONE


@pytest.mark.parametrize(
    "text", ["run", "approve", "reject no", "skip no", f"owner <@{NICO}>", "rollback", "note no"]
)
def test_outside_of_a_thread_a_mention_must_name_its_release(talk: Talk, text: str) -> None:
    talk.say(START)
    before = talk.story()
    assert answer(talk, text, ARI, release=None) == "No release was named."
    assert talk.story() == before


def test_status_outside_of_a_thread_is_about_all(talk: Talk) -> None:
    assert answer(talk, "status", DANA, release=None) == "0 live releases."


def test_the_mention_may_stand_anywhere_in_the_line(talk: Talk) -> None:
    talk.say(START)
    event = {"user": OLGA, "text": f"run <@{BOT}>, 1", "channel": "C01REL"}
    heard = hear_mention({"event": event, "event_id": "Ev1"}, BOT)
    assert heard is not None
    assert (heard.read().verb, heard.read().step) == ("run", 1)


def test_a_message_that_was_edited_is_not_carried_out_again(talk: Talk) -> None:
    event = {"user": OLGA, "text": f"<@{BOT}> run", "channel": "C01REL", "edited": {"user": OLGA}}
    heard = hear_mention({"event": event, "event_id": "Ev2"}, BOT)
    assert heard is not None
    with pytest.raises(Refusal) as refused:
        heard.read()
    assert refused.value.failed == "Not done: a message that was edited is not carried out."
