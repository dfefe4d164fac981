from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"

    def ready(self) -> None:
        from campaigns import renaming
        from segments import publishing

        publishing.renamed.connect(renaming.follow)
