"""How a thread waits for the background loop: it sleeps until there is something for it to do.

Nothing here wakes up to look. On the main thread an interrupt has to end the wait at once, and not
every lock can be interrupted: none on Windows, and nowhere where the interrupt comes as
``_thread.interrupt_main()`` instead of a real signal. A socket can: Python writes a byte to the
"wakeup fd" for each signal it notes (https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd).
"""

from __future__ import annotations

import atexit
import contextlib
import os
import queue
import signal
import socket
import threading
from asyncio import get_running_loop
from typing import TYPE_CHECKING, Any

from nbext.util.fork import in_children

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    PendingCall = tuple[Callable[[], Any], Future[Any]]

# Bytes read from the socket at once; more than that are read the next time.
_SOME = 4096


class Inbox:
    """What one waiting thread has to do: functions to call for others, and the end of its wait.

    Example:
        >>> inbox = Inbox()
        >>> inbox.put(None)
        >>> inbox.get() is None
        True
    """

    def __init__(self) -> None:
        # Always read without a time limit: with one, CPython 3.11 and 3.12 may wait for ever.
        self._items: queue.SimpleQueue[PendingCall | None] = queue.SimpleQueue()

    def put(self, item: PendingCall | None) -> None:
        """Add a function to call with the future of its result, or None: the wait is over."""
        self._items.put(item)

    def get(self) -> PendingCall | None:
        """Wait for the next item and take it."""
        return self._items.get()

    def rest(self) -> list[PendingCall]:
        """Take the functions that nobody has called yet."""
        left: list[PendingCall] = []
        with contextlib.suppress(queue.Empty):
            while True:
                item = self._items.get_nowait()
                if item is not None:
                    left.append(item)
        return left


class MainInbox(Inbox):
    """The inbox of the main thread, whose wait an interrupt ends. Made on the main thread only."""

    def __init__(self) -> None:
        super().__init__()
        self._bell = _bell()

    def put(self, item: PendingCall | None) -> None:
        """Add an item and wake the main thread."""
        super().put(item)
        self._bell.ring()

    def get(self) -> PendingCall | None:
        """Wait for the next item and take it; signal handlers run meanwhile, and may raise."""
        with self._bell.hears_signals():
            while True:
                with contextlib.suppress(queue.Empty):
                    return self._items.get_nowait()
                # Whoever adds an item rings after it, so none is missed between the two lines.
                self._bell.wait()


def new_inbox() -> Inbox:
    """Make the inbox that suits the calling thread."""
    return MainInbox() if threading.current_thread() is threading.main_thread() else Inbox()


class Bell:
    """A pair of sockets: one end is written to, and the main thread sleeps at the other."""

    # Whom signals woke before.
    _before = -1

    def __init__(self) -> None:
        self._near, self._far = socket.socketpair()
        self._far.setblocking(False)  # as set_wakeup_fd wants it

    def ring(self) -> None:
        """Wake who waits; where the buffer is full, there is enough to wake up for."""
        with contextlib.suppress(BlockingIOError, InterruptedError):
            self._far.send(b"\0")

    def wait(self) -> None:
        """Sleep until it rings or a signal comes; Python runs signal handlers as this returns."""
        numbers = self._near.recv(_SOME).replace(b"\0", b"")
        if numbers and self._before >= 0:
            # Signals that the event loop of this thread wants to hear of as well.
            with contextlib.suppress(OSError):
                _write(self._before, numbers)

    def close(self) -> None:
        """Close the sockets."""
        self._near.close()
        self._far.close()

    @contextlib.contextmanager
    def hears_signals(self) -> Iterator[None]:
        """Let signals ring the bell, and pass them on to whom they woke before."""
        mine = self._far.fileno()
        outer, before = self._before, -1
        try:
            before = signal.set_wakeup_fd(mine, warn_on_full_buffer=False)
            # A wait inside of another one keeps passing on to whom the outer one does.
            self._before = outer if before == mine else before
            yield
        finally:
            self._before = outer
            if before != mine:
                signal.set_wakeup_fd(before)


def _write(descriptor: int, data: bytes) -> None:
    """Write to a wakeup fd of somebody else, which on Windows is a socket."""
    if os.name == "nt":
        other = socket.socket(fileno=descriptor)
        try:
            other.send(data)
        finally:
            other.detach()
    else:
        os.write(descriptor, data)


_the_bell: Bell | None = None


def _bell() -> Bell:
    """The process's bell, made when the main thread waits for the first time."""
    global _the_bell
    if _the_bell is None:
        _the_bell = Bell()
        atexit.register(_the_bell.close)
    return _the_bell


@in_children
def _forget_bell() -> None:
    """Let a forked process make a bell of its own: this one wakes its parent."""
    global _the_bell
    _the_bell = None


@contextlib.contextmanager
def awake() -> Iterator[None]:
    """Let signals wake the running loop while a cell awaits something in it.

    ipykernel cancels such a cell by a callback that a signal's handler adds, and a loop that sleeps
    does not hear of that (https://github.com/ipython/ipykernel/issues/881).
    """
    loop = get_running_loop()
    if threading.current_thread() is not threading.main_thread():
        # Signals are handled by the main thread alone.
        yield
        return
    if loop not in _wakers:
        _wakers[loop] = Waker(loop)
    waker = _wakers[loop]
    waker.users += 1
    try:
        yield
    finally:
        waker.users -= 1
        if not waker.users:
            del _wakers[loop]
            waker.close()


class Waker:
    """Has each signal wake an event loop of the main thread, for as many as ask for it.

    Args:
        loop: The loop. Where something hears of signals already, as Windows' proactor loop does,
            that wakes it.
    """

    def __init__(self, loop: AbstractEventLoop) -> None:
        self.users = 0
        self._loop = loop
        self._near, self._far = socket.socketpair()
        self._near.setblocking(False)
        self._far.setblocking(False)
        before = signal.set_wakeup_fd(self._far.fileno(), warn_on_full_buffer=False)
        self._hears = before < 0
        if self._hears:
            try:
                loop.add_reader(self._near, self._empty)
            except NotImplementedError:
                self._hears = False
        if not self._hears:
            signal.set_wakeup_fd(before)

    def _empty(self) -> None:
        with contextlib.suppress(OSError):
            self._near.recv(_SOME)

    def close(self) -> None:
        """Hear no more signals."""
        if self._hears:
            now = signal.set_wakeup_fd(-1)
            if now not in (-1, self._far.fileno()):
                signal.set_wakeup_fd(now)  # somebody else has taken over
            if not self._loop.is_closed():
                self._loop.remove_reader(self._near)
        self._near.close()
        self._far.close()


_wakers: dict[AbstractEventLoop, Waker] = {}
