"""A notebook's connection to its endpoints: client, lists of models, wire formats."""

from __future__ import annotations

import asyncio
import contextlib
import re
import threading
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from nbext.config.endpoints import find_endpoint, with_key
from nbext.config.keys import KeyringNeededError, without_keyring
from nbext.data.endpoint import Endpoint, Secret
from nbext.data.family import UNKNOWN
from nbext.errors import ModelError, NbextError, OptionError, SettingsError
from nbext.families.check import notices, refuse, successors
from nbext.families.registry import checked_wire, choose
from nbext.families.table import table
from nbext.messages.say import phrase
from nbext.session.async_variant import LongRequests, async_variant, is_cut_off
from nbext.transport.steps import Steps
from nbext.util.fork import in_children, register_fork_handler
from nbext.util.suggest import did_you_mean, is_suggested
from nbext.wire.formats import encode

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from nbext.config.endpoints import ResolvedEndpoint
    from nbext.config.settings import Nbext
    from nbext.data.family import Family
    from nbext.data.model import Model
    from nbext.data.record import Record
    from nbext.data.request import Request
    from nbext.errors import RequestError
    from nbext.families.notice import Notice
    from nbext.families.prices import Cost
    from nbext.families.table import Table
    from nbext.transport.client import Client
    from nbext.transport.download import Downloader
    from nbext.wire import events

T = TypeVar("T")

# Seconds that a request waits for free queries about models.
LEARNING_TIME = 3
SUGGESTING_TIME = 5


def _is_another_number(model: str, names: Iterable[str]) -> bool:
    """Return whether a model differs from a known one only in a number: it may be a newer version.

    A repeated digit is a typing error.

    Example:
        >>> _is_another_number("m-3", ["m-2"]), _is_another_number("m-22", ["m-2"])
        (True, False)
    """
    if re.sub(r"(\d)\1+", r"\1", model) in names:
        return False
    return re.sub(r"\d+", "0", model) in {re.sub(r"\d+", "0", name) for name in names}


