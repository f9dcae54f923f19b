"""How a thread waits for the background loop: it sleeps until there is something to do.

There is no polling. On the main thread an interrupt has to end the wait at once, and not every lock
can be interrupted: none on Windows, and nowhere if the interrupt comes from
``_thread.interrupt_main()`` instead of a real signal. A socket can: Python writes a byte to the
"wakeup fd" for each signal it receives (https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd).
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

# Bytes to read from the socket at once; the rest is read the next time.
_SOME = 4096


class Inbox:
    """The work of one waiting thread: functions to call for others, and the end of its wait.

    Example:
        >>> inbox = Inbox()
        >>> inbox.put(None)
        >>> inbox.get() is None
        True
    """

    def __init__(self) -> None:
        # Never read with a timeout: CPython 3.11 and 3.12 may then wait forever.
        self._items: queue.SimpleQueue[PendingCall | None] = queue.SimpleQueue()

    def put(self, item: PendingCall | None) -> None:
        """Add a function to call with the future of its result, or None: the wait is over."""
        self._items.put(item)

    def get(self) -> PendingCall | None:
        """Wait for the next item and remove it."""
        return self._items.get()

    def rest(self) -> list[PendingCall]:
        """Remove and return the functions that were not called."""
        left: list[PendingCall] = []
        with contextlib.suppress(queue.Empty):
            while True:
                item = self._items.get_nowait()
                if item is not None:
                    left.append(item)
        return left


class MainInbox(Inbox):
    """The inbox of the main thread, interruptible. Created on the main thread only."""

    def __init__(self) -> None:
        super().__init__()
        self._bell = _bell()

    def put(self, item: PendingCall | None) -> None:
        """Add an item and wake the main thread."""
        super().put(item)
        self._bell.ring()

    def get(self) -> PendingCall | None:
        """Wait for the next item and remove it; signal handlers may run meanwhile, and raise."""
        with self._bell.hears_signals():
            while True:
                with contextlib.suppress(queue.Empty):
                    return self._items.get_nowait()
                # A producer rings after adding an item, so none is missed between the two lines.
                self._bell.wait()


def new_inbox() -> Inbox:
    """Create the inbox for the calling thread."""
    return MainInbox() if threading.current_thread() is threading.main_thread() else Inbox()


class Bell:
    """A pair of sockets: the main thread sleeps at one end until the other is written to."""

    # The wakeup fd that was set before.
    _before = -1

    def __init__(self) -> None:
        self._near, self._far = socket.socketpair()
        self._far.setblocking(False)  # as set_wakeup_fd wants it

    def ring(self) -> None:
        """Wake the sleeper; if the buffer is full, it will wake anyway."""
        with contextlib.suppress(BlockingIOError, InterruptedError):
            self._far.send(b"\0")

    def wait(self) -> None:
        """Sleep until a ring or a signal; Python runs signal handlers when this returns."""
        numbers = self._near.recv(_SOME).replace(b"\0", b"")
        if numbers and self._before >= 0:
            # Signals to pass on to this thread's event loop.
            with contextlib.suppress(OSError):
                _write(self._before, numbers)

    def close(self) -> None:
        """Close the sockets."""
        self._near.close()
        self._far.close()

    @contextlib.contextmanager
    def hears_signals(self) -> Iterator[None]:
        """Make signals ring the bell, and pass them on to the previous wakeup fd."""
        mine = self._far.fileno()
        outer, before = self._before, -1
        try:
            before = signal.set_wakeup_fd(mine, warn_on_full_buffer=False)
            # A nested wait keeps passing signals on to the outer wait's wakeup fd.
            self._before = outer if before == mine else before
            yield
        finally:
            self._before = outer
            if before != mine:
                signal.set_wakeup_fd(before)


def _write(descriptor: int, data: bytes) -> None:
    """Write to another owner's wakeup fd, which is a socket on Windows."""
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
    """Return the process's bell, created at the main thread's first wait."""
    global _the_bell
    if _the_bell is None:
        _the_bell = Bell()
        atexit.register(_the_bell.close)
    return _the_bell


@in_children
def _forget_bell() -> None:
    """Make a forked process create its own bell, because this one wakes its parent."""
    global _the_bell
    _the_bell = None


@contextlib.contextmanager
def awake() -> Iterator[None]:
    """Make signals wake the running loop while a cell awaits something in it.

    ipykernel cancels such a cell by a callback that a signal handler adds, which does not wake a
    sleeping loop (https://github.com/ipython/ipykernel/issues/881).
    """
    loop = get_running_loop()
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread handles signals.
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
    """Makes signals wake an event loop of the main thread, while at least one user needs it.

    Args:
        loop: The loop. One that handles signals itself, as Windows' proactor loop does, is left
            alone.
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
        """Stop handling signals."""
        if self._hears:
            now = signal.set_wakeup_fd(-1)
            if now not in (-1, self._far.fileno()):
                signal.set_wakeup_fd(now)  # somebody else has taken over
            if not self._loop.is_closed():
                self._loop.remove_reader(self._near)
        self._near.close()
        self._far.close()


_wakers: dict[AbstractEventLoop, Waker] = {}
