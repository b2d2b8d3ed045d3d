"""Who acts on a matter: a member of staff, a leader, a resident who proved the phone tail, or the system."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from accounts.roles import ROLES
from communities.access import Access, access_of

if TYPE_CHECKING:
    from django.db.models import Model

    from accounts.models import User

_NOBODY = Access(user_id=0, roles=frozenset())


@dataclass(frozen=True)
class Actor:
    """``reporter_of`` is the matter for which a resident proved the last four digits of the phone."""

    user: "User | None"
    access: Access
    reporter_of: int | None = None

    @classmethod
    def staff(cls, user: "User") -> "Actor":
        """A signed-in person, with their scope."""
        return cls(user=user, access=access_of(user))

    @classmethod
    def reporter(cls, matter: "Model") -> "Actor":
        """The resident who raised ``matter``."""
        return cls(user=None, access=_NOBODY, reporter_of=matter.pk)

    @classmethod
    def resident(cls) -> "Actor":
        """A resident who raises a new matter."""
        return cls(user=None, access=_NOBODY, reporter_of=0)

    @classmethod
    def system(cls) -> "Actor":
        """The product itself, for what time brings about."""
        return cls(user=None, access=_NOBODY)

    @property
    def user_id(self) -> int | None:
        """The account, where there is one."""
        return self.user.pk if self.user else None

    @property
    def is_system(self) -> bool:
        """Whether nobody acts but the clock."""
        return self.user is None and self.reporter_of is None

    @property
    def role(self) -> str:
        """What the journal notes the actor as: the most senior role, ``resident`` or ``system``."""
        if self.user is None:
            return "system" if self.reporter_of is None else "resident"
        return next((role.value for role in ROLES if role in self.access.roles), "none")
