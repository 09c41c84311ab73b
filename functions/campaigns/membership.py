"""Whether a person is in a source, asked for thousands of people at a time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from functions.campaigns.direct import CONTACT, PHONE
from functions.domain.id_hashes import IdHashes
from functions.domain.ids import ContactId
from functions.domain.planning import Person
from functions.domain.recipients import Source, SourceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceTests:
    """Tells who is in which source.

    ``lists`` are those given directly by the key of their list; ``hashes`` reads the members of
    an audience; ``taken`` are people who were come to already.
    """

    lists: Mapping[str, frozenset[str]]
    hashes: Callable[[Source], IdHashes]
    taken: frozenset[str] = frozenset()
    _read: dict[Source, IdHashes] = field(default_factory=dict)

    def any_has(self, sources: Iterable[Source], person: Person) -> bool:
        """Whether the person is in one of the sources."""
        return any(self._has(source, person) for source in sources)

    def lists_name(self, sources: Iterable[Source], contact_id: ContactId) -> bool:
        """Whether an id that nobody has was given directly in one of the sources."""
        lists = (self.lists[each.name] for each in sources if each.kind is SourceKind.DIRECT)
        return any(CONTACT + contact_id in each for each in lists)

    def was_taken(self, person: Person) -> bool:
        """Whether the person was come to already."""
        return person.contact_id in self.taken

    def _has(self, source: Source, person: Person) -> bool:
        contact = person.contact
        match source.kind:
            case SourceKind.EVERYONE:
                return contact is not None
            case SourceKind.GROUP:
                return contact is not None and source.name in contact.groups
            case SourceKind.AUDIENCE:
                return contact is not None and contact.contact_id in self._members(source)
            case SourceKind.DIRECT:
                return self._listed(self.lists[source.name], person)

    def _members(self, source: Source) -> IdHashes:
        if source not in self._read:
            self._read[source] = self.hashes(source)
        return self._read[source]

    def _listed(self, given: frozenset[str], person: Person) -> bool:
        by_id = person.contact_id is not None and CONTACT + person.contact_id in given
        return by_id or (person.phone is not None and PHONE + person.phone.e164 in given)
