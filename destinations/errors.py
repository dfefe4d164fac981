"""What can go wrong between Muster and a destination.

What a caller must do differs by class, so each outcome has its own:

- nothing was applied, the same bytes may be sent again later: ``UnavailableError``,
  ``SlowDownError``;
- nobody knows whether it was applied: ``AnswerLostError``;
- nothing was applied and a repeat would change nothing: ``RequestRefusedError``,
  ``TooLargeError`` (smaller batches might), ``ListMissingError``;
- nothing more may be asked with this credential: ``TokenRefusedError``,
  ``PermissionMissingError``.

No text ever holds a token, phone or email.
"""

from __future__ import annotations

from core.errors import MusterError


class DestinationError(MusterError):
    """Any failure at or on the way to a destination."""


class CredentialRefusedError(DestinationError):
    """The destination will take nothing more with this credential."""


class TokenRefusedError(CredentialRefusedError):
    """401."""

    def __str__(self) -> str:
        return "Attentive refused the token. Enter a new one in the credential."


class PermissionMissingError(CredentialRefusedError):
    """403. permission: what the token lacks, as Attentive's app screen calls it."""

    def __init__(self, permission: str = "Segments"):
        super().__init__(permission)
        self.permission = permission

    def __str__(self) -> str:
        return (
            f"The token lacks {self.permission} permission (All). "
            "Grant it to the app in Attentive, then test the connection again."
        )


class TokenUnusableError(DestinationError):
    """There is no token, or it holds what no header can carry; nothing was asked."""

    def __str__(self) -> str:
        return "The credential has no usable token. Enter it again, without blanks or line breaks."


class ListMissingError(DestinationError):
    """404 for a list that should be there."""

    def __str__(self) -> str:
        return (
            "Attentive does not have this segment. "
            "It may have been archived there: restore it in Attentive, or send to a new one."
        )


class ListArchivedError(DestinationError):
    """An id that cannot be read and cannot be created either. text: what was said."""

    def __init__(self, text: str = ""):
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        said = f" ({self.text.rstrip('.')})" if self.text else ""
        return (
            f"Attentive does not show this segment and does not let it be created{said}. "
            "Its id was probably archived: restore it in Attentive, or choose a new id."
        )


class JobMissingError(DestinationError):
    """404 for a job. (Attentive API v2, Bulk Status: kept for two weeks.)"""

    def __str__(self) -> str:
        return "Attentive no longer knows this job. It keeps jobs for two weeks."


class RequestRefusedError(DestinationError):
    """400 and its like: repeating the same bytes would be refused again.

    text: what the destination said, without personal data.
    """

    def __init__(self, status: int, text: str = ""):
        super().__init__(status, text)
        self.status = status
        self.text = text

    def __str__(self) -> str:
        said = f": {self.text}" if self.text else ""
        return f"Attentive refused the request ({self.status}){said.rstrip('.')}."


class TooLargeError(DestinationError):
    """413: nothing was applied; send smaller batches."""

    def __str__(self) -> str:
        return "Attentive finds the request too large. Set a smaller batch size."


class SlowDownError(DestinationError):
    """429, or our own limit: nothing was applied. retry_after: seconds to wait, or None."""

    def __init__(self, retry_after: float | None = None):
        super().__init__(retry_after)
        self.retry_after = retry_after

    def __str__(self) -> str:
        return "Attentive asked us to slow down. Muster tries again by itself."


class UnavailableError(DestinationError):
    """Nothing was applied: no connection came about, or the answer says so (500, 503).

    why: a few words; status: the HTTP status, when there was an answer.
    """

    def __init__(self, why: str, status: int | None = None):
        super().__init__(why, status)
        self.why = why
        self.status = status

    def __str__(self) -> str:
        return f"Attentive cannot be reached: {self.why}. Try again later."


class CertificateError(UnavailableError):
    """TLS failed, so nothing was sent."""

    def __str__(self) -> str:
        return (
            f"The connection is not secure: {self.why}. "
            "Check the address, and that this machine trusts its certificate."
        )


class AnswerLostError(DestinationError):
    """Bytes may have left and no usable answer came: nobody knows whether it was applied."""

    def __init__(self, why: str, status: int | None = None):
        super().__init__(why, status)
        self.why = why
        self.status = status

    def __str__(self) -> str:
        return f"Attentive's answer was lost: {self.why}. It may or may not have been carried out."


class JobUnknownError(AnswerLostError):
    """A 2xx that names no job: taken, but it cannot be followed up."""

    def __init__(self, why: str = "it names no job", status: int | None = None):
        super().__init__(why, status)

    def __str__(self) -> str:
        return f"Attentive took the request, but {self.why}, so it cannot be followed up."


class AnswerUnreadableError(DestinationError):
    """An answer to a question (not to a change) that makes no sense."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return f"Attentive's answer makes no sense: {self.why}."


class ResultMissingError(DestinationError):
    """The result of a job is not there or cannot be read; its counts stay unknown."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why

    def __str__(self) -> str:
        return f"The result of this job cannot be read: {self.why}."


class HostNotAllowedError(DestinationError):
    """An address that OUTBOUND_HOSTS does not list; nothing was sent."""

    def __init__(self, host: str):
        super().__init__(host)
        self.host = host

    def __str__(self) -> str:
        return (
            f"Muster may not call {self.host}. "
            "Add it to OUTBOUND_HOSTS if it should (host for https, host:port for that port alone)."
        )


class AddressNotPublicError(HostNotAllowedError):
    """The host leads to an address inside a private network; nothing was sent."""

    def __str__(self) -> str:
        return (
            f"{self.host} leads to an address that is not public, so nothing was sent. "
            "Name it as host:port in OUTBOUND_HOSTS if it should be called."
        )


class NameNotAllowedError(DestinationError):
    """A list's name, description or id that the destination would refuse; nothing was asked."""

    def __init__(self, what: str, rule: str):
        super().__init__(what, rule)
        self.what = what
        self.rule = rule

    def __str__(self) -> str:
        return f"{self.what} {self.rule}."
