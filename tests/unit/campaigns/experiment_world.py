"""A campaign with variants, and people who open its links at rates of their own."""

from dataclasses import dataclass, field
from datetime import timedelta

from functions.contracts.queues import SendJob
from functions.domain.clicks import BatchClicks, Hit, Visitor
from functions.domain.experiment import Criteria, Experiment, Variant
from tests.unit.campaigns.safe_world import CAMPAIGN, World

WINDOW = timedelta(minutes=10)
CRITERIA = Criteria(
    guard=None,
    window=WINDOW,
    min_sample=10,
    look_every=timedelta(minutes=5),
    deadline=timedelta(hours=2),
)


def an_experiment(*names: str, **values: object) -> Experiment:
    variants = tuple(Variant(name=name) for name in names or ("a", "b"))
    facts: dict[str, object] = {"variants": variants, "criteria": CRITERIA}
    return Experiment(**(facts | values))  # type: ignore[arg-type]


@dataclass
class Varied(World):
    """Of the people who get variant v, ``percent[v]`` of a hundred open the link, half a minute on.

    Who of them is told by the person's number, so that it is the same whatever happens.
    """

    percent: dict[str, int] = field(default_factory=dict)

    def _send(self, job: SendJob) -> None:
        super()._send(job)
        batch = self.batches.batches[job.batch]  # type: ignore[index]  # a number
        elapsed_s = int((self.now - batch.meta.began).total_seconds()) + 30
        most = self.percent.get(batch.meta.variant, 0)
        hits = [
            Hit(ordinal=ordinal, link=0, visitor=Visitor.HUMAN, elapsed_s=elapsed_s)
            for ordinal, each in enumerate(batch.recipients)
            if int(str(each.contact_id)[1:]) * 37 % 100 < most
        ]
        none = BatchClicks.none(batch.meta.size)
        clicks = self.batches.clicks.get(batch.meta.number, none)
        if batch.state.rounds == ():
            return
        self.batches.clicks[batch.meta.number] = clicks.with_hits(hits)

    def got(self) -> dict[int, str]:
        """Which variant each person got who was sent a message."""
        return {
            int(str(each.contact_id)[1:]): batch.meta.variant
            for part in self.campaigns.parts(CAMPAIGN)
            for number in part.batches
            for batch in (self.batches.batches[number],)
            for each in batch.recipients
        }
