"""What was seen of openings of links by people and by machines, as they introduce themselves.

Compiled from what makers publish of their browsers and fetchers, and from patterns that mail
gateways are known for; no record of a real person.
"""

from functions.domain.hits import Seen
from functions.domain.visitor import Sign

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

PEOPLE_BY_NAME = {
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

MACHINES_BY_NAME = {
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

PEOPLE = tuple(PEOPLE_BY_NAME.values())
MACHINES = tuple(agent for agent, _ in MACHINES_BY_NAME.values())
_LEFT = 1_795_316_400


def _trace(
    *openings: tuple[int, int], agent: str = CHROME, method: str = "GET"
) -> tuple[Seen, ...]:
    """Openings of one message: seconds after it left, and which link."""
    return tuple(
        Seen(
            at=_LEFT + at,
            ordinal=0,
            link=link,
            method=method,
            user_agent=agent,
            network="",
            purpose="",
        )
        for at, link in openings
    )


MULTI_HIT_MACHINES = (
    # A gateway detonates every link as the message passes.
    _trace((60, 0), (60, 1), (61, 2)),
    _trace((30, 0), (31, 1), (31, 2), (32, 3), (33, 4)),
    # One that imitates the recipient's phone, hours later.
    _trace((7200, 0), (7200, 1), (7201, 2), (7202, 3), agent=PEOPLE_BY_NAME["safari-on-iphone"]),
    # The carrier's check at the hand-over, twice.
    _trace((0, 0), (1, 0)),
    # Asks for the head first, as link checkers do.
    _trace((40, 0), method="HEAD"),
    # A sandbox with a browser of years ago, at once.
    _trace((3, 0), agent=CHROME.replace("Chrome/130", "Chrome/49")),
)
MULTI_HIT_PEOPLE = (
    # Taps twice because the page is slow.
    _trace((45, 0), (47, 0), (52, 0)),
    # Looks at one offer after the other.
    _trace((90, 0), (102, 1), (131, 2), (160, 0)),
    # Comes back the next day.
    _trace((300, 1), (86_700, 1)),
    # Is quick, but not that quick.
    _trace((6, 0)),
    # Shows it to somebody on another device.
    _trace((600, 0)) + _trace((660, 0), agent=PEOPLE_BY_NAME["edge-on-windows"]),
)
