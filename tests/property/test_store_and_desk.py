"""Histories of a store that nobody planned: whatever people do in whatever order, the store keeps its promises.

After every step the store is compared with a model of a few lines; at the end the audit log is whole, the export holds
what the model says, and no key of a text that may not be read is left.
"""

import csv
import tempfile
from dataclasses import dataclass
from functools import partial
from io import StringIO
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, rule

from tests.unit.widget_support import SCHOOL, TODAY, new_key
from widget.audit_check import verify
from widget.backup import back_up, restore
from widget.decisions import Action, Decision, Outcome, decide, erase_text, reply
from widget.engines import store_place
from widget.export import export_reviews
from widget.reviews import Arrival
from widget.store import Store
from widget.submission import Details, Submission

TEXTS = st.sampled_from(["", "Тепло.", "Холодно, Иванова М. П. виновата.", "Позвоните: +7 913 000-00-00"])


@dataclass
class Kept:
    """What the model knows of a rating."""

    rating: int
    text: str
    standing: str = "accepted"
    text_state: str = "none"
    reason: str = ""
    reply: str = ""
    wordings: int = 0
    """Of the reply; each has a key of its own."""

    def drop_reply(self) -> None:
        """What the organisation said goes with what it answered."""
        self.reply, self.wordings = "", 0


