"""A sandbox Slack with ten live releases of one shop, in every state that a team sees, and two that can be undone."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.effects.ledger.migrate import migrate
from bot.effects.ledger.sql_ledger import SqlLedger, open_ledger
from bot.release.catalog import Catalog
from bot.release.health import Backlog, health_of
from bot.release.noting import noted
from bot.release.records import (
    Change,
    Kept,
    Lock,
    NewRelease,
    NewStep,
    Note,
    Outcome,
    ReleaseMove,
    SnapshotRow,
    StepMove,
    Verdict,
)
from bot.release.states import ReleaseState, StepState
from bot.sandbox.slack.server import SandboxSlack, demo_workspace
from bot.slack.caller import sending_client
from bot.slack.deciding import Behind
from bot.slack.delivery import Delivery
from bot.slack.home import publish_home
from bot.slack.people import People
from bot.slack.strangers import Team

MANIFEST = Path(__file__).parents[2] / "docs" / "slack-manifest.json"
OWNER, APPROVER, ONCALL, ADMIN = "U01OWNER", "U02APPROVER", "U03ONCALL", "U01ADMIN"
ROUTES = (
    "products",
    "cart",
    "prices",
    "search",
    "checkout",
    "images",
    "reviews",
    "offers",
    "stores",
    "basket",
    "account",
    "wishlist",
)
TITLES = (
    "New price table for the autumn",
    "Cart shows delivery days",
    "Prices with the new tax",
    "Search by colour",
    "Checkout without an account",
    "Sharper pictures",
    "Reviews, newest first",
    "Offers of the week",
    "Stores near you",
    "Basket keeps its goods for a month",
    "Account page",
    "Wish list",
)
CATALOG = Catalog.model_validate(
    {
        "people": {"admins": (ADMIN,)},
        "apps": {
            "shop": {
                "channel": "C01REL",
                "owner": OWNER,
                "approvers": (APPROVER,),
                "oncall": (ONCALL,),
                "environments": {
                    "production": {"redis": "env:R", "url": "http://127.0.0.1:1"},
                    "staging": {"redis": "env:S", "url": "http://127.0.0.1:2"},
                },
                "routes": {
                    name: {"keys": (f"anp:page:/{name}*",), "paths": (f"/{name}",)}
                    for name in ROUTES
                },
                "rollback": {"argv": ("./deploy.sh", "--to", "{previous}")},
            }
        },
    }
)
STEPS = (
    (
        "headers",
        "Inspect cache headers",
        "Every page may be cached, and none holds what is private.",
    ),
    ("logged_in", "Test logged-in traffic", "No page of one account is shown to another."),
    (
        "purge",
        "Purge only the affected route",
        "Only keys of the chosen routes go, each into a snapshot.",
    ),
    (
        "latency",
        "Measure response time",
        "No page is slower than before the purge; p95 within 300 ms.",
    ),
    (
        "rollback_ready",
        "Keep a rollback command ready",
        "The snapshot is whole and the command is known.",
    ),
)
NOTE = "Roll back puts the snapshot back: every key with its content and its expiry."


class Team10:
    """Ten people's work in one channel."""

    def __init__(self, slack: SandboxSlack, ledger: SqlLedger) -> None:
        self.slack, self.ledger = slack, ledger
        self.at = datetime.now(UTC) - timedelta(minutes=30)
        client = sending_client(slack.workspace.bot_token, slack.api_url)
        self.people = People(client, CATALOG, lambda: datetime.now(UTC), ledger)
        self.client = client
        self.delivery = Delivery(client, ledger, CATALOG, self.people.name_of)

    def keep(self, change: Change) -> None:
        assert isinstance(self.ledger.keep(change), Kept)

    def opens(self, number: int) -> int:
        """Open a release of the route of that number and return its id."""
        new = NewRelease(
            app="shop",
            environment="production",
            routes=(ROUTES[number],),
            title=TITLES[number],
            starter=OWNER,
            owner=OWNER,
            channel="C01REL",
            previous="v1",
            catalog_hash="c",
            steps=tuple(
                NewStep(kind=kind, title=title, owner=OWNER, expected=expected, rollback_note=NOTE)
                for kind, title, expected in STEPS
            ),
            place="env:R",
            scope=(f"anp:page:/{ROUTES[number]}*",),
        )
        self.at += timedelta(minutes=1)
        opened = self.ledger.open_release(new, by=OWNER, at=self.at)
        assert not hasattr(opened, "what"), opened
        return int(opened.id)

    def step(self, release: int, number: int, to: StepState, *, fails: bool = False) -> None:
        """Move a step through its life to a state."""
        verdict = Verdict(
            outcome=Outcome.FAIL if fails else Outcome.PASS,
            evidence="2 of 6 pages may be kept by a shared cache though they hold a name."
            if fails
            else "All 6 pages follow the rules.",
            actual="6 pages",
        )
        path = [StepState.RUNNING, StepState.JUDGED, StepState.DONE]
        ways = {StepState.READY: [], StepState.ACTING: [*path[:2], StepState.ACTING]}
        states = ways.get(to, path[: path.index(to) + 1] if to in path else [])
        for state in states:
            story = self.ledger.story(release)
            assert story is not None
            line = story.steps[number - 1]
            move = StepMove(
                release_id=release,
                number=number,
                seen_version=line.version,
                to=state,
                verdict=verdict if state is StepState.JUDGED else None,
            )
            self.moves(release, move)
        if to is StepState.DONE and number < len(STEPS):
            story = self.ledger.story(release)
            assert story is not None
            following = story.steps[number]
            self.moves(
                release,
                StepMove(
                    release_id=release,
                    number=number + 1,
                    seen_version=following.version,
                    to=StepState.READY,
                ),
            )

    def moves(self, release: int, move: StepMove) -> None:
        cards = (f"root:{release}", f"step:{release}:{move.number}")
        self.keep(
            Change(
                act="approve",
                by=OWNER,
                at=datetime.now(UTC),
                release_id=release,
                steps=(move,),
                cards=cards,
            )
        )

    def takes(self, release: int, keys: int) -> None:
        """Write down a snapshot of what a release took out."""
        row = SnapshotRow(
            id=f"s-{release}",
            release_id=release,
            purpose="purge",
            state="complete",
            keys=keys,
            bytes=keys * 900,
            created_at=self.at,
            expires_at=datetime.now(UTC) + timedelta(days=7),
        )
        self.keep(Change(act="purged", by=OWNER, at=self.at, release_id=release, snapshots=(row,)))

    def ends(self, release: int) -> None:
        story = self.ledger.story(release)
        assert story is not None
        move = ReleaseMove(
            id=release, seen_version=story.release.version, to=ReleaseState.DONE, ended=True
        )
        self.keep(
            Change(
                act="approve",
                by=OWNER,
                at=datetime.now(UTC),
                release_id=release,
                releases=(move,),
                cards=(f"root:{release}",),
            )
        )

    def sends(self) -> None:
        """Send everything that is due."""
        until = datetime.now(UTC) + timedelta(seconds=60)
        while self.delivery.deliver_once(until):
            until += timedelta(seconds=5)

    def home(self, user: str) -> None:
        """Publish the home tab of one person."""
        backlog = Backlog(messages=0, behind_s=0.2, given_up=0, unworked_s=0.0)
        behind = Behind(
            run=lambda ask: None,  # type: ignore[arg-type,return-value]
            people=self.people,
            ledger=self.ledger,
            catalog=CATALOG,
            now=lambda: datetime.now(UTC),
            health=lambda: health_of(("clock", "worker-1", "worker-2"), backlog),
        )
        publish_home(self.client, behind, user, Team(id=None, enterprise=None))


