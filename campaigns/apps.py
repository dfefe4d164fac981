from django.apps import AppConfig


class CampaignsConfig(AppConfig):
    name = "campaigns"

    def ready(self) -> None:
        from campaigns import upcoming, using
        from segments import publishing, touching
        from segments.using import asked

        publishing.renamed.connect(using.follow)
        asked.connect(using.users)
        touching.asked.connect(upcoming.upcoming)
