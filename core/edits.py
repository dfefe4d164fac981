"""Why an edit of a draft that saves itself was not taken."""

from __future__ import annotations

from core.errors import MusterError


class EditRefusedError(MusterError):
    """An operation that cannot be carried out, in the user's words."""

    def __init__(self, text: str):
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return self.text


class StaleEditError(MusterError):
    """It was edited since the page was shown. Data: by whom, and what it is ("campaign")."""

    def __init__(self, editor: str, what: str):
        super().__init__(editor, what)
        self.editor = editor
        self.what = what

    def __str__(self) -> str:
        return (
            f"{self.editor} has changed this {self.what} meanwhile. You now see it as it is; "
            "your last change was not saved, so make it again."
        )
