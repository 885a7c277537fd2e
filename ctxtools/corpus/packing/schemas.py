"""Types of columns that all files of ids have in common: `CommonSchema`."""

from typing import TYPE_CHECKING

from ctxtools.errors import UsageError, import_extra

if TYPE_CHECKING:
    import pyarrow


class CommonSchema:
    """The columns of the files that were added.

    Attributes:
        schema: all of them, in order; of several types that go together, the widest.
    """

    def __init__(self) -> None:
        self._arrow = import_extra("pyarrow", "a corpus", "parquet")
        self.schema: pyarrow.Schema = self._arrow.schema([])
        self._types: dict[str, list[tuple[pyarrow.DataType, str]]] = {}

    def add(self, schema: "pyarrow.Schema", source: str) -> None:
        """Add a file.

        Args:
            schema: its columns.
            source: its name, for errors.

        Raises:
            UsageError: a column has another type than in a file that was added before.
        """
        arrow = self._arrow
        found = schema.remove_metadata()
        if found.equals(self.schema):
            return
        for field in found:
            types = self._types.setdefault(field.name, [])
            if all(kind != field.type for kind, _ in types):
                types.append((field.type, source))
        try:
            self.schema = arrow.unify_schemas([self.schema, found], promote_options="permissive")
        except (arrow.ArrowInvalid, arrow.ArrowTypeError) as error:
            raise self._error(found, source) from error

    def _error(self, schema: "pyarrow.Schema", source: str) -> UsageError:
        """The error of a file whose columns do not go with those before."""
        field = next(field for field in schema if not self._fits(self.schema, field))
        before = self._types[field.name]
        kind, first = next(
            (
                each
                for each in before
                if not self._fits(self._arrow.schema([(field.name, each[0])]), field)
            ),
            before[0],  # only several of them together do not go with it
        )
        return UsageError(
            f"column {field.name!r} has several types: {kind} in {first}, {field.type} in {source}",
            hint="--keep names the columns that go along, which have one type each; those of CSV "
            "are strings",
        )

    def _fits(self, schema: "pyarrow.Schema", field: "pyarrow.Field") -> bool:
        arrow = self._arrow
        try:
            arrow.unify_schemas([schema, arrow.schema([field])], promote_options="permissive")
        except (arrow.ArrowInvalid, arrow.ArrowTypeError):
            return False
        return True
