from dataclasses import replace

import pytest
import yaml
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from campaigns.definition import freeze
from campaigns.models import Campaign, SubAudience, TreatmentGroup
from destinations.models import Credential, DefaultAttributes, Destination
from manifests.exporting import export
from manifests.reading import dump, read
from segments.models import CustomerList, Segment
from tests.manifests.conftest import EXAMPLE, TOKEN
from warehouse.models import Attribute, Join, Sync, Table


def empty():
    """Take away all that a manifest sets up; the customer tables stay."""
    for model in (Campaign, Segment, Destination, Credential, CustomerList):
        model.objects.all().delete()


def definitions():
    """What runs would start from, without what is another installation's own: ids and keys."""
    frozen = [freeze(each) for each in Campaign.objects.with_groups().order_by("name")]
    names = dict(Destination.objects.values_list("pk", "name"))
    return [
        replace(
            definition,
            campaign="",
            parts=tuple(
                replace(
                    part,
                    key="",
                    groups=tuple(
                        replace(
                            group,
                            key="",
                            destinations=tuple(sorted(names[pk] for pk in group.destinations)),
                        )
                        for group in part.groups
                    ),
                )
                for part in definition.parts
            ),
            targets=tuple(
                sorted((replace(each, id=0) for each in definition.targets), key=lambda t: t.name)
            ),
        )
        for definition in frozen
    ]


def test_applying_an_export_changes_nothing(apply):
    apply(EXAMPLE)
    plan = apply(export().text, environ={})
    assert {step.action for step in plan.steps} == {"keep"}
    assert len(plan.steps) == 5


def test_a_whole_number_is_the_same_however_it_was_typed(apply):
    apply(EXAMPLE)
    rule = {"attribute": "customer_360.age", "operator": "between", "value": [18.0, 30.5]}
    Segment.objects.filter(name="Staff").update(rule=rule)
    plan = apply(export().text, environ={})
    assert {step.action for step in plan.steps} == {"keep"}


def test_an_export_applied_to_an_empty_installation_gives_the_same_definitions(apply):
    apply(EXAMPLE)
    before, text = definitions(), export().text
    empty()

    apply(text)

    assert definitions() == before
    assert export().text == text


def test_an_export_reads_like_what_was_applied(apply):
    apply(EXAMPLE)
    written = yaml.safe_load(export().text)
    campaign = written["campaigns"][0]
    for part in (*campaign["sub_audiences"], campaign["remaining"]):
        assert part.pop("seed")
    given = read(EXAMPLE)
    del given["campaigns"][0]["delivery"]  # the default
    assert written == given


def test_an_export_holds_no_secret_and_no_member_of_a_list(apply, tmp_path):
    (tmp_path / "vips.csv").write_text("email\nvip@example.com\n")
    apply(f"{EXAMPLE}lists:\n  - {{name: VIPs, file: vips.csv}}\n")
    text = export().text
    assert TOKEN not in text
    assert "vip@example.com" not in text
    assert "VIPs.csv" in text


def test_the_list_of_an_export_stays_where_its_file_is_not_there(apply, tmp_path):
    (tmp_path / "vips.csv").write_text("vip@example.com\n")
    apply(f"{EXAMPLE}lists:\n  - {{name: VIPs, file: vips.csv}}\n")
    plan = apply(export().text)
    assert {step.action for step in plan.steps} == {"keep"}


def test_an_export_gives_each_secret_and_each_list_a_name_of_its_own(apply, tables):
    apply(EXAMPLE)
    Credential.objects.create(name="A B", secret={"token": "one"})
    Credential.objects.create(name="a-b", secret={"token": "two"})
    for name in ("Best of all", "best_of all", "!", "Ж" * 200):
        CustomerList.objects.create(name=name, digest="0" * 64, size=1)
    written = read(export().text)
    assert [each["token"]["env"] for each in written["credentials"]] == [
        "ATTENTIVE_TOKEN",
        "A_B_TOKEN",
        "A_B_2_TOKEN",
    ]
    files = [each["file"] for each in written["lists"]]
    assert files == ["Best_of_all.csv", "best_of_all_2.csv", "list.csv", "Ж" * 50 + ".csv"]
    assert {step.action for step in apply(export().text, environ={}).steps} == {"keep"}


