import pytest

from campaigns.models import Campaign
from destinations.models import Credential, Destination
from manifests.errors import ManifestError
from segments.models import Segment
from tests.manifests.conftest import EXAMPLE
from warehouse.models import Table


def refused(apply, text, **more):
    """The faults of a manifest, a line each; nothing may have changed."""
    before = list(Segment.objects.values()), list(Campaign.objects.values())
    with pytest.raises(ManifestError) as caught:
        apply(text, **more)
    assert (list(Segment.objects.values()), list(Campaign.objects.values())) == before
    return str(caught.value).splitlines()


# What the example says -> what it says instead -> the one line that tells.
FAULTS = [
    (
        "version: 1\n",
        "",
        'version: is missing. Begin the file with "version: 1".',
    ),
    ("version: 1\n", "version: 2\n", "version: must be 1, the only one so far, not 2."),
    ("campaigns:", "campaign:", 'campaign: is not known here. Did you mean "campaigns"?'),
    (
        "kind: attentive-api, token",
        "kind: attentive-sftp, token",
        'credentials[0].kind: This version does not have "attentive-sftp" yet. '
        'Use "attentive-api".',
    ),
    (
        "token: {env: ATTENTIVE_TOKEN}",
        "token: s3cret",
        "credentials[0].token: must name the environment variable that holds it, as "
        "{env: ATTENTIVE_TOKEN}. A secret is never written in the file.",
    ),
    (
        "{env: ATTENTIVE_TOKEN}",
        "{env: s3cret-token}",
        "credentials[0].token.env: must be a variable's name: letters, digits and _ only.",
    ),
    (
        "kind: attentive-api\n",
        "kind: attentive-apl\n",
        'destinations[0].kind: "attentive-apl" is no kind of destination. '
        'Did you mean "attentive-api"? Known here: attentive-api.',
    ),
    (
        "credential: Attentive\n",
        "credential: Attentiv\n",
        'destinations[0].credential: There is no credential "Attentiv" in this file. '
        'Did you mean "Attentive"?',
    ),
    (
        "https://api.attentivemobile.com",
        "api.attentivemobile.com",
        "destinations[0].base_url: Begin the address with https://, "
        "as https://api.attentivemobile.com",
    ),
    (
        "{campaign}_{group}",
        "{campaign}_{grp}",
        "destinations[0].segment_name: There is no {grp}. "
        "Write {campaign}, {sub_audience}, {group}, {date}.",
    ),
    (
        "    default_attributes:",
        "    batch_size: 20000\n    default_attributes:",
        "destinations[0].batch_size: must be a whole number from 1 to 10,000, not 20000.",
    ),
    (
        "default_attributes: {phone: merged_customers.phone}",
        "default_attributes: {phone: merged_customers.phone, email: merged_customers.email}",
        "destinations[0].default_attributes: has both phone and email. "
        "Attentive takes exactly one for each person: name the one to send.",
    ),
    (
        "default_attributes: {phone: merged_customers.phone}",
        "default_attributes: {}",
        "destinations[0].default_attributes: has neither phone nor email. "
        "Attentive takes exactly one for each person: name the one to send.",
    ),
    (
        "default_attributes: {phone: merged_customers.phone}",
        "default_attributes: {phone: merged_customers.phon}",
        'destinations[0].default_attributes.phone: merged_customers has no column "phon". '
        'Did you mean "phone"?',
    ),
    (
        "default_attributes: {phone: merged_customers.phone}",
        "default_attributes: {phone: merged_customers.email}",
        "destinations[0].default_attributes.phone: email holds emails. "
        "Choose it for email, or another column for phone.",
    ),
    (
        "default_attributes: {phone: merged_customers.phone}",
        "default_attributes: {phone: orders.note}",
        "destinations[0].default_attributes.phone: orders has many rows a customer. "
        "Choose a table with one.",
    ),
    (
        "customer_360.household_income",
        "customer_360.household_incom",
        'segments[0].rule.all[0].attribute: customer_360 has no column "household_incom". '
        'Did you mean "household_income"?',
    ),
    (
        "name: Staff, active: true, rule:",
        "name: Staff, active: true, sql: x, rule:",
        "segments[1].sql: stands beside rule. Keep one of the two.",
    ),
    (
        "name: Staff, active: true",
        "name: coffee lovers, active: true",
        'segments[1].name: "coffee lovers" is the name of segments[0] too. Give it another.',
    ),
    (
        'rule: {attribute: merged_customers.email, operator: ends_with, value: "@example.org"}',
        "rule: {any: [{segment: Staff}]}",
        "segments[1].rule.any[0].segment: Segments run in a circle: Staff -> Staff. "
        "Take one of them out.",
    ),
    (
        "name: Autumn coffee 2026",
        "name: Untitled campaign",
        "campaigns[0].name: “Untitled campaign” tells nobody at Attentive what this list is. "
        "Say what the campaign is about.",
    ),
    (
        "name: Gold early access",
        "name: Recipient 1",
        "campaigns[0].sub_audiences[0].treatment_groups[1].name: “Recipient 1” tells nobody at "
        "Attentive what this list is. Use “Gold 90%”.",
    ),
    (
        "include: [Coffee lovers]",
        "include: []",
        "campaigns[0].include: names no segment. Name at least one.",
    ),
    (
        "include: [Coffee lovers]",
        "include: [Coffee drinkers]",
        'campaigns[0].include[0]: There is no segment "Coffee drinkers" in this file. '
        'Did you mean "Coffee lovers"?',
    ),
    (
        "exclude: [Staff]",
        "exclude: Staff",
        'campaigns[0].exclude: must be a list, not "Staff".',
    ),
    (
        "split: 90,",
        "split: 80,",
        "campaigns[0].sub_audiences[0]: Splits add up to 90%. Bring them to 100%.",
    ),
    (
        "split: 90,",
        "split: 90.5,",
        "campaigns[0].sub_audiences[0].treatment_groups[1].split: must be a whole number from 0 "
        "to 100, not 90.5.",
    ),
    (
        "control: true}",
        "control: true, destinations: [Attentive]}",
        "campaigns[0].sub_audiences[0].treatment_groups[0].destinations: A control group is held "
        "out: take its destinations away, or do not hold it out.",
    ),
    (
        "control: true}",
        "control: yes}",
        "campaigns[0].sub_audiences[0].treatment_groups[0].control: must be true or false, "
        'not "yes".',
    ),
    (
        "split: 90, destinations: [Attentive]}",
        "split: 90}",
        "campaigns[0].sub_audiences[0].treatment_groups[1].destinations: "
        "“Gold early access” has no destination. Choose one, or hold the group out as control.",
    ),
    (
        "split: 90, destinations: [Attentive]}",
        "split: 90, destinations: [Attention]}",
        "campaigns[0].sub_audiences[0].treatment_groups[1].destinations[0]: There is no "
        'destination "Attention" in this file. Did you mean "Attentive"?',
    ),
    (
        "name: Everyone text B",
        "name: Gold  Early Access",
        "campaigns[0].remaining.treatment_groups[1].name: “Gold early access” here fills the list "
        "“Autumn coffee 2026_Gold  Early Access” too. Use “Everyone text B”.",
    ),
    (
        "{phone: merged_customers.phone, only_where:",
        "{only_where:",
        "campaigns[0].attributes.Attentive: has neither phone nor email. "
        "Attentive takes exactly one for each person: name the one to send.",
    ),
    (
        "operator: is_true}",
        "operator: is}",
        "campaigns[0].attributes.Attentive.only_where.operator: customer_360.sms_opt_in is a "
        'yes or no; "is" is not an operator of it. Use is_true, is_false, is_blank or '
        "is_not_blank.",
    ),
    (
        "      Attentive: {phone",
        "      Sms: {phone",
        'campaigns[0].attributes.Sms: There is no destination "Sms" in this file. '
        "Nor does the installation have one.",
    ),
    (
        "delivery: {when: now}",
        "delivery: {when: tomorrow}",
        'campaigns[0].delivery.when: must be now or after_load, not "tomorrow".',
    ),
    (
        "messages_from: 2026-12-02",
        "messages_from: 2026-02-30",
        "campaigns[0].messages_from: must be a date, as 2026-12-02, or {days: 1}, "
        'not "2026-02-30".',
    ),
]