class Histories(RuleBasedStateMachine):
    """One store, its model, and everything that may happen to it."""

    receipts = Bundle("receipts")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.number = 0
        self.store = Store(store_place(Path(self.folder.name) / "0" / "store.sqlite"))
        self.model: dict[str, Kept] = {}
        self.backup: tuple[Path, dict[str, Kept]] | None = None

    def teardown(self) -> None:
        self.compare_exports()
        self.store.close()
        self.folder.cleanup()

    # ---- what people do --------------------------------------------------------------------------------------------

    @rule(target=receipts, rating=st.integers(1, 5), text=TEXTS, aside=st.booleans())
    def rate(self, rating: int, text: str, aside: bool) -> str:
        submission = Submission(rating=rating, idempotency_key=new_key(), text=text)
        arrival = Arrival(
            organization_id=SCHOOL,
            submission=submission,
            received_on=TODAY,
            channel="web",
            set_aside_reason="trap" if aside else "",
        )
        code = self.store.add(arrival).result().code
        assert not self.store.add(arrival).result().is_new
        standing = "set_aside" if aside else "accepted"
        self.model[code] = Kept(rating, text, standing, "waiting" if text else "none")
        return code

    @rule(code=receipts, text=TEXTS)
    def rewrite(self, code: str, text: str) -> None:
        kept = self.model[code]
        is_done = self.store.complete(code, Details(text=text), TODAY).result()
        assert is_done == (kept.standing != "withdrawn")
        if is_done and text != kept.text:
            kept.text, kept.reason = text, ""
            kept.text_state = "waiting" if text else "none"

    @rule(code=consumes(receipts))
    def withdraw(self, code: str) -> None:
        assert self.store.withdraw(code, TODAY).result()
        kept = self.model[code]
        kept.standing, kept.text, kept.text_state, kept.reason = "withdrawn", "", "none", ""
        kept.drop_reply()

    @rule(code=receipts, action=st.sampled_from(["publish", "restrict"]))
    def moderate(self, code: str, action: str) -> None:
        kept, found = self.model[code], self.store.find(code)
        assert found is not None
        reason = "insult" if action == "restrict" else ""
        decision = Decision(action=Action(action), by="m", today=TODAY, text_key=found.text_key, reason_code=reason)
        outcome = self.store.do(partial(decide, review_id=found.review_id, decision=decision)).result()
        may = kept.text_state in ("waiting", "published", "rejected")
        assert outcome is (Outcome.DONE if may else Outcome.FORBIDDEN)
        if may:
            kept.text_state, kept.reason = ("rejected" if reason else "published"), reason

    @rule(code=receipts, action=st.sampled_from(["set_aside", "accept"]))
    def weigh(self, code: str, action: str) -> None:
        kept, found = self.model[code], self.store.find(code)
        assert found is not None
        decision = Decision(action=Action(action), by="m", today=TODAY)
        outcome = self.store.do(partial(decide, review_id=found.review_id, decision=decision)).result()
        before, after = ("accepted", "set_aside") if action == "set_aside" else ("set_aside", "accepted")
        assert outcome is (Outcome.DONE if kept.standing == before else Outcome.FORBIDDEN)
        if kept.standing == before:
            kept.standing = after

    @rule(code=receipts)
    def erase(self, code: str) -> None:
        kept, found = self.model[code], self.store.find(code)
        assert found is not None
        work = partial(erase_text, review_id=found.review_id, by="a", reason_code="unlawful", basis="№ 1", today=TODAY)
        may = kept.text_state in ("waiting", "published", "rejected")
        assert self.store.do(work).result() is (Outcome.DONE if may else Outcome.FORBIDDEN)
        if may:
            kept.text, kept.text_state, kept.reason = "", "erased", "unlawful"
            kept.drop_reply()

    @rule(code=receipts, text=st.sampled_from(["Спасибо.", "Исправим."]))
    def answer(self, code: str, text: str) -> None:
        found = self.store.find(code)
        assert found is not None
        outcome = self.store.do(partial(reply, review_id=found.review_id, by="s", text=text, today=TODAY)).result()
        assert outcome is Outcome.DONE
        kept = self.model[code]
        kept.wordings += text != kept.reply
        kept.reply = text

    # ---- what happens to the store ---------------------------------------------------------------------------------

    @rule()
    def restart(self) -> None:
        place = self.store.place
        self.store.close()
        self.store = Store(place)

    @rule()
    def save(self) -> None:
        report = back_up(self.store.place, Path(self.folder.name) / "backups", TODAY)
        self.backup = (report.folder, {code: Kept(**vars(kept)) for code, kept in self.model.items()})

    # ---- what must hold --------------------------------------------------------------------------------------------

    @invariant()
    def the_store_is_the_model(self) -> None:
        for code, kept in self.model.items():
            found = self.store.find(code)
            assert found is not None
            assert (found.rating, found.text, str(found.standing)) == (kept.rating, kept.text, kept.standing)
            assert (str(found.text_standing), found.text_reason) == (kept.text_state, kept.reason)

    @invariant()
    def there_is_a_key_for_each_text_and_no_other(self) -> None:
        keys = self.store.read(lambda c: c.exec_driver_sql("SELECT count(*) FROM text_keys").scalar_one())
        assert keys == sum(bool(kept.text) + kept.wordings for kept in self.model.values())

    def compare_exports(self) -> None:
        verdict = verify(self.store.place)
        assert verdict.faults == ()
        out = Path(self.folder.name) / "out"
        told = [kept for kept in self.model.values() if kept.standing != "withdrawn"]
        assert export_reviews(self.store.place, out) == len(told)
        rows = list(csv.DictReader(StringIO("".join(file.read_text("utf-8") for file in out.glob("reviews*.csv")))))
        assert [(row["rating"], row["text"], row["reason_code"]) for row in rows] == [
            (
                str(kept.rating),
                kept.text if kept.standing == "accepted" and kept.text_state == "published" else "",
                "set_aside" if kept.standing == "set_aside" else kept.reason,
            )
            for kept in told
        ]
        if self.backup:
            self._compare_restored(*self.backup)

    def _compare_restored(self, folder: Path, saved: dict[str, Kept]) -> None:
        """The restored store is the saved one, but for what was withdrawn, erased or written anew since."""
        back_up(self.store.place, folder.parent, TODAY)
        place = store_place(Path(self.folder.name) / "restored" / "store.sqlite")
        restore(folder, place, TODAY)
        restored = Store(place)
        assert verify(place).faults == ()
        for code, kept in saved.items():
            found, now = restored.find(code), self.model[code]
            assert found is not None and found.rating == kept.rating
            if now.standing == "withdrawn":
                assert (str(found.standing), found.text) == ("withdrawn", "")
            else:
                assert found.text in ("", kept.text)
                assert found.text == kept.text or now.text != kept.text or now.text_state != kept.text_state
        restored.close()


Histories.TestCase.settings = settings(max_examples=12, stateful_step_count=20, deadline=None)
TestHistories = Histories.TestCase


def test_a_hidden_text_that_is_taken_away_leaves_no_reason() -> None:
    history = Histories()
    code = history.rate(rating=4, text="Тепло.", aside=False)
    history.moderate(code, "restrict")
    history.rewrite(code, "")
    history.the_store_is_the_model()
    history.teardown()
