import json
import logging
import time

import pytest

from destinations import errors
from destinations.attentive.client import AttentiveAPI, retry_after
from destinations.connector import Connection
from destinations.kinds import connect
from tests.destinations import servers
from tests.destinations.factories import CredentialFactory, DestinationFactory
from tests.destinations.servers import serving

GOLD = "loyalty_gold_2025"
ANN, BEN, CID = "+12025550143", "+12025550144", "+12025550145"


@pytest.fixture
def api(attentive):
    return AttentiveAPI(attentive.url, attentive.token, credential_id=1)


@pytest.fixture
def gold(api):
    api.ensure_list(GOLD, "Loyalty Gold")
    return api


def asked(attentive):
    return [f"{each['method']} {each['path']}" for each in attentive.requests()]


# Test connection


def test_a_good_token_names_company_and_domain(attentive, api):
    assert api.test() == Connection("Sandbox Brand", "sandbox.attn.tv")
    assert asked(attentive) == ["GET /v2/me", "GET /v2/segments?limit=1"]


def test_a_bad_token_is_refused_and_not_tried_again(attentive):
    with pytest.raises(errors.TokenRefusedError, match="refused the token"):
        AttentiveAPI(attentive.url, "other", credential_id=1).test()
    assert asked(attentive) == ["GET /v2/me"]


def test_the_older_address_serves_where_the_newer_is_missing(attentive, api):
    attentive.settings(me_v2=False)
    assert api.test().company == "Sandbox Brand"
    assert asked(attentive)[:2] == ["GET /v2/me", "GET /v1/me"]


@pytest.mark.parametrize("token", ["", "   ", "a b", "a\nb", "café"])
def test_a_token_that_no_header_can_carry_makes_no_call(attentive, token):
    with pytest.raises(errors.TokenUnusableError):
        AttentiveAPI(attentive.url, token, credential_id=1)
    assert attentive.requests() == []


def test_a_token_without_the_segments_permission_says_so(attentive, api):
    attentive.settings(may_segments=False)
    with pytest.raises(errors.PermissionMissingError, match=r"lacks Segments permission \(All\)"):
        api.test()


@pytest.mark.django_db
def test_a_destination_connects_with_its_credential(attentive):
    credential = CredentialFactory(secret={"token": f"  {attentive.token}\n"})
    destination = DestinationFactory(base_url=f"{attentive.url}/", credential=credential)
    assert connect(destination).test().domain == "sandbox.attn.tv"
    assert asked(attentive)[0] == "GET /v2/me"


# Lists


def test_a_new_list_is_asked_for_before_it_is_created(attentive, api):
    assert api.ensure_list(GOLD, "  Loyalty Gold ")
    assert asked(attentive) == [f"GET /v2/segments/external/{GOLD}", "POST /v2/segments"]
    assert attentive.segments()[GOLD]["name"] == "Loyalty Gold"


def test_a_list_that_exists_is_not_created_again(attentive, gold):
    before = len(attentive.requests("POST"))
    assert not gold.ensure_list(GOLD, "Loyalty Gold", created=True)
    assert len(attentive.requests("POST")) == before
    assert attentive.requests("PATCH") == []


def test_a_changed_name_is_all_that_is_patched(attentive, gold):
    gold.ensure_list(GOLD, "Loyalty Platinum", created=True)
    assert len(attentive.requests("PATCH")) == 1
    assert attentive.segments()[GOLD]["name"] == "Loyalty Platinum"


@pytest.mark.parametrize("name", ["", "   ", "x" * 241])
def test_a_name_that_attentive_would_refuse_makes_no_call(attentive, api, name):
    with pytest.raises(errors.NameNotAllowedError, match="1 to 240 characters"):
        api.ensure_list(GOLD, name)
    assert attentive.requests() == []


def test_the_longest_name_and_id_are_taken(attentive, api):
    assert api.ensure_list("i" * 255, "x" * 240)
    assert attentive.segments()["i" * 255]["name"] == "x" * 240


