"""What reads like an advertisement in a text that is marked as a notice."""

import pytest
from hypothesis import given, strategies as st

from functions.domain.ad_words import AdWarning, AdWarningCode, ad_warnings

ADS, APP = AdWarningCode.AD_WORDS, AdWarningCode.APP_PROMOTION
GROUND = AdWarningCode.BENEFIT_WITHOUT_GROUND

# Written after what shops, clinics, banks, telecoms and schools send; none of it invites.
NOTICES = [
    # orders and payments
    "[알림상점] {{ contact.name }}님, 주문 완료\n주문번호: {{ order }}\n결제금액: 32,000원",
    "상품금액 35,000원\n할인금액 -3,000원\n쿠폰할인 -2,000원\n최종결제 30,000원",
    "총 할인 5,000원, 쿠폰 사용 1장, 적립 예정 포인트 320P",
    "회원등급 5% 할인 적용: -1,500원",
    "카드 10% 청구할인 적용되어 45,000원이 승인되었습니다.",
    "즉시할인 2,000원이 반영된 금액으로 결제되었습니다.",
    "할인된 금액 {{ amount }}원이 결제되었습니다.",
    "쿠폰번호: {{ code }}\n유효기간: {{ until }}까지",
    "주문하신 모바일 쿠폰이 발급되었습니다. 쿠폰번호: {{ code }}",
    "김철수님이 보내신 모바일 쿠폰이 도착했습니다.",
    "사용하신 쿠폰은 주문 취소로 복원되었습니다.",
    "포인트 1,200점이 사용되었습니다. 잔여 3,400점",
    "구매하신 상품의 포인트 1,000점이 적립되었습니다.",
    "환불 3영업일 이내에 카드 승인이 취소됩니다.",
    "입금이 확인되었습니다. 무료배송 상품입니다.",
    "가상계좌 입금 기한이 오늘까지입니다. 미입금 시 주문이 취소됩니다.",
    # deliveries
    "발송되었습니다.\n배송조회 {{ 'https://shop.example/event/coupon' | track }}",
    "사은품은 본 상품과 별도로 배송됩니다.",
    "증정품 포함 총 3개의 상자가 배송됩니다.",
    "택배기사가 14~16시 방문합니다. 문 앞 배송을 원하시면 회신 주세요.",
    "주문하신 신상품 예약 발송일이 변경되었습니다.",
    # bookings
    "예약이 확정되었습니다. 12월 3일 19시 2명. 무료 주차 2시간 가능합니다.",
    "특가 요금은 환불이 불가합니다. 무료 취소는 3일 전까지입니다.",
    "예매하신 공연은 이벤트홀 3층에서 열립니다.",
    "신청하신 이벤트 일정이 변경되었습니다.",
    "이벤트 당첨자 발표일이 안내드린 대로 12월 1일입니다.",
    "이벤트에 참여해 주셔서 감사합니다. 접수번호 1234",
    "내일 14시 진료 예약이 있습니다. 변경은 02-000-1234로 연락 주세요.",
    "건강검진 결과가 나왔습니다. 앱에서 확인하실 수 있습니다.",
    "수강 신청이 완료되었습니다. 선착순 마감된 강좌는 대기로 접수됩니다.",
    "에어컨 설치 기사 방문이 12월 3일로 확정되었습니다.",
    # money, telecoms, accounts
    "[인증번호 123456] 타인에게 알려주지 마세요.",
    "인증번호 [{{ otp }}]를 입력해 주세요. 3분간 유효합니다.",
    "12월 청구요금 45,000원, 약정할인 -11,000원, 복지할인 -5,000원",
    "약정 할인 기간이 12월 31일에 만료됩니다.",
    "무료 체험 기간이 종료되어 12월 1일부터 9,900원이 결제됩니다.",
    "무료 체험을 신청하신 고객님, 이용 기간은 7일입니다.",
    "영업사원 세일즈팀 김하나가 연락드릴 예정입니다.",
    "비밀번호가 변경되었습니다. 본인이 아니면 고객센터로 연락 주세요.",
    "출처가 불분명한 앱을 설치하지 마세요. 보이스피싱에 주의하세요.",
    "전화로 앱 설치를 요구하면 사기입니다.",
    "앱을 설치하시면 안 됩니다. 검찰은 앱 설치를 요청하지 않습니다.",
    "회원 등급이 VIP로 변경되었습니다. 등급별 혜택은 마이페이지에서 확인할 수 있습니다.",
    "고객님은 할인 쿠폰, 이벤트 등 광고성 정보 수신에 동의하셨습니다(2026-11-20).",
    "(광고)성 정보 수신 거부 처리 결과를 알려드립니다.",
    "[광고] 수신 동의가 철회되었습니다",
    "개인정보 처리방침이 변경되어 안내드립니다.",
    "{% if member %}회원{% else %}고객{% endif %}님, {# 할인 이벤트 쿠폰 #}접수되었습니다.",
    # English
    "Your order A-1 has shipped. Track it at https://shop.example/big-sale/50-off",
    "Discount applied: -$5.00. Total paid: $20.00",
    "Promo code SAVE10 was applied to your order.",
    "Your coupon was refunded because the order was cancelled.",
    "Enter code 123456 to verify your phone. Never share this code.",
    "Your free trial ends on Dec 1. You will be charged $9.99.",
    "Your event booking is confirmed for Friday 7 pm.",
    "Wholesale order received. For sale terms see your contract.",
    "We will never ask you to install an app or share your screen.",
    "Do not download the app from links you receive.",
    "Free gift wrap was added to your order.",
    "Your appointment is tomorrow at 10. Reply C to cancel.",
    "Points earned for your order: 120.",
    "Your order now ships in two boxes.",
    "Paid with voucher V-1. Redeem your voucher at the desk.",
    "Your free sample has shipped.",
    "Your buy now, pay later plan is approved.",
    "Our shop now opens at 9.",
]


