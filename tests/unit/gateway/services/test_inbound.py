"""Messages from phones: whose they are, STOP, START and HELP, the one reply, and what is a repetition."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from gateway.domain.account import Env, Policy
from gateway.domain.message import Message
from gateway.domain.outcome import Accepted as Took
from gateway.domain.receipt import Inbound
from gateway.domain.send import Refusal, Taken, Why
from gateway.domain.suppression import OwnedNumber, StoredInbound, Suppression
from gateway.domain.words import Priority, Reason, Status
from gateway.errors import StoreUnavailable
from routing.keywords import DEFAULT, Action, Country
from routing.loops import MAX_REPLIES, WITHIN_S
from tests.unit.gateway.services.rig import NOW, OURS, PHONE, URL, Rig, Told, a_rig, a_send, an_inbound

TEXTS = Policy()


async def own(rig: Rig, account: str = "acme", keyword: str = "", env: Env = Env.LIVE) -> None:
    """Give the number, or a keyword on it, to an account."""
    await rig.store.save_number(OwnedNumber(OURS, keyword, account, env, NOW))


async def stored(rig: Rig) -> StoredInbound:
    """The newest inbound message."""
    (newest, *_) = await rig.store.inbound(None, 10)
    return newest


async def replies(rig: Rig) -> list[Message]:
    """Replies that wait to be sent."""
    waiting = [await rig.store.waiting(name, b"", 100) for name in ("alpha", "beta", "simulated")]
    return [message for messages in waiting for message in messages if message.bypass]


async def listed(rig: Rig) -> list[tuple[str, Env, str, str]]:
    """The suppression list: account, environment, sub-tenant, number."""
    entries = await rig.store.suppressions(None, None, 100)
    return [(entry.account, entry.env, entry.sub_tenant, entry.number) for entry in entries]


class TestOwner:
    """The number's owner, a keyword on a shared number first, else the latest send from it to that person."""

    async def test_the_owner_of_the_number(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            await rig.get_inbound(an_inbound())
            found = await stored(rig)
            assert (found.account, found.env, found.body) == ("acme", Env.LIVE, "Hello")
            assert rig.metrics.inbound_messages.value("alpha", "none", "yes") == 1

    @pytest.mark.parametrize("text", ["pizza please", "PIZZA", "Pizza!", "  pizza\n2 of them", "pízza"])
    async def test_a_keyword_goes_before_the_whole_number(self, text: str) -> None:
        async with a_rig() as rig:
            await own(rig)
            await own(rig, "globex", "pizza")
            await rig.get_inbound(an_inbound(text))
            assert (await stored(rig)).account == "globex"

    async def test_another_word_is_not_the_keyword(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            await own(rig, "globex", "pizza")
            await rig.get_inbound(an_inbound("pizzas"))
            assert (await stored(rig)).account == "acme"

    async def test_the_latest_send_on_a_shared_number(self) -> None:
        async with a_rig() as rig:
            await own(rig, "globex", "pizza")
            await rig.send(caller=rig.caller("initech"))
            rig.later(1)
            latest = await rig.send(caller=rig.caller("acme", sub_tenant="north"))
            await rig.get_inbound(an_inbound())
            found = await stored(rig)
            assert (found.account, found.sub_tenant, found.reply_to) == ("acme", "north", latest)

    async def test_the_send_that_it_answers_when_it_is_the_owner_s(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            id_ = await rig.send(caller=rig.caller(sub_tenant="north"))
            await rig.get_inbound(an_inbound())
            found = await stored(rig)
            assert (found.reply_to, found.sub_tenant) == (id_, "north")

    async def test_not_when_it_is_another_s(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            await rig.send(caller=rig.caller("globex", sub_tenant="north"))
            await rig.get_inbound(an_inbound())
            found = await stored(rig)
            assert (found.account, found.reply_to, found.sub_tenant) == ("acme", None, "")

    async def test_nobody_s_is_kept_and_counted(self) -> None:
        async with a_rig() as rig:
            assert await rig.get_inbound(an_inbound("STOP")) == [True]
            found = await stored(rig)
            assert (found.account, found.env, found.action) == (None, Env.LIVE, "stop")
            assert await listed(rig) == []
            assert await replies(rig) == []
            assert rig.metrics.inbound_messages.value("alpha", "stop", "no") == 1


class TestEnvironments:
    """What a carrier brings is live, what the simulated operator brings is test (promise 6)."""

    async def test_a_live_phone_never_gets_into_the_test_environment(self) -> None:
        async with a_rig() as rig:
            await own(rig, env=Env.TEST)
            await rig.get_inbound(an_inbound("STOP"))
            found = await stored(rig)
            assert (found.account, found.env) == (None, Env.LIVE)
            assert await replies(rig) == []

    async def test_a_simulated_one_never_gets_out_of_it(self) -> None:
        async with a_rig() as rig:
            await own(rig, env=Env.LIVE)
            await rig.send()
            await rig.get_inbound(an_inbound("STOP", operator="simulated"))
            found = await stored(rig)
            assert (found.account, found.env) == (None, Env.TEST)
            assert await listed(rig) == []
            assert await replies(rig) == []

    async def test_a_test_number_has_test_replies(self) -> None:
        async with a_rig() as rig:
            await own(rig, env=Env.TEST)
            await rig.get_inbound(an_inbound("STOP", operator="simulated"))
            assert await listed(rig) == [("acme", Env.TEST, "", PHONE)]
            (reply,) = await replies(rig)
            assert (reply.env, reply.operator) == (Env.TEST, "simulated")


class TestStop:
    """Obeyed at once (promise 9)."""

    @pytest.mark.parametrize("text", ["STOP", "stop.", "Unsubscribe", "opt out", "ARRÊT", "Do not text me!"])
    async def test_later_sends_are_refused(self, text: str) -> None:
        async with a_rig() as rig:
            await own(rig)
            await rig.get_inbound(an_inbound(text))
            (refused,) = await rig.accept(a_send())
            assert isinstance(refused, Refusal)
            assert refused.why is Why.SUPPRESSED

    async def test_what_waits_in_the_store_is_stopped(self) -> None:
        async with a_rig(operators=["alpha"]) as rig:
            await own(rig)
            alpha = rig.operators["alpha"]
            alpha.window = 1
            ids = [await rig.send(str(n)) for n in range(4)]
            await rig.get_inbound(an_inbound("STOP"))
            for _ in range(4):
                while alpha.unanswered:
                    alpha.answer(Took(f"r{len(alpha.written)}"))
                    rig.room("alpha")
                await rig.claim()
            messages = [await rig.message(id_) for id_ in ids]
            assert messages[0].status is Status.SENT  # it was written before
            assert {message.reason for message in messages[1:]} == {Reason.OPTED_OUT}
            assert alpha.texts == ["0", *(TEXTS.stop_reply_text[n : n + 10] for n in range(0, 78, 10))]

    async def test_only_for_the_account_that_it_was_meant_for(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            await rig.get_inbound(an_inbound("STOP"))
            (taken,) = await rig.accept(a_send(), caller=rig.caller("globex"))
            assert isinstance(taken, Taken)

    async def test_within_its_sub_tenant(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            await rig.send(caller=rig.caller(sub_tenant="north"))
            await rig.get_inbound(an_inbound("STOP"))
            assert await listed(rig) == [("acme", Env.LIVE, "north", PHONE)]
            (refused,) = await rig.accept(a_send(), caller=rig.caller(sub_tenant="north"))
            assert isinstance(refused, Refusal)
            (taken,) = await rig.accept(a_send(), caller=rig.caller(sub_tenant="south"))
            assert isinstance(taken, Taken)

    async def test_a_near_miss_changes_nothing(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            await rig.get_inbound(an_inbound("Please don't stop the music"))
            assert (await stored(rig)).action is None
            assert await listed(rig) == []
            assert await replies(rig) == []
            assert rig.metrics.inbound_messages.value("alpha", "near_miss", "yes") == 1

    async def test_words_of_the_senders_country(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            rig.countries["+44"] = Country(DEFAULT.extended(stop=["ENOUGH"]), {Action.STOP: "No more, then."})
            await rig.get_inbound(an_inbound("Enough!"))
            assert await listed(rig) == [("acme", Env.LIVE, "", PHONE)]
            (reply,) = await replies(rig)
            assert reply.body == "No more, then."
            await rig.get_inbound(an_inbound("enough", sender="+33612345678"))
            assert (await stored(rig)).action is None

    async def test_the_accounts_own_words_go_before_the_countrys(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            rig.policies["acme", Env.LIVE] = Policy(stop_reply_text="Bye.")
            rig.countries["+44"] = Country(DEFAULT, {Action.STOP: "No more, then."})
            await rig.get_inbound(an_inbound("STOP"))
            (reply,) = await replies(rig)
            assert reply.body == "Bye."

    async def test_a_name_can_not_be_suppressed(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            await rig.get_inbound(an_inbound("STOP", sender="ACME"))
            assert await listed(rig) == []
            assert await replies(rig) == []


class TestStart:
    """Lifts a STOP, and only that."""

    async def test_sends_pass_again(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            await rig.get_inbound(an_inbound("STOP"))
            rig.later(1)
            await rig.get_inbound(an_inbound("START"))
            assert await listed(rig) == []
            await rig.send("again")
            await rig.claim()
            assert "again" in rig.operators["alpha"].texts

    async def test_is_not_another_account_s(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            await rig.store.suppress([Suppression("globex", Env.LIVE, "", PHONE, "stop", NOW)])
            await rig.get_inbound(an_inbound("START"))
            assert await listed(rig) == [("globex", Env.LIVE, "", PHONE)]


class TestReply:
    """One message, back by the way it came, past the suppression gate."""

    @pytest.mark.parametrize(
        ("word", "text"),
        [
            ("STOP", TEXTS.stop_reply_text),
            ("START", TEXTS.start_reply_text),
            ("HELP", TEXTS.help_reply_text),
        ],
    )
    async def test_says_what_was_done(self, word: str, text: str) -> None:
        async with a_rig() as rig:
            await own(rig)
            await rig.get_inbound(an_inbound(word, operator="beta"))
            (reply,) = await replies(rig)
            assert (reply.sender, reply.recipient, reply.body) == (OURS, PHONE, text)
            assert (reply.account, reply.operator, reply.priority) == ("acme", "beta", Priority.OTP)
            assert reply.bypass

    async def test_a_stop_is_confirmed_once_until_it_is_lifted(self) -> None:
        """Or a robot that answers with STOP and the gateway would write to each other for ever."""
        async with a_rig() as rig:
            await own(rig)
            for word in ("STOP", "stop!", "STOP ALL", "START", "STOP"):
                await rig.get_inbound(an_inbound(word))
            said = [reply.body for reply in await replies(rig)]
            assert sorted(said) == sorted(
                [TEXTS.stop_reply_text, TEXTS.start_reply_text, TEXTS.stop_reply_text]
            )

    async def test_is_written_though_its_recipient_has_opted_out(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            await rig.get_inbound(an_inbound("STOP"))
            await rig.claim()
            alpha = rig.operators["alpha"]
            assert "".join(map(str, alpha.texts)) == TEXTS.stop_reply_text
            while alpha.unanswered:
                alpha.answer(Took(f"r{len(alpha.unanswered)}"))
            await rig.quiet()
            assert await replies(rig) == []

    async def test_goes_another_way_when_its_own_is_down(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            rig.operators["alpha"].up = False
            rig.changed("alpha")
            await rig.get_inbound(an_inbound("HELP"))
            await rig.move()
            await rig.claim()
            assert "".join(map(str, rig.operators["beta"].texts)) == TEXTS.help_reply_text

    @pytest.mark.parametrize("policy", [Policy(stop_replies=False), Policy(stop_reply_text="")])
    async def test_none_where_the_account_wants_none(self, policy: Policy) -> None:
        async with a_rig() as rig:
            rig.policies[("acme", Env.LIVE)] = policy
            await own(rig)
            await rig.get_inbound(an_inbound("STOP"))
            assert await replies(rig) == []
            assert len(await listed(rig)) == 1

    async def test_is_counted_as_the_account_s_messages_are(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            text = "You\u2019re out. " + "ğ" * 80
            rig.policies["acme", Env.LIVE] = Policy(
                stop_reply_text=text, smart_replacement=True, national_languages=frozenset({"tr"})
            )
            rig.operators["alpha"].up = False
            await rig.get_inbound(an_inbound("STOP"))
            (reply,) = await replies(rig)
            assert (reply.body, reply.segment_count) == (text.replace("\u2019", "'"), 1)

    async def test_long_ones_do_not_share_a_reference(self) -> None:
        async with a_rig() as rig:
            rig.policies[("acme", Env.LIVE)] = Policy(help_reply_text="x" * 200)
            await own(rig)
            await rig.get_inbound(an_inbound("HELP"))
            await rig.get_inbound(an_inbound("INFO"))
            references = {reply.concat_ref for reply in await replies(rig)}
            assert len(references) == 2
            assert 0 not in references

    async def test_a_robot_that_asks_for_each_one_does_not_get_them_for_ever(self) -> None:
        """Each reply is answered by HELP: two gateways, or a carrier's auto-responder (field.md 1.4, jasmin#376)."""
        async with a_rig() as rig:
            await own(rig)
            for _ in range(20):
                rig.later(1)
                await rig.get_inbound(an_inbound("HELP"))
            assert len(await replies(rig)) == MAX_REPLIES
            assert rig.metrics.replies_withheld.value("alpha") == 20 - MAX_REPLIES
            assert len(await rig.store.inbound(None, 100)) == 20, "no message is lost"
            rig.later(WITHIN_S)
            await rig.get_inbound(an_inbound("HELP"))
            assert len(await replies(rig)) == MAX_REPLIES + 1

    async def test_a_number_of_ours_does_not_answer_itself(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            await rig.get_inbound(replace(an_inbound("HELP"), sender=OURS))
            assert await replies(rig) == []
            assert rig.metrics.replies_withheld.value("alpha") == 1

    async def test_does_not_become_the_send_that_is_answered(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            await rig.get_inbound(an_inbound("HELP"))
            await rig.claim()
            await rig.get_inbound(an_inbound("Thanks"))
            assert (await stored(rig)).reply_to is None


class TestEvents:
    """The tenant hears of every message that is its own."""

    async def test_with_keyword_and_action(self) -> None:
        async with a_rig() as rig:
            rig.start(rig.webhooks.run)
            rig.policies[("acme", Env.LIVE)] = Policy(webhook_url=URL)
            await own(rig)
            await rig.get_inbound(an_inbound("Stop!"))
            found = await stored(rig)
            assert (found.keyword, found.action) == ("STOP", "stop")
            assert rig.client.posted == [(URL, b"inbound")]


class TestRepetition:
    """Dropped only if the earlier copy's answer may not have got out: two real "YES" stay two (promise 3)."""

    async def count(self, rig: Rig) -> int:
        return len(await rig.store.inbound(None, 100))

    async def test_two_real_ones_stay_two(self) -> None:
        async with a_rig() as rig:
            await rig.get_inbound(an_inbound("YES"))
            await rig.get_inbound(an_inbound("YES"))
            assert await self.count(rig) == 2

    async def test_also_when_they_come_together(self) -> None:
        async with a_rig() as rig:
            assert await rig.get_inbound(*[an_inbound("YES")] * 3, an_inbound("NO")) == [True] * 4
            assert await self.count(rig) == 4

    async def test_one_whose_answer_did_not_get_out_is_one(self) -> None:
        async with a_rig() as rig:
            await rig.get_inbound(an_inbound("YES"), reachable=False)
            assert await rig.get_inbound(an_inbound("YES")) == [True]
            assert await self.count(rig) == 1
            await rig.get_inbound(an_inbound("YES"))  # the repetition was answered: this is a new one
            assert await self.count(rig) == 2

    async def test_another_operator_s_is_another(self) -> None:
        async with a_rig() as rig:
            await rig.get_inbound(an_inbound("YES"), reachable=False)
            await rig.get_inbound(an_inbound("YES", operator="beta"))
            assert await self.count(rig) == 2


class TestLongOnes:
    """Parts are joined durably, whenever they come."""

    def part(self, number: int, total: int = 2) -> Inbound:
        text = "abcdef"[number - 1] * 3
        return an_inbound(text, concat_ref=7, concat_total=total, concat_part=number)

    async def test_joined_in_order(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            assert await rig.get_inbound(self.part(2)) == [True]
            assert await rig.store.inbound(None, 10) == []
            await rig.get_inbound(self.part(1))
            assert (await stored(rig)).body == "aaabbb"

    async def test_what_never_comes_is_given_up(self) -> None:
        async with a_rig() as rig:
            await own(rig)
            await rig.get_inbound(self.part(1, 3), self.part(3, 3))
            await rig.inbounds.flush()
            assert await rig.store.inbound(None, 10) == []
            rig.later(601)
            await rig.inbounds.flush()
            assert (await stored(rig)).body == "aaa[...]ccc"
            await rig.inbounds.flush()
            assert len(await rig.store.inbound(None, 10)) == 1


class TestStoreDown:
    """Nothing is acknowledged that is not kept."""

    async def test_comes_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:
            with monkeypatch.context() as patched:

                async def down(*_: object) -> list[None]:
                    raise StoreUnavailable("taken down by the test")

                patched.setattr(rig.store, "record_inbound", down)
                assert await rig.get_inbound(an_inbound("STOP")) == [False]
            assert await rig.store.inbound(None, 10) == []
            assert await rig.get_inbound(an_inbound("STOP")) == [True]
            assert len(await rig.store.inbound(None, 10)) == 1

    async def test_a_mark_that_could_not_be_set_ends_nothing(self, monkeypatch: pytest.MonkeyPatch) -> None:
        async with a_rig() as rig:

            async def down(*_: object) -> None:
                raise StoreUnavailable("taken down by the test")

            with monkeypatch.context() as patched:
                patched.setattr(rig.store, "answered_inbound", down)
                told = Told()
                rig.inbounds.take(an_inbound("YES"), told)
                async with asyncio.timeout(20):
                    await told.heard.wait()
            assert await rig.get_inbound(an_inbound("NO")) == [True]
            assert len(await rig.store.inbound(None, 10)) == 2
