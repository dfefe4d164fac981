import pytest

from campaigns.models import Campaign, Status, SubAudience, TreatmentGroup
from destinations.models import Credential, Destination
from manifests.errors import ManifestError
from segments.models import Segment
from tests.manifests.conftest import EXAMPLE, TOKEN


def actions(plan):
    return {(step.kind, step.name): step.action for step in plan.steps}


def changes(plan):
    return [str(change) for step in plan.steps for change in step.changes]


def test_a_file_sets_up_everything_that_it_names(apply):
    plan = apply(EXAMPLE)

    assert set(actions(plan).values()) == {"create"}
    campaign = Campaign.objects.get()
    assert campaign.status == Status.DRAFT
    assert [part.name for part in campaign.sub_audiences.all()] == ["Gold", ""]
    assert [
        (group.name, group.split, group.control, [each.name for each in group.destinations.all()])
        for group in TreatmentGroup.objects.order_by("pk")
    ] == [
        ("Gold held out", 10, True, []),
        ("Gold early access", 90, False, ["Attentive"]),
        ("Everyone text A", 50, False, ["Attentive"]),
        ("Everyone text B", 50, False, ["Attentive"]),
    ]
    assert campaign.mappings.get().source == "merged_customers.phone"
    assert campaign.messages_from == "2026-12-02"
    assert Destination.objects.get().default_attributes.source == "merged_customers.phone"
    assert Credential.objects.get().secret.open() == {"token": TOKEN}
    assert {each.name for each in Segment.objects.active()} == {"Coffee lovers", "Staff"}


def test_a_host_that_may_not_be_called_yet_stops_only_the_launch(apply):
    apply(EXAMPLE.replace("https://api.attentivemobile.com", "https://elsewhere.example"))
    assert Destination.objects.get().base_url == "https://elsewhere.example"


def test_applying_twice_changes_nothing(apply):
    apply(EXAMPLE)
    before = everything()

    plan = apply(EXAMPLE)

    assert set(actions(plan).values()) == {"keep"}
    assert everything() == before


def everything():
    """Every row of the tables that a manifest fills, whole."""
    models = (Campaign, SubAudience, TreatmentGroup, Segment, Destination, Credential)
    return [
        {key: str(value) for key, value in row.items()}
        for model in models
        for row in model.objects.order_by("pk").values()
    ]


def test_a_dry_run_shows_the_plan_and_changes_nothing(apply):
    plan = apply(EXAMPLE, dry_run=True)

    assert set(actions(plan).values()) == {"create"}
    assert everything() == []


def test_a_plan_shows_each_changed_field_old_and_new(apply):
    apply(EXAMPLE)

    plan = apply(
        EXAMPLE.replace("split: 10,", "split: 20,")
        .replace("split: 90,", "split: 80,")
        .replace("value: Gold}", "value: Platinum}")
        .replace("income known", "income told"),
        dry_run=True,
    )

    assert changes(plan) == [
        'description: "Three coffee orders in a quarter, income known"'
        ' -> "Three coffee orders in a quarter, income told"',
        'sub_audiences[Gold].rule.value: "Gold" -> "Platinum"',
        "sub_audiences[Gold].treatment_groups[Gold held out].split: 10 -> 20",
        "sub_audiences[Gold].treatment_groups[Gold early access].split: 90 -> 80",
    ]
    assert actions(plan)["segment", "Staff"] == "keep"


def test_groups_are_known_by_name_and_keep_their_keys_and_seeds(apply):
    apply(EXAMPLE)
    keys = dict(TreatmentGroup.objects.values_list("name", "key"))
    seeds = dict(SubAudience.objects.values_list("name", "seed"))

    swapped = EXAMPLE.replace("Everyone text A", "?").replace("Everyone text B", "Everyone text A")
    plan = apply(swapped.replace("?", "Everyone text B"))

    assert changes(plan) == [
        'order of remaining.treatment_groups: ["Everyone text A", "Everyone text B"]'
        ' -> ["Everyone text B", "Everyone text A"]'
    ]
    assert dict(TreatmentGroup.objects.values_list("name", "key")) == keys
    assert dict(SubAudience.objects.values_list("name", "seed")) == seeds


