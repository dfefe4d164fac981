import re
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.fixtures.attentive import Sandbox, free_port
from tests.waiting import until

ANN, BEN = "+12025550143", "+12025550144"
MEMBERS = "/v2/bulk/segments/members"


class Caller:
    """Calls the sandbox as any program would, not through Muster's own client."""

    def __init__(self, sandbox):
        self.url = sandbox.url
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.headers["Authorization"] = f"Bearer {sandbox.token}"

    def __call__(self, method, path, body=None, **details):
        return self.session.request(
            method, f"{self.url}{path}", json=body, timeout=10, allow_redirects=False, **details
        )


@pytest.fixture
def call(attentive):
    return Caller(attentive)


@pytest.fixture
def gold(call):
    assert call("POST", "/v2/segments", {"name": "Gold", "externalId": "gold"}).status_code == 201
    return call


def test_a_created_segment_is_read_renamed_and_archived(call):
    made = call("POST", "/v2/segments", {"name": "  Gold ", "externalId": " gold "})
    assert made.status_code == 201
    assert made.json() == {
        "externalId": "gold",
        "name": "Gold",
        "description": "Manual Segment Upload Public API V2",
    }
    found = call("GET", "/v2/segments/external/gold").json()
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", found["created"])
    renamed = call("PATCH", "/v2/segments/external/gold", {"description": "Best ones"})
    assert (renamed.json()["name"], renamed.json()["description"]) == ("Gold", "Best ones")
    assert call("DELETE", "/v2/segments/external/gold").status_code == 204
    assert call("GET", "/v2/segments/external/gold").status_code == 404
    again = call("POST", "/v2/segments", {"name": "Gold", "externalId": "gold"})
    assert again.status_code == 400


def test_an_external_id_is_made_where_none_is_given(call):
    made = call("POST", "/v2/segments", {"name": "Gold"}).json()
    assert re.fullmatch(r"SEG_[0-9a-f]{12}", made["externalId"])


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"externalId": "a"},
        {"name": ""},
        {"name": "  "},
        {"name": "x" * 241},
        {"name": 5},
        {"name": None},
        {"name": "a", "description": "x"},
        {"name": "a", "description": "x" * 501},
        {"name": "a", "externalId": ""},
        {"name": "a", "externalId": "x" * 256},
        {"name": "a", "colour": "red"},
        [],
        "name",
    ],
)
def test_a_segment_that_the_contract_forbids_is_refused(call, body):
    assert call("POST", "/v2/segments", body).status_code == 400


def test_a_change_needs_something_to_change(gold):
    assert gold("PATCH", "/v2/segments/external/gold", {}).status_code == 400
    body = {"externalId": "other"}
    assert gold("PATCH", "/v2/segments/external/gold", body).status_code == 400


def test_segments_come_in_pages(call):
    for number in range(5):
        call("POST", "/v2/segments", {"name": f"Gold {number}", "externalId": f"g{number}"})
    call("POST", "/v2/segments", {"name": "Silver"})
    found, cursor = [], None
    for _ in range(3):
        asked = {"name": "gold", "limit": 2} | ({"cursor": cursor} if cursor else {})
        page = call("GET", "/v2/segments", params=asked).json()
        found += [each["externalId"] for each in page["segments"]]
        cursor = page["cursor"]
    assert found == ["g0", "g1", "g2", "g3", "g4"]
    assert (page["hasMore"], cursor) == (False, None)
    only = call("GET", "/v2/segments", params={"externalId": "g3"}).json()["segments"]
    assert [each["name"] for each in only] == ["Gold 3"]


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": 0},
        {"limit": 1001},
        {"limit": "x"},
        {"cursor": ""},
        {"cursor": "nonsense"},
        {"name": ""},
        {"updatedSince": "yesterday"},
        {"updatedSince": "2026-01-01"},
        {"updatedSince": "2026-01-01T00:00:00"},
    ],
)
def test_a_question_that_the_contract_forbids_is_refused(call, asked):
    assert call("GET", "/v2/segments", params=asked).status_code == 400


@pytest.mark.parametrize(
    "member",
    [
        {},
        {"phone": None},
        {"phone": ""},
        {"phone": "12025550143"},
        {"phone": "+1 202 555 0143"},
        {"phone": "+0202555"},
        {"phone": "+1234567890123456"},
        {"email": "a@x"},
        {"email": "a b@x.com"},
        {"email": ""},
        {"clientUserId": "x" * 101},
        {"phone": ANN, "name": "Ann"},
        "phone",
    ],
)
def test_one_member_that_the_contract_forbids_refuses_them_all(gold, attentive, member):
    body = {"externalId": "gold", "members": [{"phone": BEN}, member]}
    assert gold("POST", MEMBERS, body).status_code == 400
    assert attentive.members("gold") == set()


@pytest.mark.parametrize("count", [0, 10_001])
def test_a_request_holds_1_to_10_000_members(gold, count):
    body = {"externalId": "gold", "members": [{"phone": ANN}] * count}
    assert gold("POST", MEMBERS, body).status_code == 400


