"""What the generator of recent issues needs to know of the loaded demonstration."""

from dataclasses import dataclass, field

from accounts.models import User
from communities.demo.places import Places
from communities.models import Category, Community, Department, SubDistrict
from issues.actors import Actor


@dataclass
class Cast:
    """The loaded places, organisations, categories (by code) and users (by user name)."""

    places: Places
    departments: dict[str, Department]
    categories: dict[str, Category]
    users: dict[str, User]
    _actors: dict[str, Actor] = field(default_factory=dict)

    @property
    def subdistrict(self) -> SubDistrict:
        """Guicheng."""
        return self.places.subdistrict

    @property
    def communities(self) -> dict[str, Community]:
        """By Chinese name."""
        return self.places.communities

    def actor(self, username: str) -> Actor:
        """The person with this user name, acting with their scope."""
        if username not in self._actors:
            self._actors[username] = Actor.staff(self.users[username])
        return self._actors[username]