@pytest.mark.parametrize(
    ("old", "new", "line"), FAULTS, ids=[line.partition(": ")[0] for *_, line in FAULTS]
)
def test_a_fault_is_told_with_its_path_and_what_would_be_right(apply, old, new, line):
    assert old in EXAMPLE
    assert refused(apply, EXAMPLE.replace(old, new, 1))[0] == line


def test_all_faults_are_told_at_once_in_the_order_of_the_file(apply):
    text = (
        EXAMPLE.replace("split: 90,", "split: 80,")
        .replace("customer_360.loyalty_tier", "customer_360.loyalty")
        .replace("include: [Coffee lovers]", "include: [Nobody]")
        .replace("credential: Attentive", "credential: Missing")
        .replace("name: Staff,", "name: Staff, colour: red,")
    )
    paths = [line.partition(": ")[0] for line in refused(apply, text, environ={})]
    assert paths == [
        "credentials[0].token.env",
        "destinations[0].credential",
        "segments[1].colour",
        "campaigns[0].include[0]",
        "campaigns[0].sub_audiences[0].rule.attribute",
        "campaigns[0].sub_audiences[0]",
    ]


def test_a_fault_anywhere_leaves_everything_as_it_was(apply):
    refused(apply, EXAMPLE.replace("split: 90,", "split: 80,"))
    assert not Credential.objects.exists()


