"""How the site is built: each page is a notebook, executed on the embedded endpoint."""

from __future__ import annotations

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parent.parent))
# Kernels that execute the pages find the package, and nobody's key, settings or history.
for name in list(os.environ):
    if name.startswith(("NBEXT_", "OPENAI_", "LITELLM_")):
        del os.environ[name]
os.environ["PYTHONPATH"] = str(Path(__file__).parent.parent)
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"

from nbext import __version__  # noqa: E402

project = "nbext"
author = "the nbext authors"
release = version = __version__
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "generated"]
autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
napoleon_use_ivar = True
python_maximum_signature_line_length = 80
toc_object_entries_show_parents = "hide"
exclude_patterns = ["_build", "jupyter_execute"]
html_theme = "sphinx_book_theme"
html_title = "nbext"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_theme_options = {
    "show_navbar_depth": 1,
    "home_page_in_toc": True,
    "use_download_button": False,
    "show_toc_level": 2,
    "navbar_persistent": [],
}
# The lexer of tracebacks does not know errors in Chinese, and when links are checked nothing is
# executed, so that no cell has a lexer.
suppress_warnings = ["misc.highlighting_failure", "myst-nb.lexer"]
myst_enable_extensions = ["colon_fence", "deflist"]
nb_execution_mode = "force"
# Each page has a folder, and so a history, of its own: its first drawing is @1.
nb_execution_in_temp = True
nb_execution_timeout = 120
nb_execution_raise_on_error = True
nb_merge_streams = True
# `make docs` needs no network: it checks the links inside the site, `make links` the others too.
linkcheck_ignore = [] if os.environ.get("LINKS") == "all" else ["https?://.*"]
