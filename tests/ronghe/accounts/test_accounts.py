"""People, API clients, and what a token opens."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application

from ronghe.accounts.models import User
from ronghe.accounts.services import create_api_client, create_person, set_language
from ronghe.common.errors import Conflict, InvalidInput

pytestmark = pytest.mark.django_db

PASSWORD = "correct horse battery staple"


class TestPeople:
    def test_a_person_signs_in_with_address_and_password(self, client: Client) -> None:
        create_person(email="dora@Example.com", password=PASSWORD, name="Dora", language="zh-Hans")
        assert client.login(username="dora@example.com", password=PASSWORD)

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"email": "no address"}, "email"),
            ({"password": "short"}, "password"),
            ({"language": "xx"}, "language"),
            ({"name": "D" * 121}, "name"),
            ({"name": "Do\x00ra"}, "name"),
        ],
    )
    def test_bad_input_names_its_field(self, given: dict[str, str], field: str) -> None:
        with pytest.raises(InvalidInput) as refusal:
            create_person(**{"email": "dora@example.com", "password": PASSWORD, **given})
        assert list(refusal.value.fields) == [field]
        assert not User.objects.exists()

    def test_an_address_is_one_person_whatever_its_case(self, alice: User) -> None:
        with pytest.raises(Conflict) as refusal:
            create_person(email="ALICE@example.com", password=PASSWORD)
        assert refusal.value.code == "email_taken"

    def test_the_language_is_one_of_the_interface(self, alice: User) -> None:
        set_language(user=alice, language="zh-Hans")
        alice.refresh_from_db()
        assert alice.language == "zh-Hans"
        with pytest.raises(InvalidInput):
            set_language(user=alice, language="de")


def token_of(client: Client, application: Application, secret: str, scope: str) -> str:
    response = client.post(
        "/api/oauth/token/",
        {
            "grant_type": "client_credentials",
            "client_id": application.client_id,
            "client_secret": secret,
            "scope": scope,
        },
    )
    assert response.status_code == 200, response.content
    return response.json()["access_token"]


REGISTRATION = {"names": {"en": "Token Works"}, "type": "firm", "country": "DE"}


class TestApiClients:
    def test_the_secret_is_kept_as_a_hash(self, alice: User) -> None:
        application, secret = create_api_client(owner=alice, name="ERP")
        application.refresh_from_db()
        assert secret not in application.client_secret

    def test_names_are_needed_and_taken_once(self, alice: User) -> None:
        create_api_client(owner=alice, name="ERP")
        with pytest.raises(Conflict):
            create_api_client(owner=alice, name="ERP")
        with pytest.raises(InvalidInput):
            create_api_client(owner=alice, name="  ")

    def test_a_client_acts_for_its_owner(self, client: Client, alice: User, alice_lab: object) -> None:
        application, secret = create_api_client(owner=alice, name="ERP")
        token = token_of(client, application, secret, "read")
        response = client.get("/api/v1/organizations/mine/", headers={"Authorization": f"Bearer {token}"})
        assert [one["names"]["en"] for one in response.json()["results"]] == ["Alice Lab"]

    def test_the_read_scope_does_not_write(self, client: Client, alice: User) -> None:
        application, secret = create_api_client(owner=alice, name="ERP")
        token = token_of(client, application, secret, "read")
        response = client.post(
            "/api/v1/organizations/",
            REGISTRATION,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert response.status_code == 403

    def test_the_write_scope_does(self, client: Client, alice: User) -> None:
        application, secret = create_api_client(owner=alice, name="ERP")
        token = token_of(client, application, secret, "read write")
        response = client.post(
            "/api/v1/organizations/",
            REGISTRATION,
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}"},
        )
        assert response.status_code == 201, response.content

    def test_an_unknown_token_is_refused_and_not_taken_for_a_stranger(self, client: Client) -> None:
        response = client.get("/api/v1/organizations/", headers={"Authorization": "Bearer nonsense"})
        assert response.status_code == 401

    def test_a_token_ends_with_its_time_and_with_its_owner(self, client: Client, alice: User) -> None:
        application, secret = create_api_client(owner=alice, name="ERP")
        headers = {"Authorization": f"Bearer {token_of(client, application, secret, 'read')}"}
        User.objects.filter(pk=alice.pk).update(is_active=False)
        assert client.get("/api/v1/organizations/", headers=headers).status_code == 401
        User.objects.filter(pk=alice.pk).update(is_active=True)
        assert client.get("/api/v1/organizations/", headers=headers).status_code == 200
        AccessToken.objects.update(expires=timezone.now() - timedelta(seconds=1))
        assert client.get("/api/v1/organizations/", headers=headers).status_code == 401

    def test_strangers_read_and_do_not_write(self, client: Client) -> None:
        assert client.get("/api/v1/organizations/").status_code == 200
        response = client.post("/api/v1/organizations/", REGISTRATION, content_type="application/json")
        assert response.status_code == 401


class TestAdmin:
    def test_people_are_listed_added_and_changed_without_a_user_name(self, curator_client: Client, alice: User) -> None:
        assert curator_client.get(reverse("admin:accounts_user_changelist"), {"q": "alice"}).status_code == 200
        assert curator_client.get(reverse("admin:accounts_user_change", args=[alice.pk])).status_code == 200
        typed = {"email": "dora@example.com", "name": "Dora", "language": "en", "usable_password": "true"}
        typed |= {"password1": PASSWORD, "password2": PASSWORD}
        response = curator_client.post(reverse("admin:accounts_user_add"), typed)
        assert response.status_code == 302, response.context["adminform"].form.errors
        assert User.objects.get(email="dora@example.com").check_password(PASSWORD)

    def test_clients_and_tokens_are_listed_without_their_secrets(
        self, client: Client, curator_client: Client, alice: User
    ) -> None:
        application, secret = create_api_client(owner=alice, name="ERP")
        token = token_of(client, application, secret, "read")
        application.refresh_from_db()
        pages = [
            reverse("admin:oauth2_provider_application_changelist"),
            reverse("admin:oauth2_provider_application_change", args=[application.pk]),
            reverse("admin:oauth2_provider_accesstoken_changelist"),
            reverse("admin:oauth2_provider_accesstoken_change", args=[AccessToken.objects.get().pk]),
        ]
        for page in pages:
            response = curator_client.get(page)
            assert response.status_code == 200
            assert token not in response.text
            assert application.client_secret not in response.text

    def test_charlie_has_no_admin(self, charlie_client: Client) -> None:
        assert charlie_client.get(reverse("admin:accounts_user_changelist")).status_code == 302
