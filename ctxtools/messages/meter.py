"""Counting the texts and the media of one request, for one model."""

from dataclasses import dataclass, field, replace

from ctxtools.encodings import Encoding
from ctxtools.errors import UsageError
from ctxtools.messages.media.items import MODALITIES, NOUNS, Image, Media, media_kind
from ctxtools.messages.media.rules import MediaTokens, find_rule
from ctxtools.messages.parts import Basis
from ctxtools.models import Estimate, Interval
from ctxtools.models.interval import exactly


@dataclass(frozen=True, slots=True)
class Meter:
    """What counts: a tokenizer for texts, a model's rules for media.

    Attributes:
        encoding: counts texts.
        model: whose rules count media, by name; None refuses media.
        estimate: converts the encoding's counts to the model's; None if they are the same.
        media_tokens: for each item without a rule; None refuses those.
        images: of the request that is counted.
        notes: on the media that were counted; a meter is of one request.
        modalities: what the model takes, as `ctxtools.Model` has it; None is not known.
    """

    encoding: Encoding
    model: str | None = None
    estimate: Estimate | None = None
    media_tokens: int | None = None
    images: int = 1
    notes: list[str] = field(default_factory=list)
    modalities: tuple[str, ...] | None = None

    @property
    def text_basis(self) -> Basis:
        """How counts of texts are known."""
        return "counted" if self.estimate is None else "estimated"

    def text(self, text: str, *, bare: bool = False) -> Interval:
        """The tokens of a text; special tokens' spellings in it are text.

        Args:
            text: the characters.
            bare: spellings of other added tokens are text, too.
        """
        if self.estimate is None:
            if bare:
                return exactly(self.encoding.bare.count(text))
            return exactly(self.encoding.count(text))
        return self.estimate.of(self.estimate.measure(text, self.encoding))

    def media(self, item: Media, position: int | None = None) -> MediaTokens:
        """The tokens of an image, a video, a recording or a document.

        Args:
            item: with its measures.
            position: tokens of the prompt before it; None if they are not known.

        Raises:
            UsageError: no rule is known for it; the message names the item.
        """
        name = item.name or f"the {media_kind(item)}"
        try:
            rule = find_rule(media_kind(item), self.model or "") if item.measured else None
        except UsageError as error:
            if self.media_tokens is None:
                raise self._refused(item, name, error) from None
            rule = None
        if rule is None:
            return MediaTokens(self.media_tokens or 0, rule="as given", basis="counted", source="")
        if isinstance(item, Image):
            item = replace(item, siblings=max(self.images - 1, 0))
        try:
            found = rule.count(item, position=position, text=self.text)
        except UsageError as error:
            raise UsageError(f"{name}: {error.message}", hint=error.hint) from None
        self.notes.extend(f"{name}: {note}" for note in item.notes)
        self.notes.extend(found.notes)
        return found

    def _refused(self, item: Media, name: str, error: UsageError) -> UsageError:
        kind = media_kind(item)
        if self.modalities is None or MODALITIES[kind] in self.modalities:
            return UsageError(f"{name}: {error.message}", hint=error.hint)
        takes = " and ".join(self.modalities)
        return UsageError(
            f"{name}: {self.model} takes {takes} only, and this is {NOUNS[kind]}",
            hint="leave it out, or count by a model that takes it",
        )