def test_ids_in_a_rule_of_the_file_mean_nothing(apply):
    rule = "{attribute: customer_360.loyalty_tier, operator: is, value: Gold}"
    apply(EXAMPLE.replace(rule, "{id: a, all: []}"))
    assert SubAudience.objects.get(name="Gold").rule == {"all": []}  # everyone, as written


def test_a_seed_in_the_file_is_the_one_stored(apply):
    apply(EXAMPLE)
    apply(EXAMPLE.replace("      - name: Gold\n", "      - name: Gold\n        seed: feedbead\n"))
    assert SubAudience.objects.get(name="Gold").seed == "feedbead"


def test_a_sub_audience_or_group_left_out_is_gone(apply):
    apply(EXAMPLE)
    text = EXAMPLE.replace("- {name: Everyone text A, split: 50", "- {name: Everyone, split: 100")
    text = "\n".join(line for line in text.splitlines() if "Everyone text B" not in line)
    before, _, after = text.partition("    sub_audiences:\n")

    apply(before + after[after.index("    remaining:") :])

    assert [str(part) for part in SubAudience.objects.all()] == ["Remaining audience members"]
    assert [group.name for group in TreatmentGroup.objects.all()] == ["Everyone"]


def test_a_field_left_out_has_its_default(apply):
    apply(EXAMPLE)
    text = EXAMPLE.replace("    description: Three coffee orders in a quarter, income known\n", "")
    text = text.replace("    messages_from: 2026-12-02\n", "")
    text = text.replace("    default_attributes: {phone: merged_customers.phone}\n", "")

    apply(text)

    assert Segment.objects.get(name="Coffee lovers").description == ""
    assert Campaign.objects.get().messages_from is None
    assert not hasattr(Destination.objects.get(), "default_attributes")


def test_what_the_file_does_not_name_is_left_alone(apply):
    apply(EXAMPLE)
    other = Segment.objects.create(name="Mine", draft={"all": []}, left_out_by_default=True)
    Destination.objects.update(enabled=False)

    apply(EXAMPLE.replace("income known", "income told"))

    assert Segment.objects.get(pk=other.pk).left_out_by_default
    assert not Destination.objects.get().enabled


def test_names_may_refer_to_what_is_only_in_the_database(apply):
    apply(EXAMPLE)
    campaign = EXAMPLE[EXAMPLE.index("campaigns:") :]

    plan = apply(f"version: 1\n{campaign}")

    assert actions(plan) == {("campaign", "Autumn coffee 2026"): "keep"}


def test_a_scheduled_campaign_stays_scheduled(apply):
    apply(EXAMPLE)
    Campaign.objects.update(status=Status.SCHEDULED)

    apply(EXAMPLE.replace("exclude: [Staff]", "exclude: []"))

    campaign = Campaign.objects.get()
    assert campaign.status == Status.SCHEDULED
    assert not campaign.exclude.exists()


def test_default_exclusions_are_exactly_those_named(apply):
    apply(f"{EXAMPLE}default_exclusions: [Staff]\n")
    assert [each.name for each in Segment.objects.filter(left_out_by_default=True)] == ["Staff"]

    apply(EXAMPLE)
    assert [each.name for each in Segment.objects.filter(left_out_by_default=True)] == ["Staff"]

    plan = apply(f"{EXAMPLE}default_exclusions: []\n")
    assert changes(plan) == ['default_exclusions: ["Staff"] -> []']
    assert not Segment.objects.filter(left_out_by_default=True).exists()


