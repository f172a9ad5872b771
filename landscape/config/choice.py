"""Tables of which one key says what the others are: ``neuron = "lif"`` brings the constants of LIF neurons.

The tables are those of what is registered (:mod:`landscape.registry`), of the package or from outside it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, cast

from pydantic import (
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ValidationError,
    create_model,
    model_validator,
)
from pydantic.functional_validators import ModelWrapValidatorHandler
from pydantic_core import CoreSchema, InitErrorDetails, PydanticCustomError, core_schema

from landscape.plugins import PLUGINS_VARIABLE
from landscape.registry import Named, Registry, WithTable
from landscape.tables import Table


class ChosenTable(Table):
    """A table whose key :attr:`chosen_by` names what the other keys belong to; an instance has them all.

    Class attributes:
        chosen_by: the key.
        keeps_others: whether keys of what else there is may stay, without effect, so that one key changes the choice.
        chosen: what is named, as ``"neuron model 'lif'"``; "" before it is known.
        registry: what it can name; each has a ``table`` of keys of its own.
    """

    chosen_by: ClassVar[str]
    registry: ClassVar[Registry[Any]]
    keeps_others: ClassVar[bool] = False
    chosen: ClassVar[str] = ""

    @classmethod
    def __pydantic_init_subclass__(cls, **options: Any) -> None:
        """Keep the keys of such a table from meaning two things."""
        super().__pydantic_init_subclass__(**options)
        if ChosenTable in cls.__bases__:
            cls.registry.reserve(cls.model_fields)

    def __new__(cls, **values: Any) -> Self:
        """An instance of the table with the keys of what is named."""
        return super().__new__(cast(type[Self], cls.table_for(values)))

    @classmethod
    def table_for(cls, value: Any) -> type[Table]:
        """The table that a value in an experiment file is one of, as far as it says so."""
        plain = cls.spelled_out(value)
        if not isinstance(plain, Mapping) or cls.chosen:
            return cls
        field = cls.model_fields[cls.chosen_by]
        name = plain.get(cls.chosen_by, field.get_default())
        return of(cls, cls.registry[name]) if isinstance(name, str) and name in cls.registry else cls

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The JSON schema: that of each table there is to choose, told apart by the key that names it."""
        if cls.chosen:
            return handler(schema)
        found = []
        for name in cls.registry.names():
            one = dict(handler.resolve_ref_schema(handler(of(cls, cls.registry[name]).__pydantic_core_schema__)))
            key = {**one["properties"][cls.chosen_by], "const": name}
            found.append(one | {"properties": {**one["properties"], cls.chosen_by: key}})
        return {"anyOf": found}

    @classmethod
    def spelled_out(cls, value: Any) -> Any:
        """The table that a value stands for, where it is a shorthand."""
        return value

    @property
    def constants(self) -> dict[str, Any]:
        """The values of the keys that belong to what is named."""
        keys = self.registry[getattr(self, self.chosen_by)].table.model_fields
        return {key: getattr(self, key) for key in keys}

    @classmethod
    def owners(cls, key: str) -> list[str]:
        """Names of what there is that has a key."""
        return [name for name in cls.registry.names() if key in cls.registry[name].table.model_fields]

    @model_validator(mode="wrap")
    @classmethod
    def _by_its_table(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        value = cls.spelled_out(value)
        if not isinstance(value, Mapping) or cls.chosen:
            return handler(value)
        table = cls.table_for(value)
        if table is not cls:
            strangers = [key for key in value if key not in table.model_fields] if cls.keeps_others else []
            ignored = [key for key in strangers if cls.owners(key)]
            return cast(Self, table.model_validate({key: value[key] for key in value if key not in ignored}))
        if cls.chosen_by not in value:
            error = InitErrorDetails(type="missing", loc=(cls.chosen_by,), input=value)
        else:
            kind = unknown_name(cls.registry.names())
            error = InitErrorDetails(type=kind, loc=(cls.chosen_by,), input=value[cls.chosen_by])
        raise ValidationError.from_exception_data(cls.__name__, [error])


def unknown_name(names: list[str]) -> PydanticCustomError:
    """The error of a value that is none of the names of a registry."""
    *others, last = map(repr, names)
    listed = f"{', '.join(others)} or {last}" if others else last
    text = f"Input should be {listed} (or one of a module that {PLUGINS_VARIABLE} names)"
    return PydanticCustomError("unknown_name", "{text}", {"text": text})


@dataclass(frozen=True)
class NameOf:
    """Annotation of a key that is a name in a registry and brings no keys of its own.

    Attributes:
        registry: the registry.
        among: gives those of its things that can be named, in order; all by default.
    """

    registry: Registry[Any]
    among: Callable[[], Sequence[Named]] | None = None

    def own(self) -> list[str]:
        """The names of the package's own."""
        own = self.registry.own()
        return own if self.among is None else [thing.name for thing in self.among() if thing.name in own]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """A text that is such a name."""
        return core_schema.no_info_after_validator_function(self._known, handler(source))

    def _known(self, name: str) -> str:
        names = self.registry.names() if self.among is None else [thing.name for thing in self.among()]
        if name not in names:
            raise unknown_name(names)
        return name


@functools.cache
def of(base: type[ChosenTable], thing: WithTable) -> type[ChosenTable]:
    """The table ``base`` with the keys of a registered thing."""
    both = (thing.table, base)
    made = create_model(base.__name__, __base__=both, __doc__=base.__doc__, __module__=base.__module__)
    table = cast(type[ChosenTable], made)
    table.chosen = f"{base.registry.kind} {thing.name!r}"
    return table
