"""The error a request ends with: HTTP status plus SOLAPI's errorCode and errorMessage."""

from __future__ import annotations


class ApiError(Exception):
    """A refusal of a whole request, answered as ``{errorCode, errorMessage}``."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


def invalid(message: str) -> ApiError:
    """Build the 400 that SOLAPI calls ValidationError."""
    return ApiError(400, "ValidationError", message)
