"""Builds what the click worker needs, once a process."""

from collections.abc import Mapping, Sequence
from functools import cache
from zoneinfo import ZoneInfo

from functions.contracts.queues import JudgeClicksJob, Queue
from functions.domain.link_domains import DomainHealth
from functions.links.asking import Asked
from functions.links.counting import CountingDeps
from functions.links.judging import JudgingDeps
from functions.links.service import LinksDeps
from functions.links.standalone import StandaloneDeps
from functions.runtime import queues
from functions.runtime.ids import fresh_word
from functions.runtime.pseudonym import hash_of_network
from functions.runtime.settings import link_hosts, tenant_zone
from functions.storage.announcing import AnnouncingBatches, collect, tell_collected
from functions.storage.campaigns import CampaignStore
from functions.storage.hits import HitStore
from functions.storage.link_domains import LinkDomainStore, current_link_base
from functions.storage.link_openings import OpeningStore
from functions.storage.standalone_links import StandaloneLinkStore
from functions.storage.triggers import follow_at_once


@cache
def deps() -> LinksDeps:
    """What recording needs."""
    return LinksDeps(
        batches=AnnouncingBatches(collect),
        hits=HitStore(),
        network_hash=hash_of_network,
        followed=follow_at_once,
    )


@cache
def judging_deps() -> JudgingDeps:
    """What judging again needs."""
    return JudgingDeps(campaigns=CampaignStore(), links=deps(), enqueue=_enqueue)


def finish() -> None:
    """Have webhooks told of the batches whose links were opened. Raises Unavailable."""
    tell_collected()


def _enqueue(jobs: Sequence[JudgeClicksJob]) -> None:
    queues.send(jobs, to=Queue.CLICKS)


@cache
def standalone_links() -> StandaloneLinkStore:
    """The store of standalone links, for lists."""
    return StandaloneLinkStore()


@cache
def openings() -> OpeningStore:
    """The store of openings, for reports."""
    return OpeningStore()


@cache
def standalone_deps() -> StandaloneDeps:
    """What making and changing standalone links needs."""
    return StandaloneDeps(links=standalone_links(), hosts=link_hosts(), fresh=fresh_word)


@cache
def counting_deps() -> CountingDeps:
    """What recording and counting openings needs."""
    return CountingDeps(
        openings=openings(), ask_to_count=Asked(queues.send), network_hash=hash_of_network
    )


def link_base() -> str:
    """What links start with."""
    return current_link_base()()


def domain_health() -> Mapping[str, DomainHealth]:
    """How the domains were found."""
    return LinkDomainStore().health()


def zone() -> ZoneInfo:
    """On whose clock days are told."""
    return tenant_zone()
