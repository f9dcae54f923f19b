"""What is written to pages."""

from __future__ import annotations

import html

from hypothesis import example, given
from hypothesis import strategies as st

from nbext.util.text import html_text, readable


@given(st.text() | st.text("&<>\"'a;\n\x1b\u202e"))
@example("&lt;&amp;&#x27;")
def test_text_is_escaped_as_the_library_does_it_without_what_reverses_or_controls(text):
    assert html_text(text) == html.escape(readable(text))
    assert html.unescape(html_text(text)) == readable(text)
