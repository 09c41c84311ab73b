"""Numbers the simulated carrier enforces, in one place, each with the place it was read."""

from __future__ import annotations

from typing import Final

# Message sizes: status codes 1031 and 1014 of SOLAPI's documents repository
# (api-reference/message-status-codes.md).
SMS_BYTES: Final = 90
LMS_BYTES: Final = 2_000
SUBJECT_BYTES: Final = 40
# Kakao raised the limit from 1,000 on 2025-10-28 (NHN Cloud release notes); SOLAPI's own text
# for 1031 still says 1,000, so callers should draft for 1,000.
ALIMTALK_CHARS: Final = 1_300

# customFields: status code 1032.
CUSTOM_NAME_CHARS: Final = 30
CUSTOM_VALUE_CHARS: Final = 100

# Kakao buttons: status codes 1049 and 1050.
BUTTONS: Final = 5
BUTTON_NAME_CHARS: Final = 14

# Requests: "add messages" page of the documents repository, solapi-nodejs README.
MESSAGES_PER_REQUEST: Final = 10_000
REQUEST_BYTES: Final = 15 * 1024 * 1024
SCHEDULE_AHEAD_DAYS: Final = 183
PAGE_DEFAULT: Final = 20
PAGE_MAX: Final = 500

# Authentication: authentication/api-key.md of the documents repository.
SKEW_S: Final = 15 * 60
REPLAY_S: Final = 15 * 60
SALT_BYTES: Final = range(12, 65)

# Storage: api-reference/storage/uploadfile.md. Other types have no published limit.
FILE_BYTES: Final = {"MMS": 200 * 1024, "KAKAO": 500 * 1024, "DOCUMENT": 2 * 1024 * 1024}
FILE_BYTES_OTHERWISE: Final = 2 * 1024 * 1024

# Delivery reports: five calls in total, from the webhook example of solapi-nodejs. The number of
# reports per call is not published; 100 is this simulator's choice.
REPORTS_PER_CALL: Final = 100
REPORT_CALLS: Final = 5

# Won per message, from the sample answers of the documents repository.
PRICES: Final = {"SMS": 20, "LMS": 50, "MMS": 200, "ATA": 19}