@pytest.mark.parametrize("external_id", ["", " ", "i" * 256])
def test_an_id_that_attentive_would_refuse_makes_no_call(attentive, api, external_id):
    with pytest.raises(errors.NameNotAllowedError, match="1 to 255 characters"):
        api.ensure_list(external_id, "Gold")
    assert attentive.requests() == []


def test_an_id_is_encoded_in_the_path(attentive, api, settings):
    api.ensure_list("a/b c%", "Gold")
    assert not api.ensure_list("a/b c%", "Gold")
    handler, seen = pages({"name": "Gold"})
    with serving(handler) as server:
        settings.OUTBOUND_HOSTS = [server.host]
        AttentiveAPI(server.url, "t", 1).ensure_list("a/b c%", "Gold")
    assert seen == ["GET /v2/segments/external/a%2Fb%20c%25 HTTP/1.1"]


def test_a_lost_answer_to_a_create_is_looked_up_before_anything_else(attentive, api):
    attentive.fault("reset", method="POST", path="/v2/segments", applied=True)
    assert api.ensure_list(GOLD, "Loyalty Gold")
    assert [each["method"] for each in attentive.requests()] == ["GET", "POST", "GET"]


def test_a_create_that_got_lost_on_its_way_can_be_repeated(attentive, api):
    attentive.fault("reset", method="POST", path="/v2/segments", applied=False)
    with pytest.raises(errors.AnswerLostError):
        api.ensure_list(GOLD, "Loyalty Gold")
    assert attentive.segments() == {}
    assert api.ensure_list(GOLD, "Loyalty Gold")


@pytest.mark.parametrize("status", [400, 409])
def test_a_refused_create_of_a_list_that_is_there_carries_on(attentive, api, status):
    attentive.fault("status", method="POST", path="/v2/segments", status=status, applied=True)
    assert not api.ensure_list(GOLD, "Loyalty Gold")


def test_an_id_that_was_archived_is_reported_as_that(attentive, gold):
    gold.archive_list(GOLD)
    with pytest.raises(errors.ListArchivedError, match="probably archived"):
        gold.ensure_list(GOLD, "Loyalty Gold")


def test_a_list_that_we_made_and_that_is_gone_is_not_made_again(attentive, gold):
    gold.archive_list(GOLD)
    before = len(attentive.requests("POST"))
    with pytest.raises(errors.ListMissingError):
        gold.ensure_list(GOLD, "Loyalty Gold", created=True)
    assert len(attentive.requests("POST")) == before


def test_archiving_a_list_that_is_not_there_is_no_error(attentive, api):
    api.archive_list("nowhere")


def test_only_the_exact_name_is_found(attentive, api):
    for external_id, name in (("a", "Gold"), ("b", "Gold Old"), ("c", "gold"), ("d", "Gold")):
        api.ensure_list(external_id, name)
    assert api.list_by_name("Gold") == ["a", "d"]


def pages(*answers):
    """A server that answers each request with the next of these."""
    left = iter(answers)
    seen = []

    def handler(connection):
        while received := servers.request(connection):
            seen.append(received.split(b"\r\n")[0].decode())
            content = json.dumps(next(left)).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\n\r\n"
            connection.sendall(head.encode() + content)

    return handler, seen


def segment(name, external_id):
    return {"name": name, "externalId": external_id}


def test_a_list_of_segments_is_read_to_its_last_page(attentive, settings):
    handler, seen = pages(
        {"segments": [segment("Gold", "a")], "hasMore": True, "cursor": "x"},
        {"segments": [segment("Gold", "b")], "hasMore": False, "cursor": None},
    )
    with serving(handler) as server:
        settings.OUTBOUND_HOSTS = [server.host]
        assert AttentiveAPI(server.url, "t", 1).list_by_name("Gold") == ["a", "b"]
    assert "cursor" not in seen[0]
    assert "cursor=x" in seen[1]


