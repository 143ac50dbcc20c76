"""For which release the app is asked, as its own logs will name it."""

from __future__ import annotations

from tests.talk.conftest import Talk


def test_every_look_of_a_release_names_it(talk: Talk) -> None:
    talk.until_purged()
    talk.say("run R-1 4")
    assert len(talk.web.asked) > 20
    assert talk.web.releases == {"R-1"}


def test_the_looks_between_waves_and_the_warming_name_the_release_too(talk: Talk) -> None:
    for number in range(2_000):
        talk.redis.put(f"anp:page:/products?page={number}", "old")
    talk.until_purged()
    (purge,) = [row for row in talk.story().actions if row.kind == "purge"]
    assert purge.progress["so_far"]["waves"][0]["look"]["outcome"] == "pass"
    assert talk.web.releases == {"R-1"}


def test_a_look_outside_a_release_names_none(talk: Talk) -> None:
    talk.say("check shop products")
    assert talk.web.releases == {None}