class Connection:
    """One HTTP client for all endpoints.

    Args:
        chosen: The settings.
        folder: The notebook's folder, whose settings count.

    Example:
        >>> connection = Connection(settings(), Path("."))  # doctest: +SKIP
        >>> endpoint = await connection.endpoint()  # doctest: +SKIP
        >>> connection.call(request, endpoint)  # doctest: +SKIP
        ('chat', Call(path='chat/completions', …))
    """

    def __init__(self, chosen: Nbext, folder: Path) -> None:
        self.settings = chosen
        self.folder = folder
        self._models: dict[str, list[Model]] = {}
        self.long_requests = LongRequests()
        # What was told of models, with the endpoint.
        self._model_notices: set[tuple[str, str]] = set()
        self.after_fork()
        register_fork_handler(self)

    def after_fork(self) -> None:
        """Leave the parent's connections and queries to the parent."""
        self._client: Client | None = None
        # The settings' changes before the client got its limits.
        self._limits_at = 0
        self._is_closed = False
        self._learning: dict[str, asyncio.Future[list[Model]]] = {}
        self._one_looks = asyncio.Lock()
        self.steps = Steps()

    @property
    def client(self) -> Client:
        """The client, created at first use, with the current limits."""
        from nbext.transport.client import Client, Limits

        chosen = self.settings
        if self._client is not None and self._limits_at == chosen.changes:
            return self._client
        self._limits_at = chosen.changes
        limits = Limits(
            connect=chosen.connect_timeout,
            silence=chosen.silence_timeout,
            total=chosen.total_timeout,
            picture_bytes=chosen.picture_bytes,
            picture_pixels=chosen.picture_pixels,
            redirects=chosen.redirects,
            proxy_downloads=chosen.proxy_downloads,
            max_concurrent=chosen.max_concurrent,
            max_per_minute=chosen.max_per_minute,
        )
        if self._client is None:
            # A request that was on its way to its client when all were closed leaves nothing open.
            self._client = Client(limits, pooled=not self._is_closed)
        self._client.limits = limits
        return self._client

    @property
    def downloader(self) -> Downloader:
        """The client for links outside the endpoint, with the current limits."""
        from nbext.transport.download import Downloader

        client = self.client
        return Downloader(client.ssl_context, client.limits)

    async def close(self) -> None:
        """Close all connections; from now on, each request has its own."""
        self._is_closed = True
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def endpoint(
        self,
        name: str = "",
        *,
        drawn: Callable[[], int] = int,
        resolved: ResolvedEndpoint | None = None,
    ) -> Endpoint:
        """Find the endpoint to use; the embedded one is started at first use.

        Args:
            name: The endpoint's name in the settings; by default the current one.
            drawn: Returns the number of drawings, so that a restarted kernel draws new takes on the
                embedded endpoint.
            resolved: The endpoint, if it was looked up before.

        Raises:
            SettingsError: There is no endpoint with this name, or its key is refused.
        """
        endpoint = with_key(resolved or await self._look_up(name))
        if not endpoint.embedded:
            return endpoint
        return await asyncio.to_thread(embedded, drawn(), self.settings.embedded_pace)

    async def is_embedded(self, name: str = "") -> bool:
        """Return whether the embedded endpoint would draw, without needing a key."""
        resolved = await self.look_up(name)
        return resolved is not None and resolved.endpoint.embedded

    async def look_up(self, name: str = "") -> ResolvedEndpoint | None:
        """Find the endpoint that would be used, without needing a key; None without one."""
        try:
            return await self._look_up(name)
        except SettingsError:
            return None

    async def _look_up(self, name: str) -> ResolvedEndpoint:
        """Find the endpoint; off the event loop if the keyring is needed.

        The keyring may prompt the user for a minute: one at a time, so that eight takes do not
        prompt eight times.
        """
        token = without_keyring.set(True)
        try:
            return find_endpoint(name, settings=self.settings, folder=self.folder)
        except KeyringNeededError:
            pass
        finally:
            without_keyring.reset(token)
        async with self._one_looks:
            return await asyncio.to_thread(
                find_endpoint, name, settings=self.settings, folder=self.folder
            )

    def named(self, name: str = "") -> Endpoint:
        """Find an endpoint without starting one.

        Raises:
            SettingsError: There is no endpoint with this name.
        """
        return find_endpoint(name, settings=self.settings, folder=self.folder).endpoint

    def at_hand(self, name: str = "") -> Endpoint | None:
        """Find an endpoint without starting one, and without a keyring.

        Returns:
            The endpoint; None if only the keyring could name it.

        Raises:
            SettingsError: There is no endpoint with this name.
        """
        token = without_keyring.set(True)
        try:
            return self.named(name)
        except KeyringNeededError:
            return None
        finally:
            without_keyring.reset(token)

    # Models

    async def models(self, endpoint: Endpoint, *, anew: bool = False) -> list[Model]:
        """List the endpoint's models, cached unless ``anew``.

        Raises:
            RequestError: The endpoint does not list them.
        """
        if anew or endpoint.base_url not in self._models:
            from nbext.wire import model_list

            answer = await self.client.json(endpoint, model_list.listing())
            self._models[endpoint.base_url] = model_list.parse(answer)
        return self._models[endpoint.base_url]

    def listed(self) -> list[Model]:
        """Return the models that endpoints have listed so far."""
        return [item for models in self._models.values() for item in models]

    async def learn(self, request: Request, endpoint: Endpoint) -> None:
        """Query the endpoint once, for free, about an unknown or ended model.

        A text model's name may be a typing error if a picture is wanted: ``gpt-4o-imag``.
        """
        family = self.families.find(request.model)
        is_meant = request.kind != "draw" or bool(request.via) or "text" not in family.outputs
        is_exact = is_meant or request.model in family.examples
        if family.name and is_exact and (family.ended is None or endpoint.embedded):
            return
        if (request.via and not family.name) or endpoint.base_url in self._models:
            return
        if endpoint.base_url not in self._learning:
            asking = asyncio.ensure_future(self.models(endpoint))
            # It may fail after the last waiter has left.
            asking.add_done_callback(lambda listing: listing.cancelled() or listing.exception())
            self._learning[endpoint.base_url] = asking
        with contextlib.suppress(NbextError, TimeoutError):
            await asyncio.wait_for(asyncio.shield(self._learning[endpoint.base_url]), LEARNING_TIME)

    async def ask_models(self, endpoint: Endpoint) -> None:
        """Query an endpoint's models once, for free; without an answer they stay unknown."""
        with contextlib.suppress(NbextError, TimeoutError):
            await asyncio.wait_for(self.models(endpoint), LEARNING_TIME)

    def listed_at(self, endpoint: Endpoint) -> list[Model]:
        """Return the models that an endpoint has listed so far."""
        return self._models.get(endpoint.base_url, [])

    def refuse_unlisted(
        self, request: Request, endpoint: Endpoint, records: Callable[[], Iterable[Record]]
    ) -> None:
        """Refuse a model that no family and no complete list of the endpoint has.

        A list is complete if it has every model that was used there, and at least one was.

        Args:
            request: What is asked.
            endpoint: Whom it goes to.
            records: Returns the history's records.

        Raises:
            OptionError: There is no such model, and one is called nearly so.
        """
        listed = [model.id for model in self.listed_at(endpoint)]
        if request.kind != "draw" or not listed or request.model in listed:
            return
        # Another provider, or a missing version, is not a typing error: lists are not complete.
        bare = request.model.rpartition("/")[2]
        names = (*listed, *self.families.find(request.model).examples)
        if any(f"{name.rpartition('/')[2]}-".startswith(f"{bare}-") for name in names):
            return
        if not endpoint.embedded:
            used = {r.model for r in records() if r.host == endpoint.host and r.pictures}
            if not used or not used <= set(listed):
                return
        known = list(listed)
        if endpoint.embedded and not self.families.find(request.model).name:
            # The embedded endpoint accepts the models of all families.
            known[:0] = [name for family in self.families.all() for name in family.examples]
        close = did_you_mean(request.model, known)
        if close and not _is_another_number(request.model, known):
            where = phrase("sweep.the_embedded_endpoint") if endpoint.embedded else endpoint.host
            raise OptionError(
                phrase("sweep.no_model", where=where, model=request.model), remedy=close
            )

    async def suggest(self, error: ModelError, model: str, endpoint: Endpoint) -> None:
        """Add "did you mean" to an error if the endpoint lists its models."""
        with contextlib.suppress(NbextError, TimeoutError):
            served = await asyncio.wait_for(self.models(endpoint), SUGGESTING_TIME)
            names = [item.id for item in served]
            instead = successors(self.families.find(model), model, names)
            if instead:
                error.remedy = phrase(
                    "session.use_successors", names=", ".join(instead), remedy=error.remedy
                ).strip()
                return
            if model in names:
                error.remedy = phrase("session.listed_all_the_same")
                return
            guess = did_you_mean(model, names)
            if guess and not is_suggested(error.remedy):
                error.remedy = f"{guess} {error.remedy}".strip()

    async def suggest_async(
        self, error: RequestError, model: str, endpoint: Endpoint, *, elapsed: float
    ) -> None:
        """Name the asynchronous variant of a model that a proxy has cut off, if it is listed.

        Args:
            error: How the request ended.
            model: Its model.
            endpoint: Where it was sent.
            elapsed: The seconds that it took.
        """
        kind = type(error).__name__
        if endpoint.embedded or not is_cut_off(kind, error.status_code, elapsed=elapsed):
            return
        self.long_requests.note(endpoint.host, model)
        if variant := await self._async_variant(model, endpoint):
            error.remedy = phrase(
                "session.use_async",
                host=endpoint.host,
                variant=variant,
                model=model,
                remedy=error.remedy,
            ).strip()

    async def as_job(
        self, request: Request, endpoint: Endpoint, records: Callable[[], Iterable[Record]]
    ) -> Request:
        """Use the asynchronous variant of a model whose long requests were cut off here.

        Returns:
            The request to send, unchanged if there is no such variant.
        """
        if endpoint.embedded or request.kind != "draw" or request.via:
            return request
        if not self.long_requests.are_cut(endpoint.host, request.model, records):
            return request
        variant = await self._async_variant(request.model, endpoint)
        return msgspec.structs.replace(request, model=variant) if variant else request

    async def _async_variant(self, model: str, endpoint: Endpoint) -> str:
        if endpoint.base_url not in self._models:
            await self.ask_models(endpoint)
        return async_variant(model, {item.id for item in self.listed_at(endpoint)})

    # Wire formats

    def wire_for(self, model: str, kind: str, endpoint: Endpoint) -> str:
        """Choose a model's wire format by the user's table, the endpoint's list, or its family."""
        listed = self._listed(model, endpoint)
        return choose(
            model,
            kind=kind,
            supported=listed.types if listed else (),
            own=self.settings.wires,
            families=self.families,
        )

    @property
    def families(self) -> Table:
        """The table of families, with the user's own.

        Raises:
            OptionError: One of the user's is invalid.
        """
        return table(self.settings.families)

    def _listed(self, model: str, endpoint: Endpoint) -> Model | None:
        """Return a model's entry in an endpoint's list, None without one."""
        models = self._models.get(endpoint.base_url, [])
        return next((item for item in models if item.id == model), None)

    def family(self, model: str, endpoint: Endpoint) -> Family:
        """Return the family of a model, corrected by the endpoint's list."""
        from nbext.families.correct import correct

        return correct(self.families.find(model), self._listed(model, endpoint))

    def notices(self, request: Request, endpoint: Endpoint, wire_name: str) -> list[Notice]:
        """Return what a model does not accept in a request, and what it accepts instead.

        The embedded endpoint draws nevertheless: for it, all notices are warnings.
        """
        served = [item.id for item in self._models.get(endpoint.base_url, [])]
        if endpoint.embedded:
            served.append(request.model)
        family = self.family(request.model, endpoint)
        result = notices(request, family, checked_wire(wire_name), model_names=served)
        if endpoint.embedded:
            # It keeps to a seed in every wire format.
            result = [
                msgspec.structs.replace(notice, level="warning")
                for notice in result
                if not (notice.field == "seed" and notice.once)
            ]
        return result

    def warnings(self, request: Request, endpoint: Endpoint, wire_name: str) -> list[str]:
        """Return what to tell of a request that is about to be sent.

        What is true of its model, whatever is requested of it, is told once in a session.

        Raises:
            OptionError: The model does not take what is requested.
        """
        results = self.notices(request, endpoint, wire_name)
        lines = refuse(results)
        known = {(endpoint.base_url, str(notice)) for notice in results if notice.once}
        new, self._model_notices = known - self._model_notices, self._model_notices | known
        return [line for line in lines if (endpoint.base_url, line) not in known - new]

    def cost(self, request: Request, endpoint: Endpoint) -> Cost | None:
        """Return the cost of a request, if the settings, the endpoint or the table know it."""
        from nbext.families.prices import price

        if endpoint.embedded:
            return None
        return price(
            request.model,
            request,
            prices=self.settings.prices,
            entry=self._listed(request.model, endpoint),
            families=self.families,
        )

    def call(self, request: Request, endpoint: Endpoint) -> tuple[str, events.Call]:
        """Encode a request in its wire format.

        Returns:
            The wire format's name, and the call.

        Raises:
            OptionError: There is no such wire format, or it does not support part of the request.
        """
        name = request.via or self.wire_for(request.model, request.kind, endpoint)
        family = self.family(request.model, endpoint)
        return name, encode(request, name, family)

    def dry_run(self, request: Request, *, takes: int = 1) -> str:
        """Describe what would be sent, without keys and with pictures shortened."""
        endpoint = self.named(request.endpoint)
        name, call = self.call(request, endpoint)
        where = endpoint.url(call.path, call.version) if endpoint.base_url else f"…/{call.path}"
        sent = call.body if call.body is not None else call.form
        body = msgspec.json.format(msgspec.json.encode(_short(sent)), indent=2).decode()
        lines = [f"{call.method} {where}", "Authorization: Bearer ***", "", body]
        lines += [
            phrase("session.form_file", field=f.field, filename=f.filename, count=len(f.data))
            for f in call.files
        ]
        lines += [f"\n{notice}" for notice in self.notices(request, endpoint, name)]
        if self.family(request.model, endpoint) == UNKNOWN and not endpoint.embedded:
            lines.append(phrase("session.unknown_model", model=request.model))
        cost = self.cost(request, endpoint)
        price = f", {cost.times(takes)}" if cost is not None else ""
        lines.append(
            phrase(
                "session.dry_run_end", endpoint=endpoint.name, wire=name, takes=takes, price=price
            )
        )
        return "\n".join(lines)