@pytest.mark.parametrize("cursors", [[None], ["x", "x"], ["x", ""]])
def test_a_list_of_segments_without_an_end_stops(attentive, settings, cursors):
    handler, _ = pages(*({"segments": [], "hasMore": True, "cursor": each} for each in cursors))
    with serving(handler) as server:
        settings.OUTBOUND_HOSTS = [server.host]
        with pytest.raises(errors.AnswerUnreadableError):
            AttentiveAPI(server.url, "t", 1).list_by_name("Gold")


# Members


def test_members_are_added_and_removed(attentive, gold):
    gold.send("add", gold.body(GOLD, "phone", [ANN, BEN]))
    assert attentive.members(GOLD) == {ANN, BEN}
    gold.send("remove", gold.body(GOLD, "phone", [ANN]))
    assert attentive.members(GOLD) == {BEN}


def test_a_removal_carries_its_body(attentive, gold):
    body = gold.body(GOLD, "phone", [ANN])
    gold.send("remove", body)
    (request,) = attentive.requests("DELETE", "/v2/bulk/segments/members")
    assert request["bytes"] == len(body)


def test_the_most_members_go_in_one_request(attentive, gold):
    phones = [f"+1202{number:07}" for number in range(10_000)]
    gold.send("add", gold.body(GOLD, "phone", phones))
    assert len(attentive.members(GOLD)) == 10_000


@pytest.mark.parametrize(
    ("fault", "words"),
    [("no_job", "names no job"), ("not_json", "cannot be read"), ("half_json", "cannot be read")],
)
def test_an_answer_that_names_no_job_is_no_success(attentive, gold, fault, words):
    attentive.fault(fault, path="/v2/bulk/segments/members")
    with pytest.raises(errors.JobUnknownError, match=words):
        gold.send("add", gold.body(GOLD, "phone", [ANN]))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (400, errors.RequestRefusedError),
        (401, errors.TokenRefusedError),
        (403, errors.PermissionMissingError),
        (404, errors.ListMissingError),
        (413, errors.TooLargeError),
        (422, errors.RequestRefusedError),
        (429, errors.SlowDownError),
        (500, errors.UnavailableError),
        (502, errors.AnswerLostError),
        (503, errors.UnavailableError),
        (504, errors.AnswerLostError),
    ],
)
def test_each_refusal_has_its_own_error(attentive, gold, status, error):
    attentive.fault("status", path="/v2/bulk", status=status)
    with pytest.raises(error):
        gold.send("add", gold.body(GOLD, "phone", [ANN]))
    assert attentive.members(GOLD) == set()


def test_a_question_answered_by_something_on_the_way_is_only_unavailable(attentive, gold):
    attentive.fault("status", path="/v2/bulk/job", status=504)
    with pytest.raises(errors.UnavailableError):
        gold.job("some")


def test_a_lost_answer_leaves_open_whether_it_was_applied(attentive, gold):
    body = gold.body(GOLD, "phone", [ANN])
    attentive.fault("reset", path="/v2/bulk", applied=True)
    with pytest.raises(errors.AnswerLostError):
        gold.send("add", body)
    assert attentive.members(GOLD) == {ANN}
    attentive.fault("reset", path="/v2/bulk", applied=False)
    with pytest.raises(errors.AnswerLostError):
        gold.send("remove", body)
    assert attentive.members(GOLD) == {ANN}


def test_a_redirect_is_a_refusal(attentive, gold):
    attentive.fault("redirect", path="/v2/bulk")
    with pytest.raises(errors.RequestRefusedError, match="does not follow"):
        gold.send("add", gold.body(GOLD, "phone", [ANN]))


def test_an_answer_without_end_is_given_up(attentive, gold):
    attentive.fault("huge", path="/v2/bulk/job", bytes=30_000_000)
    with pytest.raises(errors.UnavailableError):
        gold.job("some")


