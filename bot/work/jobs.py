"""What a step may know, gathered from the ledger and the catalog."""

from __future__ import annotations

from collections.abc import Callable

from bot.release.catalog import App
from bot.release.checklist import purge_snapshots
from bot.release.finding import find_app, find_environment, find_routes
from bot.release.plan import plan_from_json
from bot.release.records import (
    ENDED_ACTION,
    Action,
    Change,
    Json,
    Kept,
    Lost,
    Measurement,
    StepLine,
    Story,
)
from bot.release.refusal import Code, Refusal
from bot.steps import Job
from bot.work.parts import Parts
from bot.work.report import Superseded


def job_of_step(parts: Parts, story: Story, step: StepLine) -> Job:
    """Return the job of one line of a release's checklist."""
    release = story.release
    app = find_app(parts.catalog, release.app)
    newest = purge_snapshots(story)
    return Job(
        app_name=release.app,
        environment_name=release.environment,
        app=app,
        environment=find_environment(app, release.environment),
        routes=find_routes(app, release.routes),
        nonce=parts.nonce(),
        release=release,
        step=step,
        baseline=parts.ledger.baseline(release.id, step.kind),
        plan=None if step.plan is None else plan_from_json(step.plan),
        snapshot_id=newest[-1].id if newest else None,
    )


EARLIER = 10


def job_of_look(parts: Parts, action: Action, kind: str | None = None) -> Job:
    """Return the job of a look outside a release, with what looks of that kind saw before."""
    app: App = find_app(parts.catalog, action.args["app"])
    environment = action.args["environment"]
    return Job(
        app_name=action.args["app"],
        environment_name=environment,
        app=app,
        environment=find_environment(app, environment),
        routes=find_routes(app, action.args["routes"]),
        nonce=parts.nonce(),
        earlier=_earlier(parts, action, kind),
        samples=action.args.get("samples"),
    )


def release_name(job: Job) -> str | None:
    """Return the release that a job is for, as the app's own logs shall name it; None for a look outside one."""
    return None if job.release is None else job.release.name


def _earlier(parts: Parts, action: Action, kind: str | None) -> tuple[Measurement, ...]:
    if kind is None:
        return ()
    app, environment = action.args["app"], action.args["environment"]
    found = [
        look
        for route in action.args["routes"]
        for look in parts.ledger.measurements(
            app=app, environment=environment, route=route, kind=kind, limit=EARLIER
        )
    ]
    return tuple(sorted(found, key=lambda look: look.at, reverse=True))


def story_of(parts: Parts, action: Action) -> Story:
    """Return the release that an action works on."""
    story = None if action.release_id is None else parts.ledger.story(action.release_id)
    if story is None:
        raise Refusal(
            code=Code.UNKNOWN_NAME,
            failed=f"{action.key} works on a release that is not in the ledger.",
            expected="a release that was started.",
            retry_is_safe=False,
        )
    return story


def measured(job: Job, parts: Parts, *, kind: str, phase: str, numbers: Json) -> Measurement:
    """Return what was measured as a row to keep."""
    return Measurement(
        release_id=None if job.release is None else job.release.id,
        app=job.app_name,
        environment=job.environment_name,
        route="+".join(name for name, _ in job.routes),
        kind=kind,
        phase=phase,
        at=parts.clock.now(),
        numbers=numbers,
    )


TRIES = 5


def keep_outcome(parts: Parts, action: Action, build: Callable[[], Change]) -> None:
    """Record what was done, built anew from the ledger where a person moved the same row meanwhile.

    Raise Superseded where a newer run of the action took over: its record is the one that counts.
    """
    lost = Lost(what="never tried")
    for _ in range(TRIES):
        kept = parts.ledger.keep(build())
        if isinstance(kept, Kept):
            return
        lost = kept
        now = parts.ledger.action(action.key)
        if now is None or now.fence != action.fence or now.state in ENDED_ACTION:
            raise Superseded(action.key)
    raise Refusal(
        code=Code.NOT_RECORDED,
        failed=f"What was done could not be recorded: {lost.what}.",
        expected="a ledger that takes the outcome.",
        retry_is_safe=False,
    )
