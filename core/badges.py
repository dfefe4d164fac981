"""States as badges: one word, tone and icon for each state that any page shows."""

from dataclasses import dataclass
from functools import lru_cache

from django.utils.html import format_html
from django.utils.safestring import SafeString

from core.templatetags.lucide import drawn


@dataclass(frozen=True, slots=True)
class Badge:
    word: str
    tone: str  # good, warn, bad, info, accent or outline
    icon: str  # a lucide name
    turning: bool = False


BADGES = {
    "draft": Badge("Draft", "outline", "pencil"),
    "active": Badge("Active", "good", "circle-check"),
    "scheduled": Badge("Scheduled", "accent", "calendar-clock"),
    "running": Badge("Running", "info", "loader", turning=True),
    "delivered": Badge("Delivered", "good", "circle-check"),
    "partly_delivered": Badge("Partly delivered", "warn", "triangle-alert"),
    "waiting": Badge("Waiting for you", "warn", "hand"),
    "error": Badge("Error", "bad", "circle-x"),
    "stopped": Badge("Stopped", "outline", "circle-stop"),
    "asked": Badge("Waiting for approval", "warn", "hand"),
    "approved": Badge("Approved", "good", "circle-check"),
    "declined": Badge("Declined", "bad", "circle-x"),
    "archived": Badge("Archived", "outline", "archive"),
    "test": Badge("Test", "accent", "flask-conical"),
    "in": Badge("In", "good", "circle-check"),
    "out": Badge("Out", "bad", "circle-x"),
    # Runs, deliveries and batches
    "building": Badge("Building", "info", "loader", turning=True),
    "preparing": Badge("Preparing", "info", "loader", turning=True),
    "sending": Badge("Sending", "info", "loader", turning=True),
    "processing": Badge("Attentive is processing", "info", "hourglass"),
    "complete": Badge("Complete", "good", "circle-check"),
    "partial": Badge("Partly delivered", "warn", "triangle-alert"),
    "failed": Badge("Failed", "bad", "circle-x"),
    "ready": Badge("Ready", "outline", "clock"),
    "sent": Badge("Sent", "info", "send"),
    "done": Badge("Done", "good", "circle-check"),
    "unsent": Badge("Not sent", "outline", "circle-slash"),
    # Treatment groups
    "control": Badge("Held out", "outline", "circle-slash"),
    # Destinations
    "connected": Badge("Connected", "good", "circle-check"),
    "off": Badge("Switched off", "outline", "circle-slash"),
    "not_tested": Badge("Not tested", "outline", "circle-dashed"),
    "refused": Badge("Refused", "bad", "circle-x"),
    "down": Badge("Down", "bad", "circle-x"),
}


@lru_cache(maxsize=256)
def badge(state: str, label: str = "", tone: str = "") -> SafeString:
    """The badge of a state; one nobody described shows its own name.

    label: another word for it; tone: another colour.
    """
    known = BADGES.get(state) or Badge(state.replace("_", " ").capitalize(), "outline", "circle")
    return format_html(
        '<span class="badge {}{}">{}{}</span>',
        tone or known.tone,
        " turning" if known.turning else "",
        drawn(known.icon, size=12, aria_hidden="true"),
        label or known.word,
    )
