import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from destinations.attentive import bodies
from destinations.errors import NameNotAllowedError


def test_the_body_is_what_attentive_documents():
    body = bodies.members("loyalty_gold_2025", "email", ["customer1@example.com", "b@example.com"])
    assert body == (
        b'{"externalId":"loyalty_gold_2025","members":'
        b'[{"email":"customer1@example.com"},{"email":"b@example.com"}]}'
    )


@given(
    st.text(min_size=1, max_size=20),
    st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=20),
)
def test_the_body_is_the_json_of_its_members(external_id, values):
    expected = {"externalId": external_id, "members": [{"phone": value} for value in values]}
    written = bodies.members(external_id, "phone", values)
    assert json.loads(written) == expected
    assert written == json.dumps(expected, ensure_ascii=False, separators=(",", ":")).encode()


@pytest.mark.parametrize("count", [0, 10_001])
def test_a_request_takes_1_to_10_000_members(count):
    with pytest.raises(NameNotAllowedError, match="1 to 10,000 members"):
        bodies.members("a", "phone", ["+12025550143"] * count)


@pytest.mark.parametrize("values", [[""], ["+12025550143", ""], ["", "+12025550143"]])
def test_nobody_is_sent_without_an_identifier(values):
    with pytest.raises(NameNotAllowedError, match="not blank"):
        bodies.members("a", "phone", values)


def test_only_phone_and_email_are_sent():
    with pytest.raises(NameNotAllowedError, match="either phone or email"):
        bodies.members("a", "clientUserId", ["x"])
