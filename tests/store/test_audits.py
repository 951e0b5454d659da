"""Audits of accessibility on both databases."""

from datetime import timedelta

from store.open import open_store
from store.protocol import Store
from tests.samples import NOON, audit, run, violation
from tests.store.older import take_back

DAY = timedelta(days=1)


async def test_an_audit_comes_back_as_it_was(store: Store) -> None:
    kept = audit(NOON, violation(count=3), violation("region", "moderate", wcag=None))
    assert await store.save_audit(kept) is True
    assert await store.newest_audits() == {"khai-sinh": kept}


async def test_an_audit_is_kept_once(store: Store) -> None:
    assert await store.save_audit(audit(NOON)) is True
    assert await store.save_audit(audit(NOON, violation())) is False
    assert (await store.newest_audits())["khai-sinh"].counts["critical"] == 0


async def test_the_newest_audit_of_each_check_is_found(store: Store) -> None:
    for name in ("b", "a"):
        for day in (1, 2, 0):
            await store.save_audit(audit(NOON + day * DAY, check=name))
    newest = await store.newest_audits()
    assert {name: one.started_at for name, one in newest.items()} == dict.fromkeys("ab", NOON + 2 * DAY)
    assert list(newest) == ["a", "b"]
    assert set(await store.newest_audits(["a", "khac"])) == {"a"}
    assert await store.newest_audits([]) == {}


async def test_the_newest_of_a_period_and_the_newest_complete_one_are_found(store: Store) -> None:
    days = [audit(NOON + n * DAY, complete=n != 2) for n in range(4)]
    for one in days:
        await store.save_audit(one)
    assert await store.newest_audits(since=NOON, until=NOON + 3 * DAY) == {"khai-sinh": days[2]}
    assert await store.newest_audits(since=NOON, until=NOON + 3 * DAY, complete=True) == {"khai-sinh": days[1]}
    assert await store.newest_audits(since=NOON + 4 * DAY) == {}


async def test_old_audits_are_pruned_with_the_runs_of_their_age(store: Store) -> None:
    await store.save_audit(audit(NOON))
    await store.save_audit(audit(NOON + DAY))
    assert await store.prune(NOON + DAY) == 0
    assert await store.newest_audits(until=NOON + DAY) == {}
    assert set(await store.newest_audits()) == {"khai-sinh"}


async def test_hostile_text_never_costs_an_audit(store: Store) -> None:
    vile = audit(NOON).evolve(message="\0 \ud800 \u202e '")
    await store.save_audit(vile)
    assert (await store.newest_audits())["khai-sinh"].message.endswith("'")


async def test_a_store_from_before_audits_is_brought_up_with_its_runs(store_url: str) -> None:
    store = await open_store(store_url)
    await store.save_many([run()])
    await take_back(store, "0001")
    store = await open_store(store_url)
    assert await store.save_audit(audit()) is True
    assert await store.latest() == {"khai-sinh": run()}
    await store.close()
