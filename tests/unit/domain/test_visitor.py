"""Telling people from machines by what a request says."""

import pytest
from hypothesis import given, strategies as st

from functions.domain.clicks import Visitor
from functions.domain.visitor import RULES_VERSION, Sign, Verdict, classify

KEPT_OF_USER_AGENT = 200
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 "
    "(KHTML, like Gecko)"
)
GALAXY = (
    "Mozilla/5.0 (Linux; Android 14; SM-S928N Build/UP1A.231005.007; wv) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Version/4.0 Chrome/130.0.6723.102 Mobile Safari/537.36"
)
CHROME = (
    "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/130.0.0.0 Mobile Safari/537.36"
)

PEOPLE = {
    "samsung-internet": (
        "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        "SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36"
    ),
    "samsung-internet-with-model": (
        "Mozilla/5.0 (Linux; Android 13; SAMSUNG SM-A536N) AppleWebKit/537.36 (KHTML, like Gecko) "
        "SamsungBrowser/20.0 Chrome/106.0.5249.126 Mobile Safari/537.36"
    ),
    "chrome-on-android": CHROME,
    "kakaotalk-on-galaxy": f"{GALAXY};KAKAOTALK 2410720",
    "kakaotalk-inapp-on-galaxy": f"{GALAXY} KAKAOTALK/11.2.1 (INAPP)",
    "kakaotalk-on-iphone": f"{IPHONE} Mobile/15E148 KAKAOTALK 11.2.1",
    "naver-on-galaxy": f"{GALAXY} NAVER(inapp; search; 2000; 12.9.3)",
    "naver-on-iphone": f"{IPHONE} Mobile/15E148 NAVER(inapp; search; 1050; 12.9.3; 16PRO)",
    "naver-whale": (
        "Mozilla/5.0 (Linux; Android 14; SM-S918N) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/128.0.0.0 Whale/3.7.1.2 Mobile Safari/537.36"
    ),
    "daum-on-galaxy": f"{GALAXY} DaumApps/8.2.0 DaumDevice/mobile",
    "line-on-iphone": f"{IPHONE} Mobile/15E148 Safari Line/14.19.1",
    "line-on-android": f"{GALAXY} Line/14.19.2/IAB",
    "band-on-android": f"{GALAXY} BAND/20.1.0 (Android OS 14;SM-S928N)",
    "safari-on-iphone": f"{IPHONE} Version/18.1 Mobile/15E148 Safari/604.1",
    "chrome-on-iphone": f"{IPHONE} CriOS/130.0.6723.90 Mobile/15E148 Safari/604.1",
    "instagram-on-iphone": f"{IPHONE} Mobile/22B83 Instagram 356.0.0.32.99 (iPhone17,1; iOS 18_1)",
    "facebook-on-iphone": f"{IPHONE} Mobile/22B83 [FBAN/FBIOS;FBAV/488.0.0.70.103;FBBV/657;FBDV/i]",
    "pinterest-on-iphone": f"{IPHONE} Mobile/22B83 [Pinterest/iOS]",
    "cubot-phone": (
        "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/130.0.0.0 Mobile Safari/537.36"
    ),
    "edge-on-windows": (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/130.0.0.0 Safari/537.36 Edg/130.0.0.0"
    ),
    "avast-on-windows": (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
        "Chrome/130.0.0.0 Safari/537.36 Avast/130.0.0.0"
    ),
    "safari-on-mac": (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 "
        "(KHTML, like Gecko) Version/18.1 Safari/605.1.15"
    ),
    "firefox": "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0",
    "old-opera": "Opera/9.80 (Android; Opera Mini/36.2/191.256; U; ko) Presto/2.12 Version/12.16",
}

