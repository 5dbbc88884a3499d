"""People who sign in. API clients are the applications of the OAuth 2 library."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from ronghe.common.models import PubliclyNamed
from ronghe.common.text import ENGLISH, INTERFACE_LANGUAGES


class UserAccounts(UserManager["User"]):
    """Creates people by their e-mail address, which is their name to the platform."""

    def create_user(  # type: ignore[override]
        self, email: str, password: str | None = None, **extra: Any
    ) -> "User":
        """A person who can sign in; without a password only after a reset."""
        if not email:
            raise ValueError("A person needs an e-mail address.")
        user = self.model(email=self.normalize_email(email), **extra)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(  # type: ignore[override]
        self, email: str, password: str | None = None, **extra: Any
    ) -> "User":
        """A curator with every right in the admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, is_curator=True, **extra)


class User(PubliclyNamed, AbstractUser):
    """A person. What they may do for an organization is their membership there."""

    username = None  # type: ignore[assignment]
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    language = models.CharField(_("language"), max_length=16, choices=INTERFACE_LANGUAGES, default=ENGLISH)
    is_curator = models.BooleanField(
        _("curator"),
        default=False,
        help_text=_("Verifies organizations and evidence, curates technologies and matches."),
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserAccounts()  # type: ignore[misc]

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints = [models.UniqueConstraint(Lower("email"), name="accounts_user_email_folded_unique")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        """What the person is called; there are no first and last names here to put together."""
        return str(self)

    def get_short_name(self) -> str:
        """The same: names of several cultures have no part that is the short one."""
        return str(self)
