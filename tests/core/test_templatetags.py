"""What templates say with our tags."""

from datetime import UTC, datetime

import pytest
from django.template import Context, Template

from core.badges import BADGES
from core.menus import Entry


def rendered(text, **context):
    return Template("{% load muster %}" + text).render(Context(context))


def test_a_share_is_a_plain_number_for_an_attribute(settings):
    settings.LANGUAGE_CODE = "de"
    settings.USE_THOUSAND_SEPARATOR = True
    assert rendered("{{ part|share:whole }}", part=1, whole=3) == "33.33"
    assert rendered("{{ part|share:whole }}", part=5, whole=3) == "100.00"
    assert rendered("{{ part|share:whole }}", part=None, whole=3) == "0"
    assert rendered("{{ part|share:whole }}", part=1, whole=0) == "0"


def test_a_count_keeps_its_plain_value_for_machines():
    text = rendered('{% include "components/count.html" with count=52640 noun="customer" %}')
    assert 'value="52640"' in text
    assert ">52,640 customers<" in text


def test_an_unknown_count_is_not_a_nought():
    text = rendered('{% include "components/count.html" with count=None %}')
    assert ">-<" in text
    assert 'value=""' in text


def test_a_moment_says_when_exactly(time_machine):
    moment = datetime(2026, 11, 24, 6, 10, tzinfo=UTC)
    time_machine.move_to(moment)
    text = rendered("{% when moment %}", moment=moment)
    assert 'title="24 Nov 2026 06:10:00 UTC"' in text
    assert ">just now</time>" in text


@pytest.mark.parametrize("state", BADGES)
def test_every_badge_has_a_word_and_an_icon(state):
    text = rendered("{% badge state %}", state=state)
    assert BADGES[state].word in text
    assert "<svg" in text


def test_a_state_that_nobody_described_shows_its_name():
    assert "Half way" in rendered('{% badge "half_way" %}')


def test_the_bars_of_a_waterfall_fill_what_there_was():
    steps = [
        {"label": "Included", "change": None, "left": 200},
        {"label": "Excluded", "change": -50, "left": 150},
    ]
    text = rendered('{% include "components/waterfall.html" with steps=steps %}', steps=steps)
    assert 'width="75.00"' in text
    assert 'x="75.00" width="25.00"' in text
    assert "-50" in text


def test_a_menu_s_item_is_a_link_a_post_or_a_dialog():
    text = rendered(
        '{% menu "m" "Menu" items %}',
        items=[
            Entry("Edit", url="/edit/"),
            Entry("Copy", "copy", post="/copy/"),
            Entry("Delete", dialog='/delete/?q="<b>', danger=True),
        ],
    )
    edit, copy, delete = text.split("menu-item")[1:]
    assert 'href="/edit/"' in edit
    assert "<svg" not in edit
    assert 'hx-post="/copy/"' in copy
    assert "<svg" in copy
    assert "danger" not in copy
    assert 'hx-get="/delete/?q=&quot;&lt;b&gt;" hx-target="#dialogs"' in delete
    assert delete.startswith(" danger")