@pytest.mark.parametrize("text", NOTICES)
def test_a_notice_raises_no_suspicion(text: str) -> None:
    assert ad_warnings(text) == ()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("전 상품 최대 50% 할인!", ("50% 할인", "최대 50% 할인")),
        ("{{ rate }}% 할인 중", ("…% 할인",)),
        ("회원님만 30％ 세일", ("30％ 세일",)),
        ("오늘 주문하면 20% 추가 할인", ("20% 추가 할인",)),
        ("지금 할인받으세요", ("할인받으세요",)),
        ("첫 구매 할인해 드립니다", ("할인해 드립니다",)),
        ("여름맞이 할인 행사", ("할인 행사",)),
        ("할인 진행 중", ("할인 진행 중",)),
        ("겨울 세일 시작", ("겨울 세일",)),
        ("빅세일", ("빅세일",)),
        ("세일 중입니다", ("세일 중입니다",)),
        ("오늘만 특가", ("오늘만 특가",)),
        ("특가로 만나는 신발", ("특가로 만나",)),
        ("반값 특가", ("반값 특가",)),
        ("오픈 이벤트에 초대합니다", ("오픈 이벤트",)),
        ("리뷰 이벤트 진행 중!", ("리뷰 이벤트",)),
        ("이벤트에 지금 참여하세요", ("이벤트에 지금 참여하세요",)),
        ("이벤트 바로가기", ("이벤트 바로가기",)),
        ("사은품 증정", ("사은품 증정",)),
        ("선착순 100명 경품을 모두 증정", ("경품을 모두 증정",)),
        ("커피 1+1 증정 행사", ("1+1 증정",)),
        ("기프티콘을 드립니다", ("기프티콘을 드립니다",)),
        ("무료 샘플 받으세요", ("무료 샘플 받으세요",)),
        ("쿠폰이 발급되었습니다", ("쿠폰이 발급되",)),
        ("생일 쿠폰이 도착했어요", ("쿠폰이 도착했",)),
        ("쿠폰을 받으세요", ("쿠폰을 받으세요",)),
        ("적립금 3,000원! 적립금을 드려요", ("적립금을 드려요",)),
        ("쿠폰 쓰러 가기", ("쿠폰 쓰러 가기",)),
        ("특별한 혜택", ("특별한 혜택",)),
        ("혜택을 놓치지 마세요", ("혜택을 놓치지",)),
        ("이 기회를 놓치지 마세요", ("기회를 놓치지 마",)),
        ("지금 바로 구매하세요", ("지금 바로 구매",)),
        ("신메뉴를 만나보세요", ("신메뉴를 만나보세요",)),
        ("(광고) 봄 소식", ("(광고)",)),
        ("50% off everything", ("50% off",)),
        ("Save up to 30% today", ("Save up to 30%",)),
        ("Summer sale!", ("Summer sale",)),
        ("Sale ends Sunday", ("Sale ends",)),
        ("Use coupon code SPRING", ("Use coupon code",)),
        ("Get your free gift", ("free gift",)),
        ("A limited-time offer", ("limited-time offer",)),
        ("Start your free trial", ("Start your free trial",)),
        ("Buy one, get one", ("Buy one, get one",)),
        ("Shop now", ("Shop now",)),
        ("Don't miss out", ("Don't miss out",)),
        ("Join our spring giveaway", ("Join our spring giveaway",)),
        ("Our launch event is on", ("launch event",)),
    ],
)
def test_an_advertisement_raises_it_with_its_words(text: str, found: tuple[str, ...]) -> None:
    (warning,) = ad_warnings(text)

    assert warning.code is ADS
    assert set(warning.found) & set(found)


