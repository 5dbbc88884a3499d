"""People, the language they read, and the API clients they own."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.crypto import get_random_string
from django.utils.translation import gettext as _
from oauth2_provider.generators import generate_client_secret
from oauth2_provider.models import Application

from ronghe.accounts.models import User
from ronghe.common.errors import Conflict, InvalidInput
from ronghe.common.text import ENGLISH, INTERFACE_LANGUAGES
from ronghe.common.validation import check_record, unique_or_conflict

CLIENT_NAME_LENGTH = 120
MAX_CLIENTS_PER_PERSON = 20


@transaction.atomic
def create_person(
    *, email: str, password: str | None, name: str = "", language: str = ENGLISH, is_curator: bool = False
) -> User:
    """Create a person who can sign in; without a password they choose one through a reset.

    Raises:
        InvalidInput: the address, the password, the name or the language cannot be accepted.
        Conflict: somebody has this address.
    """
    user = User(
        email=User.objects.normalize_email(email.strip()),
        name=name.strip(),
        language=language,
        is_curator=is_curator,
        is_staff=is_curator,
    )
    _check_password(password, user)
    user.set_password(password)
    check_record(user)
    message = _("Somebody has an account with this e-mail address. Sign in, or reset the password.")
    if User.objects.filter(email__iexact=user.email).exists():
        raise Conflict(message, code="email_taken", fields={"email": [message]})
    with unique_or_conflict(message, field="email", code="email_taken"):
        user.save()
    return user


def _check_password(password: str | None, user: User) -> None:
    if password is None:
        return
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise InvalidInput(error.messages[0], code="weak_password", fields={"password": error.messages}) from error


@transaction.atomic
def set_language(*, user: User, language: str) -> None:
    """Keep the language in which a person reads pages and mails.

    Raises:
        InvalidInput: the interface does not speak it.
    """
    known = [tag for tag, _label in INTERFACE_LANGUAGES]
    if language not in known:
        message = _("Choose one of: %(known)s.") % {"known": ", ".join(known)}
        raise InvalidInput(message, code="unknown_language", fields={"language": [message]})
    User.objects.filter(pk=user.pk).update(language=language)
    user.language = language


@transaction.atomic
def create_api_client(*, owner: User, name: str) -> tuple[Application, str]:
    """Create an API client that acts for its owner with OAuth 2 client credentials.

    Returns:
        The application, and its secret in the only moment in which anybody can read it.

    Raises:
        InvalidInput: the name is empty or too long.
        Conflict: the owner has too many clients, or one of this name.
    """
    name = name.strip()
    if not name or len(name) > CLIENT_NAME_LENGTH:
        message = _("Give the client a name of at most %(longest)d characters.") % {"longest": CLIENT_NAME_LENGTH}
        raise InvalidInput(message, fields={"name": [message]})
    # The owner's row is the lock: two requests at once must not both find the name free.
    User.objects.select_for_update().get(pk=owner.pk)
    names = list(Application.objects.filter(user=owner).values_list("name", flat=True))
    if name in names:
        message = _("You have a client of this name. Choose another name.")
        raise Conflict(message, code="name_taken", fields={"name": [message]})
    if len(names) >= MAX_CLIENTS_PER_PERSON:
        raise Conflict(_("You have %(most)d clients. Delete one first.") % {"most": MAX_CLIENTS_PER_PERSON})
    secret = generate_client_secret()
    application = Application.objects.create(
        user=owner,
        name=name,
        client_id=get_random_string(40),
        client_secret=secret,
        client_type=Application.CLIENT_CONFIDENTIAL,
        authorization_grant_type=Application.GRANT_CLIENT_CREDENTIALS,
    )
    return application, secret


@transaction.atomic
def set_password(*, user: User, password: str) -> None:
    """Give a person a new password; whoever is signed in with the old one is signed out.

    Raises:
        InvalidInput: the password is too weak.
    """
    _check_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])


@transaction.atomic
def renew_client_secret(*, application: Application) -> str:
    """Replace the secret of an API client, and return the new one in the only moment in which anybody can read it."""
    secret: str = generate_client_secret()
    application.client_secret = secret
    application.save(update_fields=["client_secret"])
    return secret
