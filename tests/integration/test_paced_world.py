"""The world of ``make bench-pace`` fits dispatch as it is: a few batches leave at their pace."""

from collections import Counter
from dataclasses import replace

from benchmarks import pace
from benchmarks.paced_world import CountedLanes, TimedChannel, World, batches_of
from functions.contracts.queues import SendJob
from functions.domain.pace import Per, Rate
from tests.fakes.provider import FakeProvider

RATE = Rate(messages=100, per=Per.SECOND)


def test_batches_of_the_benchmark_leave_through_dispatch_and_take_their_places(account):
    lanes = CountedLanes()
    provider = FakeProvider()
    world = World(rate=RATE, provider=TimedChannel(provider, lanes), waits=[], lanes=lanes)
    batches = batches_of(4, 10, source="cmp_100")
    world.batches.create(batches)
    queue, outcomes = pace._Queue(), Counter()
    deps = replace(world.deps(), later=lambda job, *_: queue.put(job, 0))
    for batch in batches:
        queue.put(SendJob(batch=batch.meta.number), 0)

    pace._run(queue, deps, outcomes, want=len(batches))

    assert outcomes["sent"] == len(batches)
    assert provider.calls == len(batches)
    assert lanes.writes >= len(batches)
    assert len(world.provider.late_s) == len(batches)