def fill(team: Team10) -> None:
    """Two releases that are done, then ten that are live, each somewhere else; one note, one lock."""
    for number in (10, 11):
        done = team.opens(number)
        for step in range(1, 6):
            team.step(done, step, StepState.DONE)
        team.takes(done, 1204 * number)
        team.ends(done)
    ends = (
        (1, StepState.READY, False),
        (1, StepState.JUDGED, False),
        (2, StepState.JUDGED, True),
        (2, StepState.READY, False),
        (3, StepState.READY, False),
        (3, StepState.JUDGED, False),
        (4, StepState.READY, False),
        (4, StepState.JUDGED, False),
        (5, StepState.READY, False),
        (5, StepState.JUDGED, False),
    )
    for number, (step, state, fails) in enumerate(ends):
        live = team.opens(number)
        for before in range(1, step):
            team.step(live, before, StepState.DONE)
        if step > 3:
            team.takes(live, 13_000 + number)
        team.step(live, step, state, fails=fails)
    now = datetime.now(UTC)
    said = "The cart answers 500 for one in ten"
    note = Note(key="4:x", release_id=4, text=said, by=ONCALL, at=now, said_by=ONCALL, said_at=now)
    team.keep(noted(note))
    lock = Lock(app="shop", environment="staging", reason="Load test until noon", by=ADMIN, at=now)
    team.keep(Change(act="lock", by=ADMIN, at=now, lock=lock))


@contextmanager
def ten_releases(folder: Path) -> Iterator[Team10]:
    """Give the team; its messages stand in the sandbox."""
    url = f"sqlite:///{folder / 'ledger.sqlite'}"
    migrate(url)
    ledger = open_ledger(url)
    workspace = demo_workspace(json.loads(MANIFEST.read_text(encoding="utf-8")))
    slack = SandboxSlack(workspace, strict_rates=False)
    slack.start()
    try:
        team = Team10(slack, ledger)
        fill(team)
        team.sends()
        yield team
    finally:
        slack.stop()
        ledger.close()