def test_unfinished_drafts_are_left_out_and_named(apply):
    apply(EXAMPLE)
    text = export().text
    Segment.objects.create(
        name="Vague", draft={"attribute": "customer_360.agee", "operator": "is_blank"}
    )
    Segment.objects.create(name="Gone", rule={"all": []}, archived=True)
    Segment.objects.filter(name="Staff").update(draft={"all": []})
    nameless = Segment.objects.create(name="", draft={"all": []})
    begun = Campaign.objects.create(name="Begun")
    SubAudience.objects.create(campaign=begun, remaining=True)
    built = Campaign.objects.create(name="Built on Vague")
    built.include.set([Segment.objects.get(name="Vague")])
    remaining = SubAudience.objects.create(campaign=built, remaining=True)
    group = TreatmentGroup.objects.create(sub_audience=remaining, name="Everybody", split=100)
    group.destinations.set(Destination.objects.all())

    exported = export()

    assert exported.text == text
    assert exported.left_out == (
        'left out: segment "Gone": it is archived.',
        'left out: segment "Vague": rule.attribute: customer_360 has no column "agee". '
        'Did you mean "age"?',
        'left out: campaign "Begun": include: names no segment. Name at least one.',
        'left out: campaign "Built on Vague": include[0]: There is no segment "Vague" in this '
        "file. Nor does the installation have one.",
        'left out: the draft of segment "Staff": its published rule is written.',
        f"left out: segment {nameless.pk}: a draft without a name.",
    )
    assert {step.action for step in apply(exported.text).steps} == {"keep"}


GOLD = {"id": "1", "attribute": "customer_360.loyalty_tier", "operator": "is", "value": "Gold"}
AGE = {"id": "2", "attribute": "customer_360.age"}


def in_the_editor(*lines):
    """The sub-audience Gold gets a rule as the editor keeps it, of these lines."""
    SubAudience.objects.filter(name="Gold").update(rule={"id": "0", "all": list(lines)})


@pytest.mark.parametrize(
    ("line", "lack"),
    [
        (AGE | {"operator": "at_least", "value": ""}, "Pick a value"),
        ({"id": "2", "any": []}, "Add a criterion"),  # in a file it would match nobody
        (
            {"id": "2", "event": "orders", "where": {"id": "3", "all": [{"attribute": ""}]}},
            "Pick an attribute",
        ),
    ],
)
def test_a_campaign_with_an_unfinished_line_is_left_out_and_named(apply, line, lack):
    apply(EXAMPLE)
    in_the_editor(GOLD, line)
    exported = export()
    assert "Autumn coffee" not in exported.text
    assert exported.left_out == (
        'left out: campaign "Autumn coffee 2026": sub_audiences[0].rule: A line of its rule is '
        f"not finished. {lack}, or take the line out.",
    )


@pytest.mark.parametrize(
    "line", [AGE, AGE | {"operator": "at_least"}, {"id": "2", "any": [{"id": "3", **AGE}]}]
)
def test_an_unfinished_line_that_is_switched_off_is_no_part_of_an_export(apply, line):
    apply(EXAMPLE)
    in_the_editor(GOLD, line | {"off": True})
    exported = export()
    assert exported.left_out == ()
    campaign = yaml.safe_load(exported.text)["campaigns"][0]
    gold = {key: each for key, each in GOLD.items() if key != "id"}
    assert campaign["sub_audiences"][0]["rule"] == {"all": [gold]}
    assert {step.action for step in apply(exported.text).steps} == {"keep"}


