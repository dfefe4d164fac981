from core.errors import MusterError


class NoReasonError(MusterError):
    def __str__(self) -> str:
        return "Say what the file is for. It is kept with your name."


class KeptError(MusterError):
    def __str__(self) -> str:
        return "What is in the audit stays as it was written."