def test_a_token_in_the_file_is_not_repeated(apply):
    for token in ("s3cret", "{env: s3-cret}", "{env: TOKEN, value: s3cret}", "{env: [s3cret, 1"):
        lines = refused(apply, EXAMPLE.replace("{env: ATTENTIVE_TOKEN}", token, 1))
        assert "s3cret" not in "".join(lines)


def test_two_groups_that_fill_one_list_are_found_across_file_and_installation(apply):
    apply(EXAMPLE)
    other = EXAMPLE[EXAMPLE.index("campaigns:") :].replace(
        "name: Autumn coffee 2026", "name: AUTUMN COFFEE  2026"
    )
    lines = refused(apply, f"version: 1\n{other}")
    assert lines[0] == (
        "campaigns[0].sub_audiences[0].treatment_groups[1].name: Autumn coffee 2026 fills the "
        "list “AUTUMN COFFEE  2026_Gold early access”. Use “Gold 90%”."
    )
    assert len(lines) == 3


def test_a_changed_template_that_makes_lists_of_the_installation_collide_is_found(apply):
    apply(EXAMPLE)
    text = EXAMPLE[: EXAMPLE.index("segments:")].replace("{campaign}_{group}", "{campaign}")
    lines = refused(apply, text)
    assert lines == [
        'destinations[0].segment_name: "Gold early access" of "Autumn coffee 2026" and "Everyone '
        'text A" of "Autumn coffee 2026" would both fill the list "Autumn coffee 2026". '
        "Name {campaign} and {group} in it.",
        'destinations[0].segment_name: "Gold early access" of "Autumn coffee 2026" and "Everyone '
        'text B" of "Autumn coffee 2026" would both fill the list "Autumn coffee 2026". '
        "Name {campaign} and {group} in it.",
    ]


def test_lists_that_collide_already_are_no_fault_of_a_file_that_leaves_them_as_they_are(apply):
    apply(EXAMPLE)
    twin = Campaign.objects.create(name="autumn  coffee 2026")
    part = twin.sub_audiences.create(name="Gold")
    part.groups.create(name="Gold early access").destinations.set(Destination.objects.all())

    assert {step.action for step in apply(EXAMPLE).steps} == {"keep"}
    changed = EXAMPLE.replace("name: Everyone text A", "name: GOLD early access")
    assert len(refused(apply, changed)) == 1


