"""What the style guide shows: made-up figures that add up."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils import timezone

from core.menus import Entry

TIERS = (("Gold", 8_210), ("Silver", 14_904), ("Bronze", 21_350), ("None yet", 7_746))
TOKENS = [
    ("bg", "page"),
    ("surface", "cards, bars"),
    ("sunken", "wells"),
    ("text", "words"),
    ("muted", "lesser words"),
    ("accent", "what can be pressed"),
    ("accent-soft", "chosen"),
    ("good", "done"),
    ("good-soft", ""),
    ("warn", "look here"),
    ("warn-soft", ""),
    ("bad", "mend this"),
    ("bad-soft", ""),
    ("info", "going on"),
    ("info-soft", ""),
    ("control", "frames of controls"),
    ("hairline", "decoration"),
    ("chart-1", ""),
    ("chart-2", ""),
    ("chart-3", ""),
    ("chart-4", ""),
    ("chart-5", ""),
]
CLASH = {
    "text": "Maria has changed the split of “Gold text” meanwhile.",
    "theirs": "40%",
    "mine": "60%",
    "again": "{}",
}
WATERFALL: list[dict[str, Any]] = [
    {"label": "Included", "change": None, "left": 52_640},
    {
        "label": "Excluded",
        "change": -4_430,
        "left": 48_210,
        "note": "Staff 0, Bought this week 4,430",
        "url": "#waterfall",
    },
    {"label": "Control", "change": -821, "left": 47_389, "note": "held out"},
    {"label": "No phone", "change": -2_310, "left": 45_079},
    {"label": "Not valid", "change": -412, "left": 44_667},
    {
        "label": "Same phone",
        "change": -355,
        "left": 44_312,
        "note": "another customer has it",
    },
]
REACH: list[dict[str, Any]] = [
    {"label": "Phone only", "value": 1_000, "start": 0, "tone": ""},
    {"label": "Both", "value": 48_900, "start": 1_000, "tone": "third"},
    {"label": "Email only", "value": 2_300, "start": 49_900, "tone": "second"},
    {"label": "Neither", "value": 440, "start": 52_200, "tone": "blank"},
]
TABS: list[dict[str, Any]] = [
    {"label": "Summary", "url": "#tabs", "current": True},
    {"label": "Breakdown", "url": "#tabs"},
    {"label": "Customers", "url": "#tabs"},
    {"label": "History", "url": "#tabs"},
]
STEPS = [
    {"label": "Audience", "url": "#steps", "state": "done", "note": "48,210"},
    {"label": "Groups", "url": "#steps", "state": "mend", "note": "1 to mend"},
    {"label": "Timing", "url": "#steps", "state": "", "note": ""},
]
TRAIL = [
    {"label": "Built", "state": "done", "note": "2 s"},
    {"label": "Split", "state": "done", "note": "1 s"},
    {"label": "Sent", "state": "done", "note": "14:31"},
    {"label": "Processing", "state": "now", "note": "3 of 5 jobs"},
    {"label": "Complete", "state": "", "note": ""},
]
CHOSEN: list[dict[str, Any]] = [
    {"value": "Gold", "text": "Gold", "selected": True},
    {"value": "Silver", "text": "Silver", "selected": True},
    {"value": "Platinum", "text": "Platinum", "selected": True, "gone": True},
]
MANY: list[dict[str, Any]] = [
    {"value": f"c-{n}", "text": f"c-{n}", "selected": True} for n in range(10_481, 10_495)
]
MENU = [
    Entry("Edit", "pencil", url="#menu"),
    Entry("Duplicate", "copy", post="#"),
    Entry("Delete", "trash-2", dialog="#", danger=True),
]
CAMPAIGNS: list[dict[str, Any]] = [
    {
        "name": "Autumn coffee 2026",
        "state": "scheduled",
        "sentence": "Coffee lovers, but not Staff; Gold first, 10% held out",
        "cadence": "Daily 9:00",
        "people": 44_312,
        "change": 1_204,
        "owner": "Ana",
    },
    {
        "name": "Win-back",
        "state": "running",
        "sentence": "No order in the last 180 days",
        "cadence": "Once",
        "people": 18_020,
        "change": -310,
        "owner": "Bo",
    },
    {
        "name": "Spring test",
        "state": "partly_delivered",
        "sentence": "5 of 4,210 failed",
        "cadence": "Once",
        "people": 4_210,
        "change": 0,
        "owner": "Bo",
    },
]


class ExampleForm(forms.Form):
    name = forms.CharField(
        label="Name of the segment",
        help_text="What colleagues look for it by.",
        error_messages={"required": "Give the segment a name."},
    )
    folder = forms.ChoiceField(choices=[("", "None"), ("brand", "Brand")], required=False)
    description = forms.CharField(widget=forms.Textarea(attrs={"rows": 2}), required=False)
    size = forms.IntegerField(
        label="Control group (%)",
        max_value=100,
        error_messages={"max_value": "A split is at most 100%%."},
        required=False,
    )
    left_out = forms.BooleanField(label="Leave out of every campaign", required=False)
    fixed = forms.CharField(
        label="Customer column",
        initial="customer_id",
        required=False,
        widget=forms.TextInput(attrs={"readonly": True}),
        help_text="Read-only: it comes from the warehouse.",
    )


def options(search: str) -> dict[str, Any]:
    """What a picklist that asks the server is answered."""
    found = [each for each in _tiers() if search.lower() in each["text"].lower()]
    return {"options": found, "more": 0 if search else 312, "near": "" if found else "Gold"}


def context() -> dict[str, Any]:
    now = timezone.now()
    faulty = {"name": "", "size": "120", "fixed": "customer_id"}
    return {
        "now": now,
        "data_of": now,
        "form": ExampleForm(),
        "faulty": ExampleForm(faulty, auto_id="bad_%s"),
        "tokens": TOKENS,
        "waterfall": WATERFALL,
        "reach": REACH,
        "tabs": TABS,
        "steps": STEPS,
        "trail": TRAIL,
        "clash": CLASH,
        "undo": {"undo": True, "redo": False},
        "editing_too": ["Maria"],
        "tiers": _tiers(),
        "chosen": CHOSEN,
        "many": MANY,
        "menu": MENU,
        "campaigns": CAMPAIGNS,
    }


def _tiers() -> list[dict[str, Any]]:
    whole = sum(size for _, size in TIERS)
    return [
        {"value": name, "text": name, "amount": f"{size:,}", "share": round(size / whole * 100, 1)}
        for name, size in TIERS
    ]