IMESSAGE_PREVIEW = (
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) "
    "Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"
)
SKYPE = (
    "Mozilla/5.0 (Windows NT 6.1; WOW64) SkypeUriPreview Preview/0.5 "
    "skype-url-preview@microsoft.com"
)
GOOGLE_ON_PHONE = (
    "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 "
    "(KHTML, like Gecko) Chrome/130.0.6723.116 Mobile Safari/537.36 "
    "(compatible; Googlebot/2.1; +http://www.google.com/bot.html)"
)
BING = (
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; bingbot/2.0; "
    "+http://www.bing.com/bingbot.htm) Chrome/116.0.1938.76 Safari/537.36"
)
HEADLESS_CHROME = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "HeadlessChrome/130.0.0.0 Safari/537.36"
)

MACHINES = {
    "kakaotalk-preview": (
        "facebookexternalhit/1.1; kakaotalk-scrap/1.0; +https://devtalk.kakao.com/t/scrap/33984",
        Sign.PREVIEW,
    ),
    "line-preview": ("facebookexternalhit/1.1;line-poker/1.0", Sign.PREVIEW),
    "facebook-preview": (
        "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
        Sign.PREVIEW,
    ),
    "imessage-preview": (IMESSAGE_PREVIEW, Sign.PREVIEW),
    "twitter": ("Twitterbot/1.0", Sign.PREVIEW),
    "slack": ("Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)", Sign.PREVIEW),
    "telegram": ("TelegramBot (like TwitterBot)", Sign.PREVIEW),
    "whatsapp": ("WhatsApp/2.24.22.78 A", Sign.PREVIEW),
    "discord": ("Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", Sign.PREVIEW),
    "skype": (SKYPE, Sign.PREVIEW),
    "naver": ("Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd)", Sign.CRAWLER),
    "daum": ("Mozilla/5.0 (compatible; Daum/4.1; +http://cs.daum.net/faq/)", Sign.CRAWLER),
    "google-on-phone": (GOOGLE_ON_PHONE, Sign.CRAWLER),
    "bing": (BING, Sign.CRAWLER),
    "bitly": ("bitlybot/3.0 (+http://bit.ly/)", Sign.CRAWLER),
    "apple": (f"{IPHONE} Version/17.4 Mobile/15E148 Safari/604.1 (Applebot/0.1)", Sign.CRAWLER),
    "unknown-bot-with-address": (f"{CHROME} (Looker/1; +https://looker.example)", Sign.CRAWLER),
    "safelinks": (f"{CHROME} SafeLinks", Sign.SCANNER),
    "mimecast": ("Mozilla/5.0 (compatible; Mimecast URL Protect)", Sign.SCANNER),
    "proofpoint": ("Mozilla/5.0 (Windows NT 10.0) Proofpoint URL Defense", Sign.SCANNER),
    "barracuda": ("Mozilla/5.0 (compatible; Barracuda Sentinel (EE))", Sign.SCANNER),
    "google-safety": ("Google-Safety (+http://www.google.com/bot.html)", Sign.SCANNER),
    "censys": ("Mozilla/5.0 (compatible; CensysInspect/1.1)", Sign.SCANNER),
    "headless-chrome": (HEADLESS_CHROME, Sign.HEADLESS),
    "lighthouse": (f"{CHROME} Chrome-Lighthouse", Sign.HEADLESS),
    "curl": ("curl/8.5.0", Sign.PROGRAM),
    "wget": ("Wget/1.21.4", Sign.PROGRAM),
    "requests": ("python-requests/2.32.3", Sign.PROGRAM),
    "urllib": ("Python-urllib/3.11", Sign.PROGRAM),
    "go": ("Go-http-client/2.0", Sign.PROGRAM),
    "okhttp": ("okhttp/4.12.0", Sign.PROGRAM),
    "java": ("Apache-HttpClient/4.5.14 (Java/17.0.9)", Sign.PROGRAM),
    "android-app": ("Dalvik/2.1.0 (Linux; U; Android 14; SM-S928N)", Sign.PROGRAM),
    "ios-app": ("Messages/1 CFNetwork/1568.200.51 Darwin/24.1.0", Sign.PROGRAM),
    "unheard-of": ("Reader", Sign.NOT_A_BROWSER),
    "empty": ("", Sign.NO_USER_AGENT),
    "blank": ("  ", Sign.NO_USER_AGENT),
}


