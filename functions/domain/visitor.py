"""Who is behind the opening of a link: a person, or a program that looks at links.

Messengers, mail gateways and search engines open every link they see; counted as people they
make a report worthless. A hit is a machine's when a sign says so, or two weak signs together;
with one weak sign alone nobody knows. What was seen of each hit is kept for a while, so that a
judgement can be explained, and made again by later rules.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from functions.domain.clicks import Visitor

RULES_VERSION = 2

SOONEST_PERSON_S = 2
"""Nobody has a message, has read it and has tapped its link so soon after it was handed over.
Checks of links by provider and carrier come at this moment."""
SOON_FOR_PERSON_S = 5
"""Few people are so quick."""
AT_ONCE_S = 3
"""Nobody comes back to a message and opens another of its links so fast; and never a third."""


class Sign(StrEnum):
    """What gives a machine away."""

    HEAD_REQUEST = "head_request"
    PREFETCH = "prefetch"
    TOO_SOON = "too_soon"
    NO_USER_AGENT = "no_user_agent"
    NOT_A_BROWSER = "not_a_browser"
    PREVIEW = "preview"
    CRAWLER = "crawler"
    SCANNER = "scanner"
    HEADLESS = "headless"
    PROGRAM = "program"
    EVERY_LINK = "every_link"
    SOON = "soon"
    OLD_BROWSER = "old_browser"
    NEXT_LINK = "next_link"


WEAK = frozenset({Sign.SOON, Sign.OLD_BROWSER, Sign.NEXT_LINK})
"""What people do too, though seldom."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Every sign that speaks against a person, and by which rules."""

    reasons: tuple[Sign, ...]
    version: int = RULES_VERSION

    @property
    def visitor(self) -> Visitor:
        """Who it was."""
        strong = [each for each in self.reasons if each not in WEAK]
        if strong or len(self.reasons) > 1:
            return Visitor.MACHINE
        return Visitor.UNKNOWN if self.reasons else Visitor.HUMAN


# What loads a page before anybody asked for it says so: `Sec-Purpose: prefetch` (Fetch
# standard), `Purpose: prefetch` (older Chromium), `X-Moz: prefetch` (older Firefox),
# `X-Purpose: preview` (older Safari).
_AHEAD = re.compile(r"prefetch|prerender|preview")

# Every browser, also one inside an app, has called itself so since 1994; Opera once did not.
_BROWSER = re.compile(r"(mozilla|opera)/\d")

# In the browser inside KakaoTalk (`KAKAOTALK 25.2.1`), LINE (`Line/14.8.0`), Naver
# (`NAVER(inapp; …)`) and Daum (`DaumApps/…`) sits a person; the same houses' fetchers have
# names of their own (`kakaotalk-scrap`, https://devtalk.kakao.com/t/scrap/33984; `line-poker`;
# `Yeti`; `Daum/4.1`). Makers of scanners are listed by name even where they publish none:
# no person's browser carries it. (Avast and Norton do make browsers, so they are not here.)
_NAMES: Mapping[Sign, str] = {
    Sign.PREVIEW: (
        r"kakaotalk-scrap|facebookexternalhit|facebot|meta-external|line-poker|linespider"
        r"|twitterbot|slackbot|slack-imgproxy|discordbot|telegrambot|^whatsapp/|vkshare"
        r"|linkedinbot|pinterestbot|redditbot|embedly|iframely|googleimageproxy"
        r"|google-read-aloud|preview"
    ),
    Sign.CRAWLER: (
        # A phone of the brand Cubot is not a bot. An address is what bots add by custom.
        # No browser of today says that it is compatible, or gives an address.
        r"(?<!cu)bots?\b|compatible(?!; msie)|https?://|[\w.]@\w|\byeti/|daumoa|\bdaum/|crawl|spider|slurp|googleother"
        r"|google-inspectiontool|mediapartners-google|apis-google|feedfetcher|archiver"
        r"|chatgpt-user"
    ),
    Sign.SCANNER: (
        r"safelinks|mimecast|proofpoint|barracuda|messagelabs|symantec|trend ?micro|\btmase"
        r"|fireeye|trellix|sophos|zscaler|forcepoint|websense|ironport|fortiguard"
        r"|netcraft|urlscan|virustotal|google-safety|checkmarknetwork|palo ?alto networks"
        r"|censys|shodan|zgrab|masscan|nmap|nikto|nessus|qualys|acunetix|scanner"
        r"|link ?check|microsoft office|ms-office"
    ),
    Sign.HEADLESS: (
        r"headless|phantomjs|puppeteer|playwright|selenium|webdriver|lighthouse|\bptst/"
        r"|pingdom|uptime|statuscake|site24x7|datadog|newrelic|monitoring"
    ),
    Sign.PROGRAM: (
        r"\bcurl/|\bwget|\bpython|\baiohttp|\bhttpx|go-http-client|okhttp|\bjava/|httpclient"
        r"|libwww-perl|\blwp|\baxios|node-fetch|undici|guzzle|scrapy|httpie|postmanruntime"
        r"|winhttp|restsharp|\bdalvik/|\bcfnetwork/"
    ),
}
# Browsers that stopped being updated years ago: programs go on calling themselves so.
_OLD = re.compile(
    r"\bmsie |trident/|windows nt (?:5|6\.[01])|chrome/[1-6]?\d\.|firefox/[1-5]?\d\."
    r"|android [1-5]\.|(?:iphone|cpu) os [1-9]_"
)
_PATTERNS = tuple((sign, re.compile(names)) for sign, names in _NAMES.items())


def classify(*, method: str, user_agent: str, purpose: str, elapsed_s: int) -> Verdict:
    """Judge a hit by itself.

    ``purpose`` is what the request says it is for; ``elapsed_s`` counts from the earliest moment
    at which the message can have left.

    >>> classify(method="GET", user_agent="curl/8.5.0", purpose="", elapsed_s=60).visitor
    <Visitor.MACHINE: 'machine'>
    """
    return Verdict(
        reasons=(
            *_signs_of_request(method=method, purpose=purpose, elapsed_s=elapsed_s),
            *_signs_of_agent(user_agent.strip().lower()),
        )
    )


def _signs_of_request(*, method: str, purpose: str, elapsed_s: int) -> tuple[Sign, ...]:
    signs = {
        Sign.HEAD_REQUEST: method.upper() == "HEAD",
        Sign.PREFETCH: bool(_AHEAD.search(purpose.lower())),
        Sign.TOO_SOON: elapsed_s < SOONEST_PERSON_S,
        Sign.SOON: SOONEST_PERSON_S <= elapsed_s < SOON_FOR_PERSON_S,
    }
    return tuple(sign for sign, seen in signs.items() if seen)


@lru_cache(maxsize=4096)  # 75 µs; a campaign meets the same few browsers again and again
def _signs_of_agent(agent: str) -> tuple[Sign, ...]:
    if not agent:
        return (Sign.NO_USER_AGENT,)
    named = tuple(sign for sign, names in _PATTERNS if names.search(agent))
    if _OLD.search(agent):
        named = (*named, Sign.OLD_BROWSER)
    return named if _BROWSER.match(agent) else (*named, Sign.NOT_A_BROWSER)
