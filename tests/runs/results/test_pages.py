"""The results page and its file: what was planted is told, to whom it may be told."""

import csv
import re
from html import unescape

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from campaigns.models import Campaign
from runs.models import Run
from tests.runs.results import shop

HTMX = {"HX-Request": "true"}


@pytest.fixture
def run(transactional_db, attentive, warehouse) -> Run:
    return shop.measured_run(attentive, warehouse)


def text(response) -> str:
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return unescape(re.sub(r"\s+", " ", words))


def test_the_page_tells_what_each_treatment_brought(run, viewer_client, marketer_client):
    url = reverse("runs:results", args=[run.campaign_id])
    page = viewer_client.get(url)
    assert "results.csv" not in page.content.decode()
    figures = viewer_client.get(page.context["figures_url"], headers=HTMX)
    told = text(figures)
    assert re.search(
        r"Gold text Gold Brought \$[\d,]+ that would not have come without it "
        r"\(95% interval: \$[\d,]+ to \$[\d,]+\)",
        told,
    )
    assert re.search(
        r"Others text Remaining audience members No clear difference: what there is may be "
        r"chance \(95% interval: -\$[\d,]+ to \$[\d,]+\)",
        told,
    )
    assert "Held out" in told
    assert re.search(r"\+\d+% \(\+\d+% to \+\d+%\)", told)
    assert "not as large as their splits say" not in told

    file = marketer_client.get(reverse("runs:results_download", args=[run.campaign_id]))
    assert AuditEntry.objects.get(action="downloaded").key == run.campaign_id
    rows = list(csv.DictReader(file.content.decode().splitlines()))
    names = [row["treatment_group"] for row in rows]
    assert names == ["Held out", "Gold text", "Held out", "Others text"]
    assert sum(int(row["recipients"]) for row in rows) == shop.PEOPLE
    treated, control = rows[1], rows[0]
    apart = float(treated["conversion_rate"]) - float(control["conversion_rate"])
    assert float(treated["incremental_conversion_rate"]) == pytest.approx(apart)
    whole = float(treated["incremental_revenue"])
    each = float(treated["revenue_per_recipient"]) - float(control["revenue_per_recipient"])
    assert whole == pytest.approx(each * int(treated["recipients"]))
    assert float(treated["incremental_revenue_low"]) < whole
    assert viewer_client.get(file.request["PATH_INFO"]).status_code == 403


def test_before_a_run_has_ended_the_page_says_what_it_is_for(viewer_client, db):
    campaign = Campaign.objects.create(name="Spring")
    page = viewer_client.get(reverse("runs:results", args=[campaign.pk]))
    assert "No results yet" in text(page)


def test_a_window_that_cannot_be_is_told_and_kept(transactional_db, viewer_client):
    campaign = Campaign.objects.create(name="Spring")
    now = timezone.now()
    Run.objects.create(
        campaign=campaign, number=1, definition={}, moment=now, started_at=now, recipients="r"
    )
    url = reverse("runs:results", args=[campaign.pk])
    page = viewer_client.get(url, {"days": "400", "run": "1"})
    assert "Choose 1 to 365 days." in text(page)
    assert 'value="400"' in page.content.decode()
    assert "figures_url" not in page.context
