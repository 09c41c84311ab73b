"""What codes mean, for people: in Korean and in English. Nothing here quotes a file."""

from collections.abc import Mapping
from typing import NamedTuple

from functions.domain.contact_file import FileFault, RowFault


class Text(NamedTuple):
    """A sentence in both languages."""

    korean: str
    english: str


UNKNOWN = Text("값이 올바르지 않습니다.", "The value is not valid.")

ROW_TEXTS: Mapping[str, Text] = {
    RowFault.WRONG_CELL_COUNT: Text(
        "칸 수가 제목 줄과 다릅니다.", "The row has not as many cells as the header."
    ),
    RowFault.UNCLOSED_QUOTE: Text(
        "큰따옴표가 닫히지 않았습니다.", "A quotation mark is opened and never closed."
    ),
    RowFault.MALFORMED_ROW: Text(
        "CSV 형식에 맞지 않는 행입니다.", "The row does not follow the rules of CSV."
    ),
    RowFault.MALFORMED_JSON: Text(
        "한 줄에 JSON 객체 하나가 아니거나 값이 여러 겹입니다.",
        "The line is not one JSON object of plain values.",
    ),
    RowFault.CELL_TOO_LARGE: Text(
        "칸의 내용이 10,000자를 넘습니다.", "The cell holds more than 10,000 characters."
    ),
    RowFault.CONTROL_CHARACTERS: Text(
        "보이지 않는 제어 문자가 들어 있습니다.", "The cell holds invisible control characters."
    ),
    RowFault.FORMULA_INJECTION: Text(
        "스프레드시트 수식으로 실행될 수 있는 값입니다 (= + - @ 로 시작).",
        "A spreadsheet could run this as a formula: it starts with = + - or @.",
    ),
    RowFault.TOO_LONG: Text(
        "값이 너무 깁니다 (최대 200자, 그룹은 100자).",
        "The value is longer than 200 characters (100 for a group).",
    ),
    RowFault.MISSING_ID: Text("고객번호가 비어 있습니다.", "The customer number is empty."),
    RowFault.INVALID_ID: Text(
        "고객번호는 영문, 숫자, . _ : - 로 된 1~64자여야 합니다.",
        "Use 1 to 64 of A-Z a-z 0-9 . _ : - and start with a letter or digit.",
    ),
    RowFault.MISSING_PHONE: Text("휴대폰 번호가 비어 있습니다.", "The phone number is empty."),
    RowFault.FOREIGN_NUMBER: Text(
        "국외 번호에는 문자를 보낼 수 없습니다.",
        "The number is not Korean and cannot be reached by domestic SMS.",
    ),
    RowFault.INVALID_EMAIL: Text(
        "이메일 주소가 올바르지 않습니다.", "This is not an e-mail address."
    ),
    RowFault.UNKNOWN_CONSENT_VALUE: Text(
        "수신동의 값을 알 수 없습니다 (Y 또는 N).", "The consent must be Y or N, or empty."
    ),
    RowFault.INVALID_DATE: Text(
        "날짜를 알 수 없습니다 (예: 2026-03-05 14:30).",
        "This is not a date, such as 2026-03-05 14:30.",
    ),
    RowFault.DATE_IN_FUTURE: Text("미래의 날짜입니다.", "The date lies in the future."),
    RowFault.DUPLICATE_IN_FILE: Text(
        "파일의 앞선 행에 같은 값이 있습니다.", "An earlier row of the file has the same value."
    ),
    RowFault.ADDRESS_TAKEN: Text(
        "다른 고객이 사용 중인 번호입니다.", "The number belongs to another contact."
    ),
    # The codes of functions.content.phone.
    "not_a_number": Text("전화번호가 아닙니다.", "This is not a phone number."),
    "invalid_number": Text(
        "존재할 수 없는 번호입니다.", "No such number can exist in its numbering plan."
    ),
    "landline": Text(
        "휴대폰 번호가 아니어서 문자를 받을 수 없습니다.",
        "This is not a mobile number, so it cannot take text messages.",
    ),
}

FILE_TEXTS: Mapping[FileFault, Text] = {
    FileFault.EMPTY_FILE: Text("빈 파일입니다.", "The file is empty."),
    FileFault.NOT_A_TEXT_FILE: Text(
        "CSV, NDJSON, XLSX 파일이 아닙니다. 엑셀에서 XLSX나 CSV로 저장해 주세요.",
        "This is neither CSV, NDJSON nor XLSX. In a spreadsheet, save it as one of them.",
    ),
    FileFault.WRONG_ENCODING: Text(
        "UTF-8 또는 CP949(ANSI)로 저장된 파일이 아닙니다.",
        "The file is neither UTF-8 nor CP949 throughout.",
    ),
    FileFault.LINE_TOO_LONG: Text(
        "1 MiB가 넘는 줄이 있습니다.", "The file has a line of more than 1 MiB."
    ),
    FileFault.TOO_MANY_ROWS: Text(
        "2,000,000행(엑셀은 300,000행)이 넘습니다. 파일을 나눠 주세요.",
        "The file has more than 2,000,000 lines (a workbook 300,000 rows); split it.",
    ),
    FileFault.MISSING_COLUMNS: Text(
        "고객번호 열을 찾을 수 없습니다. 첫 줄에 고객번호, 휴대폰 등의 제목이 있어야 합니다.",
        "There is no column for the customer number. The first row must hold headers such as "
        "고객번호 (customer_id) and 휴대폰 (phone).",
    ),
    FileFault.UNKNOWN_HEADERS: Text(
        "지정한 제목의 열이 파일에 없습니다.",
        "The mapping names headers that are not in the file.",
    ),
    FileFault.DUPLICATE_COLUMNS: Text(
        "같은 뜻의 열이 둘 이상입니다.", "Several columns mean the same; keep one of them."
    ),
    FileFault.TOO_MANY_COLUMNS: Text(
        "추가 정보 열은 30개까지 가져올 수 있습니다.",
        "At most 30 further columns can be imported.",
    ),
    FileFault.DAMAGED_FILE: Text(
        "파일이 손상되었거나 끝까지 올라오지 않았습니다.",
        "The archive or workbook is damaged or was not uploaded to its end.",
    ),
    FileFault.UNPACKS_TOO_LARGE: Text(
        "압축을 풀면 너무 큽니다. 파일을 나눠 주세요.",
        "The file unpacks to too much (4 GiB, a workbook 2 GiB); split it.",
    ),
    FileFault.WORKBOOK_TOO_LARGE: Text(
        "엑셀 파일은 100MB까지 가져올 수 있습니다. CSV로 저장해 주세요.",
        "A workbook may have 100 MiB; save it as CSV.",
    ),
    FileFault.FILE_CHANGED: Text(
        "가져오는 동안 파일이 바뀌었습니다.", "The file was uploaded again while it was read."
    ),
}
