from core.errors import MusterError


class KeptError(MusterError):
    def __str__(self) -> str:
        return "What is in the audit stays as it was written."