@pytest.mark.parametrize(
    "text",
    [
        "앱 설치하고 확인하세요",
        "앱을 다운로드하세요",
        "지금 앱 다운받으세요",
        "어플 설치 후 이용 가능",
        "애플리케이션 설치하러 가기",
        "APP 설치하기",
        "Download our app",
        "Get the mobile app",
    ],
)
def test_a_push_to_install_an_app_is_named(text: str) -> None:
    assert [warning.code for warning in ad_warnings(text)] == [APP]


def test_alimtalk_may_not_push_to_start_an_app_either() -> None:
    text = "앱 실행하고 배송을 확인하세요"

    assert ad_warnings(text) == ()
    assert [warning.code for warning in ad_warnings(text, alimtalk=True)] == [APP]


@pytest.mark.parametrize(
    "text",
    [
        "포인트 1,000점이 적립되었습니다.",
        "#{이름}님, 쿠폰이 발급되었습니다.",
        "생일 축하 쿠폰이 지급되었습니다.",
        "적립금 3,000원이 12월 31일에 소멸됩니다.",
        "소멸 예정인 포인트를 알려드립니다.",
        "Points expiring soon: 300",
    ],
)
def test_alimtalk_names_the_ground_of_a_benefit(text: str) -> None:
    (warning,) = ad_warnings(text, alimtalk=True)

    assert warning.code is GROUND
    assert warning.found


@pytest.mark.parametrize(
    "text",
    [
        "구매하신 상품의 포인트 1,000점이 적립되었습니다.",
        "쿠폰이 발급되었습니다.\n* 고객님의 쿠폰 발급 신청에 따라 발송된 메시지입니다.",
        "적립금이 소멸됩니다.\n* 12월 1일 주문으로 적립된 적립금 안내입니다.",
        "리뷰를 작성해 주셔서 포인트 500점을 지급해 드렸습니다.",
        "결제 완료\n적립 포인트 300P 지급",
        "포인트 1,200점이 사용되었습니다.",
        "Points were credited for your recent purchase.",
    ],
)
def test_a_benefit_with_its_ground_may_be_told(text: str) -> None:
    assert ad_warnings(text, alimtalk=True) == ()


@pytest.mark.parametrize("text", NOTICES)
def test_a_notice_may_also_be_an_alimtalk(text: str) -> None:
    codes = {warning.code for warning in ad_warnings(text, alimtalk=True)}

    assert codes <= {GROUND}


def test_each_kind_of_suspicion_is_told_once_with_every_word() -> None:
    assert ad_warnings("빅세일! 앱 설치하고 쿠폰을 받으세요. 빅세일!") == (
        AdWarning(code=ADS, found=("빅세일", "쿠폰을 받으세요")),
        AdWarning(code=APP, found=("앱 설치하고",)),
    )


def test_decomposed_letters_are_read_as_composed() -> None:
    decomposed = "\u1107\u1175\u11a8\u1109\u1166\u110b\u1175\u11af"  # 빅세일

    assert ad_warnings(decomposed) == (AdWarning(code=ADS, found=("빅세일",)),)


@given(st.text(), st.booleans())
def test_any_text_can_be_read(text: str, alimtalk: bool) -> None:
    for warning in ad_warnings(text, alimtalk=alimtalk):
        assert warning.found
        assert all(warning.found)
