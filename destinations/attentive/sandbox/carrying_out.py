"""Jobs: accepted at once, carried out when they are due, each all at once."""

from __future__ import annotations

import json
import sqlite3
import threading
import time
import uuid
import zlib
from collections.abc import Iterator
from typing import Any

from destinations.attentive.sandbox import checks, store
from destinations.attentive.sandbox.behaviour import Behaviour, Fault, clock, current

KEPT_SECONDS = 14 * 24 * 3600.0
TICK_SECONDS = 0.25
ENDS = {"COMPLETED", "CANCELLED", "FAILED"}


def start() -> None:
    """Carry out what is due also while nobody asks."""
    threading.Thread(target=_run, daemon=True).start()


def _run() -> None:
    while True:
        time.sleep(TICK_SECONDS)
        carry_out()


def accept(segment: int, operation: str, members: list[dict[str, str]], fault: Fault | None) -> str:
    """Store a job; its id."""
    job_id = str(uuid.uuid4())
    now, seconds = clock(), current().job_seconds
    word, result, applies = "COMPLETED", "", True
    codes = {checks.key(each): 413 for each in members if _too_large(each)}
    if fault is not None:
        word = fault.word or word
        seconds = seconds if fault.seconds is None else fault.seconds
        result = fault.result or (f"url:{fault.url}" if fault.url else "")
        applies = (word == "COMPLETED") if fault.applied is None else bool(fault.applied)
        if fault.code:
            codes |= {checks.key(each): fault.code for each in members}
    with store.transaction() as connection:
        connection.execute(
            "INSERT INTO job (id, segment, operation, members, total, begun, due, word, applies,"
            " result, codes) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                *(job_id, segment, operation, json.dumps(members), len(members)),
                *(now, now + seconds, word, applies, result, json.dumps(codes)),
            ),
        )
    return job_id


def carry_out(seconds: float | None = None) -> int:
    """Carry out every job that is due, in the order in which they are; how many are left.

    seconds: after which no further one is begun; a page must not wait for all of a large send.
    """
    begun = time.monotonic()
    while left := _left():
        if seconds is not None and time.monotonic() - begun > seconds:
            return left
        with store.writing:
            if job := _next():
                with store.transaction() as connection:
                    _carry_out(connection, job)
    return 0


def _next() -> sqlite3.Row | None:
    due = "SELECT * FROM job WHERE state = 'waiting' AND due <= ? ORDER BY due, number LIMIT 1"
    found: sqlite3.Row | None = store.reading().execute(due, (clock(),)).fetchone()
    return found


def _left() -> int:
    due = "SELECT count(*) FROM job WHERE state = 'waiting' AND due <= ?"
    return int(store.reading().execute(due, (clock(),)).fetchone()[0])


def _carry_out(connection: sqlite3.Connection, job: sqlite3.Row) -> None:
    behaviour = current()
    keys = [checks.key(each) for each in json.loads(job["members"])]
    codes = json.loads(job["codes"])
    codes |= {key: 404 for key in keys if key not in codes and _unknown(behaviour, key)}
    codes |= {key: code for key, code in behaviour.codes.items() if key in set(keys)}
    if job["applies"]:
        good = [key for key in keys if codes.get(key, 200) < 300] if codes else keys
        _apply(connection, job, json.dumps(good))
    connection.execute(
        "UPDATE job SET state = 'done', codes = ? WHERE number = ?",
        (json.dumps(codes), job["number"]),
    )


def _apply(connection: sqlite3.Connection, job: sqlite3.Row, keys: str) -> None:
    if job["operation"] == "add":
        sql = "INSERT OR IGNORE INTO member SELECT ?, value FROM json_each(?)"
    else:
        sql = "DELETE FROM member WHERE segment = ? AND key IN (SELECT value FROM json_each(?))"
    changed = connection.execute(sql, (job["segment"], keys)).rowcount
    connection.execute(
        "UPDATE segment SET size = size + ?, updated = ? WHERE id = ?",
        (changed if job["operation"] == "add" else -changed, clock(), job["segment"]),
    )


def release() -> int:
    """Let the jobs whose word is not an end go on to COMPLETED; how many."""
    with store.transaction() as connection:
        return connection.execute(
            "UPDATE job SET word = 'COMPLETED', applies = 1, state = 'waiting', due = ?"
            " WHERE word NOT IN ('COMPLETED', 'CANCELLED', 'FAILED')",
            (clock(),),
        ).rowcount


def find(job_id: str) -> sqlite3.Row | None:
    """A job that is not older than two weeks."""
    found: sqlite3.Row | None = (
        store.reading()
        .execute("SELECT * FROM job WHERE id = ? AND begun > ?", (job_id, clock() - KEPT_SECONDS))
        .fetchone()
    )
    return found


def result_lines(job: sqlite3.Row) -> Iterator[str]:
    """The result file, as the job's fault wants it."""
    members, codes = json.loads(job["members"]), json.loads(job["codes"])
    lines = [_line(each, codes.get(checks.key(each), 200)) for each in members]
    match job["result"]:
        case "cut":
            whole = "".join(lines)
            yield whole[: len(whole) * 2 // 3]
        case "doubled":
            yield from (line for line in lines for _ in range(2))
        case "lines_missing":
            yield from lines[::2]
        case "garbage":
            yield from (line if n % 2 else "<html>not a line\n" for n, line in enumerate(lines))
        case _:
            yield from lines


def _line(member: dict[str, str], code: int) -> str:
    words = {200: "OK", 404: "User not found", 413: "Record too large"}
    response = {"status": code, "message": words.get(code, "Not processed")}
    return json.dumps({"request": member, "response": response}, ensure_ascii=False) + "\n"


def _unknown(behaviour: Behaviour, key: str) -> bool:
    if key in behaviour.unknown:
        return True
    share = behaviour.unknown_share
    return share > 0 and zlib.crc32(key.encode()) % 10_000 < share * 10_000


def _too_large(member: dict[str, Any]) -> bool:
    return sum(len(str(value)) for value in member.values()) > checks.RECORD_BYTES
