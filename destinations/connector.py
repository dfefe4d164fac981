"""What every kind of destination can do. One class a kind; ``kinds`` is the registry."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

Operation = Literal["add", "remove"]


@dataclass(frozen=True, slots=True)
class Connection:
    """Whose account a credential opens."""

    company: str
    domain: str


@dataclass(frozen=True, slots=True)
class Job:
    """A job as the destination tells it. status: its own word, upper case.

    ended: nothing more will happen; succeeded: it ran to its end, which says
    nothing of single members; result_url: '' while there is none.
    """

    id: str
    status: str
    ended: bool
    succeeded: bool
    result_url: str = ""
    total: int | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """What a job's result says of one member.

    identifier, code: None where the line does not tell. A code of 2xx is
    accepted, 404 unknown to the destination, any other one failed.
    """

    identifier: str | None
    code: int | None


class Connector(ABC):
    """A destination that can be talked to.

    Every method may raise a ``destinations.errors.DestinationError``. None
    retries: a caller decides by the error's class. Every request keeps to the
    credential's limit by itself and raises ``SlowDownError`` rather than wait long.
    """

    @abstractmethod
    def test(self) -> Connection:
        """Prove that the credential opens the account and may fill lists."""

    @abstractmethod
    def ensure_list(self, external_id: str, name: str, created: bool = False) -> bool:
        """Make the list, or give it this name where it exists; True when it was made now.

        created: it was made earlier, so that its absence means that someone took it
        away there: ``ListMissingError`` then, as a new one would be empty. Safe to
        repeat after any error. A list made just now may answer ``ListMissingError``
        for a minute or two when members are sent.
        """

    @abstractmethod
    def list_by_name(self, name: str) -> list[str]:
        """The external ids of the lists with exactly this name."""

    @abstractmethod
    def archive_list(self, external_id: str) -> None:
        """Take the list away at the destination; one that is not there is no error."""

    @abstractmethod
    def body(self, external_id: str, identifier: str, values: Sequence[str]) -> bytes:
        """The request for these members, always the same bytes for the same values.

        identifier: "phone" or "email"; values: 1 to 10,000, of that one kind.
        """

    @abstractmethod
    def send(self, operation: Operation, body: bytes) -> str:
        """Hand the members over; the id of the job that carries it out."""

    @abstractmethod
    def job(self, job_id: str) -> Job:
        """How far a job is."""

    @abstractmethod
    def results(self, url: str) -> Iterator[Result]:
        """The result of an ended job, streamed; a line that cannot be read has no code.

        Raises ``ResultMissingError`` when there is none, or midway when it breaks off.
        """
