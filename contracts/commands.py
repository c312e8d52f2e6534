"""What the commands of this project share: bad usage is refused in one line, with one exit status."""

from __future__ import annotations

import argparse
import math
from difflib import get_close_matches
from functools import wraps
from typing import TYPE_CHECKING, Any, NoReturn

from contracts.printing.visible import line
from contracts.vocabulary import ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

_GIVEN = "_given"
_DIGITS, _SHOWN = 20, 40
_REWORDED = {
    "expected one argument": "a value is missing after it; give it as OPTION=VALUE",
    "ignored explicit argument": "it takes no value; leave out what stands after =",  # which is not quoted: a secret?
}
_UNKNOWN = "unrecognized arguments: "


def filled(read: Callable[[str], Any] = str) -> Callable[[str], Any]:
    """Return a type for argparse that refuses an empty text, and reads every other one as ``read`` does."""

    @wraps(read)
    def read_filled(text: str) -> Any:
        if not text.strip():
            raise argparse.ArgumentTypeError(
                "the value is empty, perhaps because the variable that it is made from is unset; "
                "give a value, or leave the option out"
            )
        return read(text)

    return read_filled


def whole(least: int, most: int) -> Callable[[str], int]:
    """Return a type for argparse that reads a whole number within these bounds."""

    def read_whole(text: str) -> int:
        digits = text.removeprefix("-")
        number = int(text) if digits.isascii() and digits.isdigit() and len(digits) < _DIGITS else None
        if number is None or not least <= number <= most:
            raise argparse.ArgumentTypeError(f"expected a whole number from {least} to {most}, got {text[:_SHOWN]!r}")
        return number

    return read_whole


def decimal(text: str, what: str = "a number") -> float:
    """Read a finite number that is not negative; ``what`` names it. Raises :class:`argparse.ArgumentTypeError`."""
    try:
        number = float(text)
    except ValueError:
        number = math.nan
    if not 0 <= number < math.inf:
        raise argparse.ArgumentTypeError(f"expected {what}, 0 or more, got {text[:_SHOWN]!r}")
    return number


class Once(argparse.Action):
    """Keeps the value of an argument that takes one, where argparse's own action would keep the last of several."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        keywords["type"] = filled(keywords.get("type") or str)
        super().__init__(*arguments, **keywords)

    def __call__(
        self, _: argparse.ArgumentParser, namespace: argparse.Namespace, values: Any, option_string: str | None = None
    ) -> None:
        """Keep the value. Raises :class:`argparse.ArgumentError` if there is one already."""
        given = getattr(namespace, _GIVEN, ())
        if option_string is not None and self.dest in given:
            raise argparse.ArgumentError(self, "it is given twice, and takes one value; give it once")
        setattr(namespace, _GIVEN, (*given, self.dest))
        setattr(namespace, self.dest, values)


class CommandParser(argparse.ArgumentParser):
    """Takes every option in full, with a value that isn't empty, and once; says in one line what is wrong."""

    def __init__(self, *arguments: Any, **keywords: Any) -> None:
        super().__init__(*arguments, **{"allow_abbrev": False} | keywords)
        for action in (None, "store"):
            self.register("action", action, Once)

    def error(self, message: str) -> NoReturn:
        """Print the message in one line, and exit with the status of bad usage."""
        self.exit(ExitCode.USAGE, f"{self.prog}: error: {usage_line(message, self.options())}\n")

    def options(self) -> Iterator[str]:
        """Yield the flags of all options, of its subcommands too."""
        for action in self._actions:
            yield from action.option_strings
            for choice in action.choices.values() if isinstance(action.choices, dict) else ():
                yield from choice.options() if isinstance(choice, CommandParser) else ()


def usage_line(message: str, options: Iterable[str]) -> str:
    """Return what argparse says of bad usage in one printable line, with the option that was meant, if one is close."""
    if message.startswith(_UNKNOWN):
        unknown = message.removeprefix(_UNKNOWN).split(" ")[0].partition("=")[0]  # what stands after = may be secret
        close = get_close_matches(unknown, [*options], 1, 0.75)
        hint = f"did you mean {close[0]}? " if close else ""
        what = "there is no option" if unknown.startswith("-") else "there is one argument too many:"
        message = f"{what} {unknown or repr('')}; {hint}--help lists them all"
    for told, meant in _REWORDED.items():
        before, found, _ = message.partition(told)
        message = f"{before}{meant}" if found else message
    return line(message.removeprefix("argument "))
