"""Files are written whole, or not at all."""

from __future__ import annotations

import errno

import pytest

from nbext.util.atomic import atomic_write


@pytest.mark.parametrize("name", ["cat\0.png", "cat\ud800.png", "a\0/cat.png"])
def test_a_name_that_no_file_can_have_is_an_error_of_the_system(tmp_path, name):
    with pytest.raises(OSError) as caught, atomic_write(tmp_path / name) as part:
        part.write_bytes(b"")
    assert caught.value.errno == errno.EINVAL
    assert list(tmp_path.iterdir()) == []