def test_slowing_down_is_honoured_for_every_worker(attentive, api):
    attentive.fault("status", path="/v2/me", status=429, retry_after=1)
    with pytest.raises(errors.SlowDownError) as caught:
        api.test()
    assert caught.value.retry_after == 1
    began = time.monotonic()
    AttentiveAPI(attentive.url, attentive.token, credential_id=1).test()
    assert time.monotonic() - began > 0.9


def test_more_requests_than_allowed_are_never_begun(attentive, api):
    """The limit of the sandbox counts over any second; not one request is over it."""
    for _ in range(130):
        with pytest.raises(errors.JobMissingError):
            api.job("none")
    assert {each["status"] for each in attentive.requests()} == {404}


@pytest.mark.parametrize(
    ("header", "seconds"), [("2", 2.0), (" 30 ", 30.0), ("", None), ("soon", None), ("-1", None)]
)
def test_retry_after_is_read_where_it_makes_sense(header, seconds):
    assert retry_after(header) == seconds


def test_retry_after_may_be_a_date(time_machine):
    time_machine.move_to("2026-11-25 10:00:00 +0000", tick=False)
    assert retry_after("Wed, 25 Nov 2026 10:00:07 GMT") == 7.0
    assert retry_after("Wed, 25 Nov 2026 09:00:00 GMT") == 0.0


def test_what_attentive_says_is_shown_without_people_and_token(attentive, gold, caplog):
    caplog.set_level(logging.DEBUG)
    said = f"bad member {ANN} or ann@example.com, (202) 555-0143, {attentive.token}"
    attentive.fault("status", path="/v2/bulk", status=400, message=said)
    with pytest.raises(errors.RequestRefusedError) as caught:
        gold.send("add", gold.body(GOLD, "phone", [ANN]))
    shown = f"{caught.value} {caught.value!r} {caplog.text}"
    assert "bad member *** or ***" in shown
    for secret in (ANN, "ann@example.com", "555-0143", attentive.token):
        assert secret not in shown


# Jobs


def sent(api, phones):
    return api.send("add", api.body(GOLD, "phone", phones))


def test_a_job_goes_on_and_ends(attentive, gold):
    attentive.settings(job_seconds=1000)
    job_id = sent(gold, [ANN, BEN])
    going = gold.job(job_id)
    assert (going.status, going.ended, going.result_url) == ("IN_PROGRESS", False, "")
    attentive.settings(ahead_seconds=2000)
    done = gold.job(job_id)
    assert (done.ended, done.succeeded, done.total) == (True, True, 2)
    assert done.result_url


@pytest.mark.parametrize(
    ("word", "ended"),
    [("CANCELLED", True), ("FAILED", True), ("NEEDS_REVIEW", False), ("WHATEVER", False)],
)
def test_every_word_of_a_job_is_understood(attentive, gold, word, ended):
    attentive.fault("job", word=word)
    job = gold.job(sent(gold, [ANN]))
    assert (job.status, job.ended, job.succeeded) == (word, ended, False)


def test_a_job_that_is_too_old_is_gone(attentive, gold):
    job_id = sent(gold, [ANN])
    attentive.settings(ahead_seconds=15 * 24 * 3600)
    with pytest.raises(errors.JobMissingError, match="two weeks"):
        gold.job(job_id)


def results(api, phones):
    return [
        (each.identifier, each.code) for each in api.results(api.job(sent(api, phones)).result_url)
    ]


def test_results_tell_of_each_member(attentive, gold):
    attentive.settings(unknown=[BEN], codes={CID: 422})
    assert results(gold, [ANN, BEN, CID]) == [(ANN, 200), (BEN, 404), (CID, 422)]
    assert attentive.members(GOLD) == {ANN}


def test_a_record_that_is_too_large_fails_alone(attentive, gold):
    attentive.fault("job", code=413, word="COMPLETED")
    assert results(gold, [ANN]) == [(ANN, 413)]