def embedded(drawn: int, pace: float) -> Endpoint:
    """Return the process's embedded endpoint, started at first use.

    Args:
        drawn: The number of drawings so far.
        pace: Scales the artificial delay.
    """
    global SERVER
    with _starting:
        if SERVER is None:
            from nbext.embedded.server import Endpoint as Server

            server = Server(first_take=drawn)
            server.start()
            SERVER = server
        SERVER.pace = pace
    return Endpoint(
        name="embedded", base_url=SERVER.base_url, key=Secret(SERVER.key), embedded=True
    )


def stop_embedded() -> None:
    """Stop the process's embedded endpoint; the next use starts another."""
    global SERVER
    with _starting:
        server, SERVER = SERVER, None
    if server is not None:
        server.stop()


@in_children
def _no_server() -> None:
    """Start without an embedded endpoint: its thread is the parent's."""
    global SERVER, _starting
    SERVER = None
    _starting = threading.Lock()


SERVER: Any = None
_starting = threading.Lock()


def _short(value: Any) -> Any:
    """Shorten long texts, such as pictures in base64, for people to read."""
    if isinstance(value, str) and len(value) > 400:
        return phrase("session.cut_value", value=value[:60], count=len(value))
    if isinstance(value, dict):
        return {key: _short(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_short(item) for item in value]
    return value