def test_a_sub_audience_that_takes_nobody_here_takes_nobody_elsewhere(apply):
    apply(EXAMPLE)
    in_the_editor(GOLD | {"off": True})
    exported = export()
    assert "Autumn coffee" not in exported.text
    assert "sub_audiences[0].rule: is missing" in exported.left_out[0]


def test_a_file_replaces_a_rule_with_an_unfinished_line(apply):
    apply(EXAMPLE)
    in_the_editor(GOLD, AGE)
    apply(EXAMPLE)
    assert export().left_out == ()
    assert SubAudience.objects.get(name="Gold").rule == {
        "attribute": "customer_360.loyalty_tier",
        "operator": "is",
        "value": "Gold",
    }


def test_a_destination_that_is_switched_off_is_so_elsewhere_too(apply):
    apply(EXAMPLE)
    Destination.objects.update(enabled=False)
    text = export().text
    empty()
    apply(text)
    assert not Destination.objects.get().enabled


def test_the_corrections_of_the_catalogue_are_exported_and_nothing_else_of_it(apply):
    apply(
        """
version: 1
tables:
  orders:
    key: order_id
    customer: customer_id
    semantics: {note: channel, amount: null}
    joins: {note: products.product_id}
  Merged_Customers: {base: true}
"""
    )
    assert Table.objects.get(name="orders").corrected
    assert Attribute.objects.get(name="note").semantic == "channel"
    assert Attribute.objects.get(name="amount").semantic == ""
    join = Join.objects.get(column="note")
    assert (join.to_table.name, join.to_column, join.corrected) == ("products", "product_id", True)
    assert Sync.objects.get().base_table == "merged_customers"

    exported = export().text

    assert yaml.safe_load(exported)["tables"] == {
        "merged_customers": {"base": True},
        "orders": {
            "key": "order_id",
            "customer": "customer_id",
            "one_per_customer": False,
            "semantics": {"note": "channel", "amount": None},
            "joins": {"note": "products.product_id"},
        },
    }
    assert {step.action for step in apply(exported).steps} == {"keep"}


def test_rules_are_checked_against_the_corrected_catalogue(apply):
    text = """
version: 1
tables:
  orders: {semantics: {amount: null}}
segments:
  - name: Big spenders
    rule: {event: orders, measure: total, operator: at_least, value: 100}
"""
    with pytest.raises(Exception, match="orders has no value column"):
        apply(text)


# Whatever a file says, applied, exported and applied again it says the same.

NAMES = st.sampled_from(["Gold", "gilt 7", "Été", "NO", "007", "on", "a: b", '"', "x.y[0]", "#"])
RULES = st.sampled_from(
    [
        {"all": []},
        {"any": [{"attribute": "customer_360.age", "operator": "at_least", "value": 18.5}]},
        {"attribute": "customer_360.loyalty_tier", "operator": "is", "value": "NO"},
        {"none": [{"segment": "Staff"}], "off": True},
        {"event": "orders", "period": {"from": "2026-01-01"}},
        {"attribute": "customer_360.sms_opt_in", "operator": "is_true"},
    ]
)
DELIVERIES = st.sampled_from(
    [
        {"when": "now"},
        {"every": "week", "on": ["mon"], "at": "09:00"},
        {"cron": "0 9 * * 1", "runs": 3},
        {"at": "2026-12-01 09:00", "time_zone": "Europe/Berlin"},
    ]
)
DESTINATIONS = st.sampled_from([["Attentive"], ["SMS"], ["SMS", "Attentive"]])


