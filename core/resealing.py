"""After a new first key: every stored secret is encrypted with it, so that older keys can go."""

from __future__ import annotations

from django.apps import apps

from core.fields import EncryptedJSONField, SecretLostError


def reseal() -> tuple[int, list[str]]:
    """Encrypt every secret with the first of CREDENTIAL_KEYS.

    Returns how many are under it now, and the names of what no key opens.
    """
    done, lost = 0, []
    for model in apps.get_models():
        names = [each.name for each in model._meta.fields if isinstance(each, EncryptedJSONField)]
        for name in names:
            for row in model._default_manager.all():
                before = getattr(row, name)
                try:
                    after = before.resealed()
                except SecretLostError:
                    lost.append(str(row))
                    continue
                # Not one that was replaced meanwhile.
                same = model._default_manager.filter(pk=row.pk, **{name: before})
                done += same.update(**{name: after})
    return done, lost
