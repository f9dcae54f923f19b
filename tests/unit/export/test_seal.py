"""A sealed page holds the lines that were written, and its hash tells whether anybody changed it."""

from __future__ import annotations

import hashlib
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nbext.export.gallery import seal
from nbext.export.gallery.seal import SEAL, Sealed, is_unchanged, sealed_page


@pytest.fixture(scope="module", autouse=True)
def small_blocks():
    """Blocks of a few bytes, so that lines end before, in and behind them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seal, "BLOCK", 7)
        patch.setattr(seal, "RUN", 21)
        yield


@given(st.lists(st.binary(max_size=40), max_size=30))
def test_blocks_hold_the_lines_in_order(lines):
    file = io.BytesIO()
    with Sealed(file) as sealed:
        sealed.writelines(lines)
        sealed.seal()
    whole = b"".join(lines)
    assert file.getvalue() == whole + SEAL % hashlib.sha256(whole).hexdigest().encode()


@given(st.lists(st.binary(max_size=20), min_size=1, max_size=9), st.data())
def test_any_byte_that_changes_breaks_the_seal(tmp_path_factory, lines, data):
    page = tmp_path_factory.getbasetemp() / "sealed.html"
    with sealed_page(page) as sealed:
        sealed.writelines(lines)
    assert is_unchanged(page)
    whole = bytearray(page.read_bytes())
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1
    page.write_bytes(whole)
    assert not is_unchanged(page)