def judge(
    user_agent: str = CHROME, *, method: str = "GET", purpose: str = "", elapsed_s: int = 60
) -> Verdict:
    return classify(method=method, user_agent=user_agent, purpose=purpose, elapsed_s=elapsed_s)


@pytest.mark.parametrize("user_agent", PEOPLE.values(), ids=PEOPLE.keys())
def test_a_browser_of_a_person_is_a_person(user_agent: str) -> None:
    assert judge(user_agent) == Verdict(visitor=Visitor.HUMAN, reasons=(), version=1)


@pytest.mark.parametrize("user_agent", PEOPLE.values(), ids=PEOPLE.keys())
def test_a_person_is_one_also_when_the_name_was_cut(user_agent: str) -> None:
    assert judge(user_agent[:KEPT_OF_USER_AGENT]).visitor is Visitor.HUMAN


@pytest.mark.parametrize(("user_agent", "sign"), MACHINES.values(), ids=MACHINES.keys())
def test_a_program_that_looks_at_links_is_a_machine(user_agent: str, sign: Sign) -> None:
    verdict = judge(user_agent[:KEPT_OF_USER_AGENT])

    assert verdict.visitor is Visitor.MACHINE
    assert sign in verdict.reasons


@pytest.mark.parametrize("method", ["HEAD", "head"])
def test_head_is_a_machine_whatever_it_calls_itself(method: str) -> None:
    assert judge(method=method) == Verdict(visitor=Visitor.MACHINE, reasons=(Sign.HEAD_REQUEST,))


@pytest.mark.parametrize(
    "purpose",
    ["prefetch", "Prefetch", "prefetch;prerender", "prefetch;anonymous-client-ip", "preview"],
)
def test_loading_ahead_is_a_machine(purpose: str) -> None:
    assert judge(purpose=purpose) == Verdict(visitor=Visitor.MACHINE, reasons=(Sign.PREFETCH,))


@pytest.mark.parametrize(
    ("elapsed_s", "reasons"),
    [
        pytest.param(-3600, (Sign.TOO_SOON,), id="before-it-was-made"),
        pytest.param(0, (Sign.TOO_SOON,), id="at-once"),
        pytest.param(1, (Sign.TOO_SOON,), id="next-second"),
        pytest.param(2, (), id="two-seconds"),
        pytest.param(30 * 86_400, (), id="a-month"),
    ],
)
def test_nobody_reads_a_message_that_fast(elapsed_s: int, reasons: tuple[Sign, ...]) -> None:
    assert judge(elapsed_s=elapsed_s).reasons == reasons


def test_gives_every_sign() -> None:
    verdict = judge("curl/8.5.0", method="HEAD", purpose="prefetch", elapsed_s=0)

    assert verdict.reasons == (
        Sign.HEAD_REQUEST,
        Sign.PREFETCH,
        Sign.TOO_SOON,
        Sign.PROGRAM,
        Sign.NOT_A_BROWSER,
    )
    assert verdict.version == RULES_VERSION


@given(
    method=st.text(max_size=10),
    user_agent=st.text(max_size=200),
    purpose=st.text(max_size=40),
    elapsed_s=st.integers(),
)
def test_whatever_comes_a_verdict_is_given_and_only_machines_have_reasons(
    method: str, user_agent: str, purpose: str, elapsed_s: int
) -> None:
    verdict = classify(method=method, user_agent=user_agent, purpose=purpose, elapsed_s=elapsed_s)

    assert (verdict.visitor is Visitor.MACHINE) == bool(verdict.reasons)


@given(
    user_agent=st.sampled_from(list(PEOPLE.values())), junk=st.text("abcxyz ();/.0123", max_size=9)
)
def test_a_scanner_stays_one_whatever_browser_it_imitates(user_agent: str, junk: str) -> None:
    verdict = judge(f"{user_agent} {junk} kakaotalk-scrap/1.0")

    assert verdict.visitor is Visitor.MACHINE
