"""The web application around the long-lived objects."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from server import __version__, background, telemetry
from server import config as configuration
from server.composition import Engines, Service, engines_of
from server.config import AccessConfig, Config, ConfigError
from server.finders import Finders
from server.handlers.upload import notice
from server.process import tune_process
from server.protocol.codec import push
from server.protocol.messages.service import NotifyPush
from server.session.access import AccessControl, AccessRules
from server.session.activity import ActivityRecorder
from server.session.consent import Ask, Consent
from server.session.context import ServerContext
from server.session.endpoint import Endpoint
from server.session.grants import GrantFile, Grants
from server.session.metrics import MetricsPage
from server.storage.root import Storage
from server.telemetry.audit import AuditTrail, RotatingFiles

APPLY: web.AppKey[Callable[[Config], Awaitable[None]]] = web.AppKey("apply")
"""Of an application: puts into force what holds at once of another configuration; see `server.reload`."""


def create_app(
    config: Config, finders: Finders, engines: Engines | None = None, ask: Ask | None = None
) -> web.Application:
    """The service, ready to be run by aiohttp.

    Parameters
    ----------
    engines
        In place of those that the configuration asks for.
    ask
        How a person is asked about an unknown origin; without one it is refused.

    Raises
    ------
    BadOrigin
        A configured origin that no browser could send, or to which no file can be sent.
    StorageFailed
        The storage root cannot be made or written.
    ConfigError
        The folder of the audit trail cannot, or the token cannot be read.
    """
    tune_process()
    quota = config.storage.quota_mib
    storage = Storage(
        configuration.storage_root(config.storage),
        overwrite=config.storage.overwrite,
        quota_bytes=None if quota is None else quota * 1024 * 1024,
    )
    service = Service(config, finders, engines or engines_of(config), storage)
    audit = audit_of(config)
    activity = ActivityRecorder(audit=audit)
    access = door_of(config.access, activity, ask)
    context = ServerContext(service.dispatcher, config.limits, activity)
    endpoint = Endpoint(config, access, context, service.streams, service.release)
    app = endpoint.application(MetricsPage(metrics_of(config, context, service, audit)))

    async def apply(new: Config) -> None:
        rules = await asyncio.to_thread(AccessRules.of, new.access)
        service.renew(new)
        telemetry.set_level(new.log.level)
        context.limits = new.limits
        await access.renew(rules)
        activity.service("reload")

    async def lifetime(_: web.Application) -> AsyncIterator[None]:
        service.registry.listen(lambda: endpoint.notify(_changed("camera")))
        service.scanners.registry.listen(lambda: endpoint.notify(_changed("scanner")))
        service.cards.registry.listen(lambda: endpoint.notify(_changed("card")))
        service.fingers.registry.listen(lambda: endpoint.notify(_changed("finger")))
        service.uploads.listen(lambda ended: endpoint.notify_origin(ended.page, notice(ended)))
        await service.uploads.start()
        await service.start()
        access.open()
        activity.service("start")
        yield
        await service.close()
        activity.service("stop")
        if audit is not None:
            await asyncio.to_thread(audit.close)

    async def hang_up(_: web.Application) -> None:
        await access.close()
        await endpoint.close()

    app[APPLY] = apply
    app.cleanup_ctx.append(lifetime)
    app.on_shutdown.append(hang_up)
    return app


def door_of(access: AccessConfig, activity: ActivityRecorder, ask: Ask | None) -> AccessControl:
    """Who may connect, as configured and as decided since; see `create_app` for what it raises."""
    grants = Grants(GrantFile(configuration.access_folder(access)))
    consent = Consent(ask, grants) if ask and access.ask else None
    return AccessControl(AccessRules.of(access), grants, activity, consent)


def audit_of(config: Config) -> AuditTrail | None:
    """The audit trail, where one is to be kept.

    Raises
    ------
    ConfigError
        Its folder cannot be made or written.
    """
    terms = config.audit
    if not terms.enabled:
        return None
    folder = configuration.audit_folder(terms)
    try:
        return AuditTrail(RotatingFiles(folder, terms.file_mib * 1024 * 1024, terms.files), terms.chained)
    except OSError as exc:
        raise ConfigError(f"[audit] folder: {folder} cannot be written ({exc.strerror})") from exc


def metrics_of(
    config: Config, context: ServerContext, service: Service, audit: AuditTrail | None
) -> Callable[[], bytes] | None:
    """What answers a scrape, where metrics are switched on."""
    if not config.metrics.enabled:
        return None
    # Imported here, because it takes 50 ms.
    from server.telemetry.exposition import Exposition, Gauges  # noqa: PLC0415

    def look() -> Gauges:
        lost = 0 if audit is None else audit.lost
        failed = {worker.name: worker.count for worker in background.failures()}
        return Gauges(
            context.connections.taken, context.bytes_in_work.held, service.cameras_open, lost, failed
        )

    return Exposition(__version__, context.activity.counters, look).text


def _changed(kind: str) -> bytes:
    return push("Notify", NotifyPush(event="OnDeviceChanged", kind=kind))
