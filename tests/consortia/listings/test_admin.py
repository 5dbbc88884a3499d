"""Every model in the admin: list, search and record."""

from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from consortia.listings.models import Capability, Need

MODELS = [model for model in apps.get_app_config("listings").get_models() if model in admin.site._registry]


def test_every_model_is_registered() -> None:
    through = {model for model in apps.get_app_config("listings").get_models() if model._meta.auto_created}
    assert set(MODELS) == set(apps.get_app_config("listings").get_models()) - through


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.model_name)
def test_list_search_and_record(
    curator_client: Client, charlie_client: Client, open_need: Need, open_capability: Capability, model: Any
) -> None:
    names = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    record = model.objects.first()
    addresses = [
        reverse(f"{names}_changelist"),
        f"{reverse(f'{names}_changelist')}?q=energy",
        reverse(f"{names}_change", args=[record.pk]),
    ]
    for address in addresses:
        assert curator_client.get(address).status_code == 200
        assert charlie_client.get(address).status_code == 302


def test_action_goes_through_the_service(curator_client: Client, open_need: Need, need: Need) -> None:
    address = reverse("admin:listings_need_changelist")
    answer = curator_client.post(address, {"action": "pause", "_selected_action": [open_need.pk]}, follow=True)
    assert Need.objects.get(pk=open_need.pk).status == "paused"
    assert answer.status_code == 200
    again = curator_client.post(address, {"action": "pause", "_selected_action": [open_need.pk]}, follow=True)
    assert "What can be done now" in again.content.decode()
