"""The IPython magics."""

from __future__ import annotations

from typing import Any

from nbext.magics.parse import keep_body


def load(shell: Any) -> None:
    """Register the magics, the settings and the completion with a shell."""
    from nbext.config.loading import get_settings
    from nbext.magics.complete import register
    from nbext.magics.config import take_over
    from nbext.magics.draw import DrawMagics
    from nbext.magics.manage import ManageMagics
    from nbext.magics.questions import let_ask
    from nbext.magics.talk import TalkMagics
    from nbext.magics.video import VideoMagics

    get_settings(shell)
    shell.register_magics(DrawMagics, ManageMagics, TalkMagics, VideoMagics)
    register(shell)
    take_over(shell)
    shell.input_transformers_cleanup[:] = [*_others(shell), keep_body]
    let_ask(shell.input_transformer_manager)


def unload(shell: Any) -> None:
    """Take the completion back and end the session."""
    from nbext.magics.complete import unregister
    from nbext.magics.config import give_back
    from nbext.magics.questions import take_back
    from nbext.session.current import forget_session

    unregister(shell)
    give_back(shell)
    shell.input_transformers_cleanup[:] = _others(shell)
    take_back(shell.input_transformer_manager)
    forget_session()


def _others(shell: Any) -> list[Any]:
    return [each for each in shell.input_transformers_cleanup if each is not keep_body]
