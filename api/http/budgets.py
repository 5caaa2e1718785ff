"""Budgets: how many questions a key may ask in a day, and how many tokens they may take."""

import logging
from collections.abc import Sequence

from anyio import to_thread

from api.http import callers
from api.http.callers import Caller, Identity, Quota
from qa.answering.answerer import Event, HitsFound, Trace
from qa.archive.store import Store
from qa.archive.usage import (
    Use,
    add_tokens,
    take_question,
    until_tomorrow,
    used_today,
)
from qa.errors import BudgetSpent, StoreError

_DAY = 86_400  # seconds
_CHARACTERS = 4  # of English, a token

_log = logging.getLogger("dateline")


class Budgets:
    """Counts what the callers' questions use. ``costs``: whether answers take tokens at all.

    A budget that cannot be counted is refused, as it may be about money: then StoreError is raised.
    A caller without one is only counted, where that can be done.
    """

    def __init__(self, store: Store, *, costs: bool) -> None:
        self._store = store
        self._costs = costs

    async def take_question(self) -> None:
        """Count a question of the caller, before any work. Raises BudgetSpent, StoreError."""
        caller = callers.current()
        if caller.identity is not None:
            await to_thread.run_sync(self._take, caller, caller.identity)

    async def check(self) -> None:
        """Raises BudgetSpent where the caller's next question would, and StoreError."""
        caller = callers.current()
        identity = caller.identity
        if identity is not None and _is_limited(identity):
            used_by = await to_thread.run_sync(used_today, self._store)
            used = used_by.get(identity.id, Use())
            self._state(caller, identity, used)
            self._refuse(identity, used)

    def meter(self) -> "Meter":
        """What measures an answer for the caller."""
        return Meter(callers.current().identity, costs=self._costs)

    async def charge(self, meter: "Meter") -> None:
        """Count the tokens of an answer, once."""
        if not meter.charged:
            meter.charged = True
            await self._add(meter.identity, meter.tokens)

    async def charge_about(self, *texts: str) -> None:
        """Count about as many tokens as the texts have, where a model read or wrote them."""
        if self._costs:
            await self._add(callers.current().identity, _about(texts))

    def _take(self, caller: Caller, identity: Identity) -> None:
        try:
            granted, used = take_question(self._store, identity.id, identity.budget)
        except StoreError as error:
            if _is_limited(identity):
                raise
            _log.warning("a question of %s is not counted: %s", identity.id, error)
            return
        self._state(caller, identity, used)
        if not granted:
            self._refuse(identity, used)

    async def _add(self, identity: Identity | None, tokens: int) -> None:
        if identity is None or not tokens:
            return
        try:
            await to_thread.run_sync(add_tokens, self._store, identity.id, tokens)
        except StoreError as error:  # the answer is there, whatever becomes of its price
            _log.warning("%d tokens of %s are not counted: %s", tokens, identity.id, error)

    def _refuse(self, identity: Identity, used: Use) -> None:
        spent = used.exceeds(identity.budget)
        if spent is not None:
            wait = until_tomorrow(self._store)
            most = getattr(identity.budget, spent)
            raise BudgetSpent(
                f"this key's {most} {spent} of today are used up; try again in {wait} seconds,"
                " when the day turns in UTC",
                wait,
            )

    def _state(self, caller: Caller, identity: Identity, used: Use) -> None:
        budget, reset = identity.budget, until_tomorrow(self._store)
        for name, unit, most, so_far in (
            ("questions-a-day", "requests", budget.questions, used.questions),
            ("tokens-a-day", "tokens", budget.tokens, used.tokens),
        ):
            if most is not None:
                caller.quotas[name] = Quota(most, _DAY, max(0, most - so_far), reset, unit)


class Meter:
    """The tokens of one answer: as its model reports them, else about as many as the texts have.

    An answer that was given up has at least had its passages read. ``identity``: whom it is for.
    """

    def __init__(self, identity: Identity | None, *, costs: bool) -> None:
        self.identity = identity
        self.charged = False
        self._costs = costs
        self._read: Sequence[str] = ()
        self._reported: int | None = None

    def see(self, event: Event) -> None:
        """Call it with every event of the answer."""
        if isinstance(event, HitsFound):
            self._read = [hit.passage.text for hit in event.hits]
        elif isinstance(event, Trace):
            self._read = [sentence.text for sentence in event.evidence]
            if event.prompt_tokens is not None:
                self._reported = event.prompt_tokens + (event.completion_tokens or 0)

    @property
    def tokens(self) -> int:
        if self._reported is not None:
            return self._reported
        return _about(self._read) if self._costs else 0


def _about(texts: Sequence[str]) -> int:
    return sum(len(text) for text in texts) // _CHARACTERS


def _is_limited(identity: Identity) -> bool:
    return identity.budget.questions is not None or identity.budget.tokens is not None