@st.composite
def groups(draw, prefix):
    names = draw(st.lists(NAMES, min_size=1, max_size=3, unique_by=str.lower))
    shares = [100 // len(names)] * len(names)
    shares[0] += 100 - sum(shares)
    return [
        {"name": f"{prefix} {name}", "split": share}
        | (
            {"control": True}
            if place and draw(st.booleans())
            else {
                "destinations": draw(
                    st.sampled_from([["Attentive"], ["SMS"], ["SMS", "Attentive"]])
                )
            }
        )
        for place, (name, share) in enumerate(zip(names, shares, strict=True))
    ]


@st.composite
def campaigns(draw):
    parts = []
    for name in draw(st.lists(NAMES, max_size=2, unique_by=str.lower)):
        who = draw(st.sampled_from([{"segments": ["Staff"]}, {"rule": draw(RULES)}]))
        parts.append({"name": name, **who, "treatment_groups": draw(groups(f"of {name}"))})
    campaign = {
        "name": draw(NAMES) + " campaign of ours",
        "include": draw(st.sampled_from([["Staff"], ["Coffee lovers", "Staff"]])),
        "first_match_only": draw(st.booleans()),
        "labels": draw(st.lists(NAMES, max_size=2, unique=True)),
        "folder": draw(st.sampled_from(["", "Autumn"])),
        "sub_audiences": parts,
        "remaining": {"seed": draw(NAMES), "treatment_groups": draw(groups("Rest"))},
        "delivery": draw(DELIVERIES),
    }
    if draw(st.booleans()):
        campaign["attributes"] = {
            "SMS": {"email": "merged_customers.email", "only_where": draw(RULES)}
        }
    return campaign


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(campaigns(), max_size=2, unique_by=lambda each: each["name"].lower()), RULES)
def test_what_is_applied_and_exported_stays_the_same(apply, those, rule):
    empty()
    document = read(EXAMPLE)
    document["destinations"].append(document["destinations"][0] | {"name": "SMS"})
    document["segments"].append({"name": "More", "rule": rule, "active": True})
    document["campaigns"] += those

    apply(dump(document))
    text, before = export().text, definitions()
    assert not export().left_out
    assert {step.action for step in apply(text).steps} == {"keep"}
    empty()
    apply(text)

    assert export().text == text
    assert definitions() == before


def test_an_email_kept_beside_the_phone_that_is_sent_is_no_part_of_an_export(apply):
    apply(EXAMPLE)
    DefaultAttributes.objects.update(email="merged_customers.email")
    assert "merged_customers.email}" not in export().text
    assert {step.action for step in apply(export().text).steps} == {"keep"}


class TestCommands:
    def test_apply_prints_the_plan_and_export_the_manifest(self, tables, token, tmp_path, capsys):
        file = tmp_path / "brand.yaml"
        file.write_text(EXAMPLE)
        call_command("apply", str(file), "--dry-run")
        assert capsys.readouterr().out.endswith(
            "5 to create, 0 to change, 0 to keep\nA dry run: nothing was changed.\n"
        )
        assert not Segment.objects.exists()

        call_command("apply", str(file))
        assert 'create  campaign "Autumn coffee 2026"\n' in capsys.readouterr().out
        assert Segment.objects.exists()

        call_command("export")
        printed = capsys.readouterr()
        assert printed.out == export().text
        assert printed.err == ""

    def test_a_wrong_file_ends_with_status_2_and_its_faults_on_stderr(
        self, tables, token, tmp_path, capsys
    ):
        file = tmp_path / "brand.yaml"
        file.write_text(EXAMPLE.replace("split: 90,", "split: 80,"))
        with pytest.raises(SystemExit) as caught:
            call_command("apply", str(file))
        printed = capsys.readouterr()
        assert caught.value.code == 2
        assert printed.out == ""
        assert printed.err == (
            "campaigns[0].sub_audiences[0]: Splits add up to 90%. Bring them to 100%.\n"
        )

    @pytest.mark.parametrize("content", [None, b"\xff\xfe"])
    def test_a_file_that_cannot_be_read_is_one_line(self, db, tmp_path, capsys, content):
        file = tmp_path / "brand.yaml"
        if content is not None:
            file.write_bytes(content)
        with pytest.raises(SystemExit) as caught:
            call_command("apply", str(file))
        assert caught.value.code == 2
        assert capsys.readouterr().err.startswith(f"{file}: ")