@pytest.mark.parametrize(
    ("delivery", "line"),
    [
        ("{at: 2026-12-01 09:00, time_zone: America/New_York}", ""),
        ("{every: day, at: 09:00}", ""),
        ("{every: week, on: [mon, thu], at: 09:00, until: 2027-01-31, still_running: wait}", ""),
        ("{every: month, on: 15, at: 09:00, runs: 12, still_running: skip}", ""),
        ("{cron: 0 9 * * 1}", ""),
        ("{cron: '*/5 8-18/2 1,15 jan-mar MON'}", ""),
        ("{when: after_load, runs: 3}", ""),
        ("{}", "delivery: says no time. Write when: now, at, every, cron or when: after_load."),
        ("tomorrow", "delivery: must be a mapping with when, at, every, on, cron, time_zone, "),
        ("{when: now, runs: 2}", "delivery.runs: says nothing about a run now. Take it out."),
        ("{when: now, every: day}", "delivery: has both when and every. Keep one of the two."),
        ("{at: tomorrow}", 'delivery.at: must be a day and time, as "2026-12-01 09:00", '),
        ("{at: 2026-12-01 09:00, runs: 2}", "delivery.runs: belongs to a repeating delivery."),
        ("{every: day}", "delivery.at: is missing."),
        ("{every: day, at: 24:00}", 'delivery.at: must be a time of day, as "09:00", not "24:00".'),
        ("{every: day, on: mon, at: 09:00}", "delivery.on: goes with every: week or every: month."),
        ("{every: year, at: 09:00}", 'delivery.every: must be day, week or month, not "year".'),
        ("{every: week, at: 09:00}", "delivery.on: must be days of the week, as [mon, thu], not "),
        ("{every: week, on: [mo], at: 09:00}", "delivery.on: must be days of the week, as "),
        ("{every: month, on: 32, at: 09:00}", "delivery.on: must be a whole number from 1 to 31, "),
        ("{cron: 0 9 * *}", 'delivery.cron: "0 9 * *" has 4 fields. Write five: minute, hour, '),
        ("{cron: 60 9 * * *}", 'delivery.cron: "60" is no minute. Write 0 to 59, *, lists, '),
        ("{cron: 0 9 31 feb *}", 'delivery.cron: "0 9 31 feb *" names a day that none of its '),
        ("{cron: 0 9 * * */0}", 'delivery.cron: "*/0" is no day of the week. Write 0 to 7, *, '),
        ("{cron: 0 9 * * 1, at: 09:00}", "delivery.at: belongs to every. The cron expression "),
        (
            "{every: day, at: 09:00, time_zone: Europe/Berlim}",
            'delivery.time_zone: "Europe/Berlim" is no time zone. Did you mean "Europe/Berlin"?',
        ),
        (
            "{every: day, at: 09:00, until: 2027-01-31, runs: 3}",
            "delivery.runs: stands beside until. Keep one of the two.",
        ),
        ("{every: day, at: 09:00, until: soon}", "delivery.until: must be a date, as 2026-12-31, "),
        (
            "{every: day, at: 09:00, still_running: stop}",
            'delivery.still_running: must be skip or wait, not "stop".',
        ),
    ],
)
def test_a_delivery_is_stored_or_refused_with_its_path(apply, delivery, line):
    text = EXAMPLE.replace("{when: now}", delivery).replace("    messages_from: 2026-12-02\n", "")
    if line:
        assert refused(apply, text)[0].startswith(f"campaigns[0].{line}")
    else:
        apply(text)
        assert Campaign.objects.get().delivery
        assert {step.action for step in apply(text).steps} == {"keep"}


def test_a_repeating_campaign_has_days_and_no_launch_date(apply):
    daily = EXAMPLE.replace("{when: now}", "{every: day, at: 09:00}")
    assert refused(apply, daily) == [
        "campaigns[0].messages_from: A repeating campaign has no one date. "
        "Say how many days after each run, as {days: 1}."
    ]
    apply(daily.replace("messages_from: 2026-12-02", "messages_from: {days: 1}"))
    assert Campaign.objects.get().messages_from == {"days": 1}


def test_a_table_written_twice_is_a_fault_whatever_its_case(apply):
    twice = "tables:\n  orders: {key: order_id}\n  Orders: {customer: customer_id}\n"
    assert refused(apply, EXAMPLE + twice) == [
        'tables.Orders: is the table "orders", which stands here too. Make one entry of the two.'
    ]


def test_without_a_catalogue_the_file_says_what_to_do_first(apply):
    Table.objects.all().delete()
    assert refused(apply, EXAMPLE)[0] == (
        "The catalogue is empty. Bring the customer tables in first, with load_tables."
    )