def test_members_of_a_segment_that_is_not_there_are_refused(call):
    body = {"externalId": "none", "members": [{"phone": ANN}]}
    assert call("POST", MEMBERS, body).status_code == 404
    assert call("DELETE", MEMBERS, body).status_code == 404


def test_the_documented_sample_is_taken(gold, attentive):
    members = [
        {"email": "customer1@example.com", "phone": "+14155551234"},
        {"email": "customer2@example.com", "clientUserId": "user-abc-123"},
        {"clientUserId": "user-xyz-789"},
    ]
    answer = gold("POST", MEMBERS, {"externalId": "gold", "members": members})
    assert answer.status_code == 202
    assert attentive.members("gold") == {"+14155551234", "customer2@example.com", "user-xyz-789"}


def test_a_job_takes_its_time_and_is_carried_out_all_at_once(gold, attentive):
    attentive.settings(job_seconds=100)
    body = {"externalId": "gold", "members": [{"phone": ANN}, {"phone": BEN}]}
    job = f"/v2/bulk/job/{gold('POST', MEMBERS, body).json()['batchJobId']}"
    assert gold("GET", job).json()["status"] == "IN_PROGRESS"
    assert attentive.members("gold") == set()
    attentive.settings(ahead_seconds=100)
    assert gold("GET", job).json()["status"] == "COMPLETED"
    assert attentive.members("gold") == {ANN, BEN}
    assert attentive.segments()["gold"]["size"] == 2


def test_adding_twice_and_removing_who_is_not_there_change_nothing(gold, attentive):
    body = {"externalId": "gold", "members": [{"phone": ANN}]}
    for method, size in (("POST", 1), ("POST", 1), ("DELETE", 0), ("DELETE", 0)):
        assert gold(method, MEMBERS, body).status_code == 202
        assert len(attentive.members("gold")) == size
        assert attentive.segments()["gold"]["size"] == size


def test_a_job_that_stands_still_goes_on_when_it_is_released(gold, attentive):
    attentive.fault("job", word="NEEDS_REVIEW")
    body = {"externalId": "gold", "members": [{"phone": ANN}]}
    gold("POST", MEMBERS, body)
    assert attentive.members("gold") == set()
    attentive.release()
    assert attentive.members("gold") == {ANN}


def test_a_share_of_the_members_is_not_known(gold, attentive):
    attentive.settings(unknown_share=0.5)
    members = [{"phone": f"+1202555{number:04}"} for number in range(200)]
    gold("POST", MEMBERS, {"externalId": "gold", "members": members})
    assert 50 < len(attentive.members("gold")) < 150


def test_every_answer_counts_down_and_one_above_the_limit_is_refused(call, attentive):
    assert call("GET", "/v2/bulk/job/x").headers["x-ratelimit-limit"] == "100"
    attentive.settings(per_second=6)
    answers = [call("GET", "/v2/bulk/job/x") for _ in range(6)]
    assert [each.status_code for each in answers] == [404] * 5 + [429]
    left = [int(each.headers["x-ratelimit-remaining"]) for each in answers[:5]]
    assert left == list(range(4, -1, -1))
    assert call("GET", "/v2/segments").status_code == 200  # each endpoint counts for itself


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer other", "Basic sandbox-token"])
def test_a_request_without_the_token_is_refused(call, header):
    call.session.headers["Authorization"] = header
    for path in ("/v2/me", "/v2/segments", "/v2/bulk/job/x"):
        answer = call("GET", path)
        assert answer.status_code == 401
        assert "x-ratelimit-remaining" in answer.headers


def test_a_body_that_is_too_large_is_refused(gold, attentive):
    attentive.settings(body_bytes=100)
    members = [{"phone": ANN}] * 10
    assert gold("POST", MEMBERS, {"externalId": "gold", "members": members}).status_code == 413


def test_a_fault_fires_as_often_and_where_it_is_told_to(gold, attentive):
    attentive.fault("status", status=503, times=2, after=1, path="/v2/bulk/job", method="GET")
    answers = [gold("GET", "/v2/bulk/job/x").status_code for _ in range(4)]
    assert answers == [404, 503, 503, 404]
    assert gold("GET", "/v2/me").status_code == 200


def test_a_fault_without_end_is_switched_off(call, attentive):
    attentive.fault("status", status=500, times=None)
    assert [call("GET", "/v2/me").status_code for _ in range(3)] == [500] * 3
    attentive.no_faults()
    assert call("GET", "/v2/me").status_code == 200


def test_an_answer_can_be_slow(call, attentive):
    attentive.fault("slow", seconds=0.4)
    began = time.monotonic()
    call("GET", "/v2/me")
    assert time.monotonic() - began >= 0.4


