"""The conversation that led to a drawing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nbext.data.request import Reference, Turn

if TYPE_CHECKING:
    from nbext.data.record import Record
    from nbext.store.store import Store


def conversation_turns(store: Store, last: Record) -> tuple[Turn, ...]:
    """Collect a conversation up to a drawing, oldest turn first.

    Args:
        store: The history's store, for earlier records and pictures.
        last: The drawing's record.

    Returns:
        Two turns for each drawing: the user's, and the model's with its raw answer.

    Raises:
        HistoryError: A picture of the conversation is missing.
    """
    chain = [last]
    known = {record.id: record for record in store.records()}
    while chain[-1].continues in known:
        chain.append(known.pop(chain[-1].continues))  # once each: a damaged file may have cycles
    turns: list[Turn] = []
    for record in reversed(chain):
        images = [Reference.of(store.read(item.sha256)) for item in record.references]
        answered = [
            Reference.of(store.read(item.sha256), drawing=record.id) for item in record.pictures
        ]
        turns += [
            Turn(role="user", text=record.prompt_sent or record.prompt, pictures=tuple(images)),
            Turn(role="assistant", text=record.text, pictures=tuple(answered), raw=record.raw),
        ]
    return tuple(turns)