def test_the_result_is_fetched_without_the_token(attentive, gold):
    results(gold, [ANN])
    assert [each["authorized"] for each in attentive.requests("GET", "/results/")] == [False]


def test_a_job_without_a_result_says_so(attentive, gold):
    attentive.fault("job", result="none")
    url = gold.job(sent(gold, [ANN])).result_url
    with pytest.raises(errors.ResultMissingError):
        list(gold.results(url))


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_result_that_is_gone_is_missing(attentive, gold, status):
    attentive.fault("result", status=status)
    with pytest.raises(errors.ResultMissingError):
        results(gold, [ANN])


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_result_that_cannot_be_had_just_now_is_asked_for_again(attentive, gold, status):
    attentive.fault("result", status=status)
    with pytest.raises(errors.UnavailableError):
        results(gold, [ANN])


def test_a_result_that_breaks_off_is_not_taken_for_whole(attentive, gold):
    attentive.fault("reset", path="/results/")
    with pytest.raises(errors.UnavailableError):
        results(gold, [ANN])


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/r", "file:///etc/passwd", "http://169.254.169.254/latest"]
)
def test_a_result_inside_our_network_is_not_fetched(attentive, gold, url):
    attentive.fault("job", url=url)
    with pytest.raises(errors.ResultMissingError, match="does not follow"):
        results(gold, [ANN])


def test_lines_that_are_cut_doubled_or_missing_are_read_as_they_stand(attentive, gold):
    attentive.fault("job", result="cut")
    cut = results(gold, [ANN, BEN, CID])
    assert cut[0] == (ANN, 200)
    assert len(cut) < 3 or cut[-1] == (None, None)
    attentive.fault("job", result="doubled")
    assert results(gold, [ANN]) == [(ANN, 200)] * 2
    attentive.fault("job", result="lines_missing")
    assert results(gold, [ANN, BEN]) == [(ANN, 200)]
    attentive.fault("job", result="garbage")
    assert results(gold, [ANN, BEN]) == [(None, None), (BEN, 200)]


# Answers that nobody would send by mistake

DEEP = "[" * 100_000


def answering(content, status=200):
    def handler(connection):
        servers.request(connection)
        body = content.encode()
        connection.sendall(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(body)))
        connection.sendall(body)

    return handler


def hostile(content, settings, call, status=200):
    with serving(answering(content, status)) as server:
        settings.OUTBOUND_HOSTS = [server.host]
        return call(AttentiveAPI(server.url, "t", 1))


@pytest.mark.parametrize("job", ["x" * 101, "a\u0000b", "\ud800", "two words"])
def test_a_job_whose_id_no_database_holds_cannot_be_followed(attentive, settings, job):
    def send(api):
        api.send("add", api.body(GOLD, "phone", [ANN]))

    with pytest.raises(errors.JobUnknownError, match="id makes no sense"):
        hostile(json.dumps({"batchJobId": job}), settings, send, 202)
    with pytest.raises(errors.JobUnknownError, match="cannot be read"):
        hostile(DEEP, settings, send, 202)


def test_what_is_nested_without_end_makes_no_sense(attentive, settings):
    with pytest.raises(errors.AnswerUnreadableError):
        hostile(DEEP, settings, lambda api: api.job("1"))
    with pytest.raises(errors.RequestRefusedError):
        hostile(DEEP, settings, lambda api: api.job("1"), 400)


def test_the_words_of_a_job_and_of_an_account_fit_any_database(attentive, settings):
    odd = "a\u0000b\ud800" * 500
    job = hostile(json.dumps({"status": odd, "url": "http://[odd"}), settings, lambda a: a.job("1"))
    assert job.status.isprintable()
    with pytest.raises(errors.ResultMissingError):
        list(AttentiveAPI("http://127.0.0.1:1", "t", 1).results(job.result_url))
    account = json.dumps({"companyName": odd, "attentiveDomainName": odd})
    company = hostile(account, settings, lambda api: api.test()).company
    assert company.isprintable()
    assert len(company) <= 300
