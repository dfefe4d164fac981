from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"

    def ready(self) -> None:
        from campaigns import using
        from segments import publishing

        publishing.renamed.connect(using.follow)
        publishing.asked.connect(using.users)