class TestSegments:
    DRAFT = """
version: 1
segments:
  - {name: Kids, rule: {attribute: customer_360.age, operator: at_most, value: 12}}
"""
    ACTIVE = DRAFT.replace("rule:", "active: true, rule:")
    OLDER = ACTIVE.replace("12", "14")

    def test_a_segment_is_a_draft_until_the_file_says_active(self, apply):
        apply(self.DRAFT)
        segment = Segment.objects.get()
        assert (segment.rule, segment.version) == (None, 0)
        assert segment.draft["value"] == 12

    def test_each_published_rule_is_a_version(self, apply):
        for text in (self.DRAFT, self.ACTIVE, self.ACTIVE, self.OLDER):
            apply(text)
        segment = Segment.objects.get()
        assert (segment.rule["value"], segment.draft, segment.version) == (14, None, 2)
        assert [each.rule["value"] for each in segment.versions.all()] == [14, 12]

    def test_a_draft_that_someone_edits_beside_the_published_rule_stays(self, apply):
        apply(self.ACTIVE)
        Segment.objects.update(draft={"all": []})
        apply(self.ACTIVE)
        apply(self.OLDER)
        segment = Segment.objects.get()
        assert (segment.rule["value"], segment.draft) == (14, {"all": []})

    def test_an_active_segment_becomes_a_draft_where_the_file_says_so(self, apply):
        apply(self.ACTIVE)
        plan = apply(self.DRAFT)
        segment = Segment.objects.get()
        assert changes(plan) == ["active: true -> false"]
        assert (segment.rule, segment.draft["value"]) == (None, 12)

    def test_the_editors_marks_in_a_rule_are_no_change(self, apply):
        apply(self.ACTIVE)
        segment = Segment.objects.get()
        Segment.objects.update(rule=segment.rule | {"id": "n1"})
        assert changes(apply(self.ACTIVE)) == []

    def test_rules_follow_a_name_written_in_another_case(self, apply):
        apply(self.ACTIVE)
        other = Segment.objects.create(name="Not kids", rule={"none": [{"segment": "Kids"}]})
        plan = apply(self.ACTIVE.replace("Kids", "KIDS"))
        other.refresh_from_db()
        assert changes(plan) == ['name: "Kids" -> "KIDS"']
        assert other.rule == {"none": [{"segment": "KIDS"}]}

    def test_an_archived_segment_comes_back(self, apply):
        apply(self.ACTIVE)
        Segment.objects.update(archived=True)
        plan = apply(self.ACTIVE)
        assert changes(plan) == ["archived: true -> (none)"]
        assert not Segment.objects.get().archived


class TestSecrets:
    def test_a_variable_that_is_not_set_keeps_the_stored_token(self, apply):
        apply(EXAMPLE)
        plan = apply(EXAMPLE, environ={})
        assert actions(plan)["credential", "Attentive"] == "keep"
        assert Credential.objects.get().secret.open() == {"token": TOKEN}

    def test_a_variable_that_is_not_set_is_a_fault_where_no_token_is_stored(self, apply):
        with pytest.raises(ManifestError) as caught:
            apply(EXAMPLE, environ={"ATTENTIVE_TOKEN": " "})
        assert str(caught.value) == (
            "credentials[0].token.env: The variable ATTENTIVE_TOKEN is not set, and no token is "
            "stored yet. Set it to the token."
        )

    def test_another_token_replaces_the_stored_one_and_is_not_shown(self, apply):
        apply(EXAMPLE)
        Credential.objects.update(refused_at="2026-11-24T00:00Z")
        plan = apply(EXAMPLE, environ={"ATTENTIVE_TOKEN": "another-token"})
        credential = Credential.objects.get()
        assert changes(plan) == ["token: (stored) -> (from ATTENTIVE_TOKEN)"]
        assert "another-token" not in "\n".join(plan.lines())
        assert credential.secret.open() == {"token": "another-token"}
        assert credential.refused_at is None

    def test_a_token_that_no_key_opens_any_more_is_a_fault(self, apply, settings):
        apply(EXAMPLE)
        settings.CREDENTIAL_KEYS = ["jcRcXJ2kQ4rxDdTbVAhP4Q2zOsnt4K2ZNmUDg0wD3eo="]
        with pytest.raises(ManifestError, match="encrypted with a key that is no longer set"):
            apply(EXAMPLE, environ={})
        apply(EXAMPLE)
        assert Credential.objects.get().secret.open() == {"token": TOKEN}


@pytest.mark.parametrize(
    "correction",
    [
        "{ORDERS: {key: Order_ID, customer: CUSTOMER_ID}}",
        "{orders: {semantics: {NOTE: channel}}}",
        "{order_items: {joins: {PRODUCT_ID: Products.Product_Id}}}",
    ],
)
def test_a_correction_in_another_case_is_applied_once(apply, correction):
    file = f"version: 1\ntables: {correction}\n"
    apply(file)
    plan = apply(file)
    assert changes(plan) == []
    assert set(actions(plan).values()) == {"keep"}
