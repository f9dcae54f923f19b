"""What this machine lacks is said in words of ours, by an error that is one of Python's, too."""

from __future__ import annotations

import asyncio

import pytest

from nbext import errors
from nbext.util.public import with_own_errors


@pytest.mark.parametrize(
    ("problem", "kind", "text"),
    [
        (MemoryError(), errors.OutOfMemoryError, "There is not enough memory."),
        (RecursionError("deep"), errors.ResourceError, "Python's stack is used up"),
        (
            PermissionError(13, "Permission denied", "/a/b"),
            errors.FileError,
            "/a/b: Permission denied.",
        ),
    ],
)
def test_what_this_machine_lacks_is_said_in_words_of_ours_and_caught_as_before(problem, kind, text):
    @with_own_errors
    def called():
        raise problem

    @with_own_errors
    def iterated():
        yield 1
        raise problem

    @with_own_errors
    async def awaited():
        raise problem

    class Held:
        @with_own_errors
        def __getitem__(self, at):
            raise problem

    ways = [called, lambda: list(iterated()), lambda: asyncio.run(awaited()), lambda: Held()[0]]
    for way in ways:
        with pytest.raises(kind) as caught:
            way()
        assert str(caught.value).startswith(text)
        assert caught.value.remedy
        assert caught.value.__cause__ is problem
    # Who catches Python's own error goes on doing so.
    assert isinstance(caught.value, MemoryError) == isinstance(problem, MemoryError)
    assert getattr(caught.value, "errno", None) == getattr(problem, "errno", None)


def test_an_error_of_ours_and_any_other_pass_as_they_are():
    for problem in (errors.OptionError("no"), ValueError("no"), KeyboardInterrupt()):
        with pytest.raises(type(problem)) as caught, errors.OwnErrors(unsent=True):
            raise problem
        assert caught.value is problem