def test_the_record_tells_what_was_asked_and_not_who_was_in_it(gold, attentive):
    body = {"externalId": "gold", "members": [{"phone": ANN}]}
    gold("POST", MEMBERS, body)
    (entry,) = attentive.requests("POST", MEMBERS)
    assert (entry["status"], entry["authorized"]) == (202, True)
    assert len(entry["sha256"]) == 64
    assert ANN not in str(entry)


def test_the_control_is_for_this_machine_and_for_no_page_of_another_site(attentive):
    url = f"{attentive.url}/sandbox/reset"
    session = requests.Session()
    session.trust_env = False
    form = session.post(url, data={"a": "b"}, timeout=10)
    assert form.status_code == 400
    rebound = session.post(url, json={}, headers={"Host": "evil.example"}, timeout=10)
    assert rebound.status_code == 400


def test_an_unknown_fault_or_setting_is_refused(attentive):
    for path, body in (("faults", {"name": "nonsense"}), ("settings", {"nonsense": 1})):
        answer = requests.post(f"{attentive.url}/sandbox/{path}", json=body, timeout=10)
        assert answer.status_code == 400
        assert "no such" in answer.text


# What a person sees


def page(attentive, path):
    return requests.get(f"{attentive.url}{path}", timeout=10)


def test_the_page_lists_segments_and_leads_to_their_members(gold, attentive):
    phones = [f"+1202555{number:04}" for number in range(120)]
    members = [{"phone": phone} for phone in phones]
    gold("POST", MEMBERS, {"externalId": "gold", "members": members})
    listed = page(attentive, "/")
    assert "Gold" in listed.text
    assert '<td class="number">120</td>' in listed.text
    assert "script-src" not in listed.headers["Content-Security-Policy"]
    assert "default-src 'none'" in listed.headers["Content-Security-Policy"]
    found, path = [], "/segments/gold"
    while path:
        text = page(attentive, path).text
        found += re.findall(r"<td>(\+\d+)</td>", text)
        following = re.search(r'rel="next" href="([^"]+)"', text)
        path = f"/segments/gold{following[1].replace('&amp;', '&')}" if following else ""
    assert found == phones
    assert re.findall(r"<td>(\+\d+)</td>", page(attentive, "/segments/gold?q=0077").text) == [
        "+12025550077"
    ]


def test_hostile_names_are_shown_as_text(call, attentive):
    name = "<script>alert(1)</script>"
    call("POST", "/v2/segments", {"name": name, "externalId": '"><b>'})
    text = page(attentive, "/").text
    assert name not in text
    assert "&lt;script&gt;" in text
    assert page(attentive, "/segments/%22%3E%3Cb%3E").status_code == 200


def test_jobs_are_listed(gold, attentive):
    gold("POST", MEMBERS, {"externalId": "gold", "members": [{"phone": ANN}]})
    text = page(attentive, "/jobs").text
    assert "COMPLETED" in text
    assert "Gold" in text


def test_a_segment_that_is_not_there_says_so(attentive):
    answer = page(attentive, "/segments/none")
    assert answer.status_code == 404
    assert "No such segment" in answer.text


# The process


@pytest.fixture
def own(tmp_path):
    """A sandbox of the test's own, to be killed and started again."""
    sandbox = Sandbox(free_port(), tmp_path)
    sandbox.start()
    yield sandbox
    sandbox.kill()


def test_what_it_was_told_survives_its_death(own):
    call = Caller(own)
    call("POST", "/v2/segments", {"name": "Gold", "externalId": "gold"})
    own.settings(job_seconds=0.2)
    body = {"externalId": "gold", "members": [{"phone": ANN}]}
    job_id = call("POST", MEMBERS, body).json()["batchJobId"]
    own.kill()
    own.start()
    until(lambda: own.members("gold") == {ANN}, what="the job is carried out")
    job = Caller(own)("GET", f"/v2/bulk/job/{job_id}").json()
    assert (job["status"], job["totalRecords"]) == ("COMPLETED", 1)


def test_the_command_starts_it_and_ctrl_c_ends_it(tmp_path):
    port = free_port()
    root = Path(__file__).resolve().parents[2]
    command = ["manage.py", "attentive_sandbox", "--port", str(port), "--state", str(tmp_path)]
    process = subprocess.Popen([sys.executable, *command], cwd=root, stdout=subprocess.DEVNULL)
    try:

        def answers():
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        until(answers, 30, "the sandbox answers")
        me = requests.get(
            f"http://127.0.0.1:{port}/v2/me", headers={"Authorization": "Bearer any"}, timeout=10
        )
        assert me.status_code == 200
    finally:
        process.terminate()
    assert process.wait(15) == 0


def test_the_command_does_not_share_a_port_that_is_in_use(tmp_path):
    root = Path(__file__).resolve().parents[2]
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        command = ["manage.py", "attentive_sandbox", "--port", port, "--state", str(tmp_path)]
        done = subprocess.run(
            [sys.executable, *command], cwd=root, stderr=subprocess.PIPE, timeout=30, check=False
        )
    assert done.returncode == 1
    assert f"Port {port} is in use." in done.stderr.decode()
