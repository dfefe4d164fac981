from django.apps import AppConfig


class RunsConfig(AppConfig):
    name = "runs"

    def ready(self) -> None:
        from runs import recipients
        from warehouse import extra

        extra.register(recipients.TABLE, recipients.catalogue_table(), recipients.relation)
