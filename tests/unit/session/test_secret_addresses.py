"""What is secret in the address of a reference stays out of all that is shown or kept."""

from __future__ import annotations

import pytest

from nbext.config.settings import Nbext
from nbext.errors import NbextError
from nbext.session.session import Session

SECRET = "CANARYSECRET"
ADDRESSES = (
    f"https://me:{SECRET}@example.invalid/cat.png", f"https://{SECRET}@example.invalid/cat.png",
    f"http://me:{SECRET}@[bad/cat.png", f"https://x.invalid:99999/cat.png?key={SECRET}",
    f"http://10.0.0.1/cat.png?sig={SECRET}", f"ftp://me:{SECRET}@example.invalid/cat.png",
    f"s3://{SECRET}@bucket/cat.png?X-Amz-Signature={SECRET}", f"file:///tmp/cat.png?token={SECRET}",
    f"https:/me:{SECRET}@example.invalid/cat.png",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_error_names_a_secret(tmp_path, address):
    session = Session(tmp_path / "own.draws", chosen=Nbext())
    try:
        with pytest.raises(NbextError) as error:
            session.draw("a cat", images=[address])
        assert SECRET not in f"{error.value} {error.value!r} {error.value.remedy}"
        journal = session.store.folder / "history.jsonl"
        assert not journal.exists() or SECRET not in journal.read_text()
    finally:
        session.run(session.close())
        session.runner.close()
