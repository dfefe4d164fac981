import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destinations.attentive import results
from destinations.connector import Result

PHONE = "+12025550143"


def read(*lines):
    whole = "".join(
        f"{line if isinstance(line, str) else json.dumps(line)}\n" for line in lines
    ).encode()
    return list(results.read([whole]))


@pytest.mark.parametrize(
    "line",
    [
        {"request": {"phone": PHONE}, "response": {"status": 200, "message": "OK"}},
        {"request": {"phone": PHONE}, "response": {"statusCode": "200"}},
        {"request": {"phone": PHONE}, "response": 200},
        {"request": {"phone": PHONE}, "status": 200},
        {"request": {"user": {"phone": PHONE}}, "response": {"code": 200}},
        {"request": {"externalId": "a", "member": {"phone": PHONE}}, "response": {"status": 200}},
        {"request": json.dumps({"phone": PHONE}), "response": json.dumps({"status": 200})},
        {"phone": PHONE, "status": 200},
    ],
)
def test_a_line_is_read_in_each_form_it_may_have(line):
    assert read(line) == [Result(PHONE, 200)]


def test_a_line_may_speak_for_all_members_of_a_request():
    line = {"request": {"members": [{"phone": PHONE}, {"email": "A@x.com"}]}, "response": 404}
    assert read(line) == [Result(PHONE, 404), Result("a@x.com", 404)]


@pytest.mark.parametrize(
    "line",
    ["<html>", "null", "[]", '"text"', "{", "[" * 100_000, "{}", '{"response": {"status": true}}'],
)
def test_a_line_that_does_not_tell_is_counted_and_is_no_success(line):
    assert read(line) == [Result(None, None)]


@pytest.mark.parametrize("code", [0, 99, 600, "x", None, True, [200], 2.5, "²"])
def test_a_code_that_is_none_is_unknown(code):
    line = {"request": {"phone": PHONE}, "response": {"status": code}}
    assert read(line) == [Result(PHONE, None)]


def test_blank_lines_are_no_lines():
    assert read("", {"phone": PHONE, "status": 200}, "  ") == [Result(PHONE, 200)]


@given(st.lists(st.integers(1, 9), min_size=1, max_size=40))
def test_lines_are_the_same_however_they_arrive(cuts):
    codes = [200, 404, 422]
    whole = b"".join(
        json.dumps({"request": {"email": f"é{code}@x.com"}, "response": code}).encode() + b"\r\n"
        for code in codes
    )
    pieces = []
    for cut in cuts:
        pieces.append(whole[:cut])
        whole = whole[cut:]
    found = list(results.read([*pieces, whole]))
    assert [each.code for each in found] == codes


def test_a_line_without_end_does_not_fill_the_memory():
    pieces = (b"x" * 1_000_000 for _ in range(50))
    longest = max(len(line) for line in results.lines(pieces))
    assert longest <= results.LINE_BYTES + 1
