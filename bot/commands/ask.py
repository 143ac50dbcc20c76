"""Ask whoever holds a release or a lock to let it go."""

from __future__ import annotations

from bot.commands import Ask, Command, Reply, Said, Tools
from bot.release.ask import find_place
from bot.release.catalog import Catalog
from bot.release.locking import locked_words, place_fields
from bot.release.notices import Notice, can_be_told
from bot.release.offers import Offer
from bot.release.people import Person
from bot.release.records import Change, Lock, Release
from bot.release.refusal import Code, Refusal
from bot.release.states import LIVE


class AskForIt:
    """`ask R-41` asks its owner, `ask shop` the one who locked it: a direct message, at most one in ten minutes."""

    verb = "ask"
    usage = "ask [R-42] [app] [--environment E]"
    summary = "Ask the owner of a live release, or the holder of a lock, to let it go."
    in_help = True

    def may(self, who: Person, catalog: Catalog) -> bool:
        """Anyone may ask."""
        return True

    def run(self, ask: Ask, tools: Tools) -> Reply:
        """Record who asked whom; the message goes out with it."""
        if ask.release is not None:
            release = tools.find_story(ask).release
            if release.state not in LIVE:
                return Said(text=f"{release.name} has ended: its routes are free.")
            return _tell(ask, tools, _for_release(ask, release), release.owner, release.id)
        place = find_place(ask, tools.catalog)
        lock = tools.ledger.lock(place.name, place.environment)
        if lock is None:
            return Said(text=f"{place.name} {place.environment} is not locked.")
        return _tell(ask, tools, _for_lock(ask, lock), lock.by, None)


def _tell(ask: Ask, tools: Tools, notice: Notice, to: str, release_id: int | None) -> Said:
    if not can_be_told(to):
        raise Refusal(
            code=Code.NOT_NOW,
            failed="Not asked: it is held at a terminal, where nobody can be told.",
            expected="somebody who knows who works there.",
            retry_is_safe=True,
        )
    tools.keep(
        Change(
            act="ask for it",
            by=ask.who.id,
            at=ask.at,
            release_id=release_id,
            body={"to": to},
            notices=(notice,),
        ),
        otherwise="Not asked",
    )
    return Said(text=f"<@{to}> is asked, by a direct message.")


def _key(ask: Ask, what: str) -> str:
    return f"ask:{what}:{ask.who.id}:{int(ask.at.timestamp()) // 600}"


def _for_release(ask: Ask, release: Release) -> Notice:
    return Notice(
        key=_key(ask, release.name),
        to=release.owner,
        about=release.id,
        at=ask.at,
        text=f"<@{ask.who.id}> asks for {release.app} {release.environment} "
        f"{', '.join(release.routes)}, which your {release.name} holds.",
        lines=("Finish it, roll it back, or abandon it when nobody will finish it.",),
        offers=(Offer(label="Abandon it", verb="abandon", release=release.id, danger=True),),
    )


def _for_lock(ask: Ask, lock: Lock) -> Notice:
    where = place_fields(lock.app, lock.environment)
    return Notice(
        key=_key(ask, f"{lock.app}/{lock.environment}:{lock.at.isoformat()}"),
        to=lock.by,
        at=ask.at,
        text=f"<@{ask.who.id}> asks for {lock.app} {lock.environment}, which you locked.",
        lines=(locked_words(lock),),
        offers=(Offer(label="Unlock", verb="unlock", fields=where),),
    )


COMMAND: Command = AskForIt()
