"""Web application of the service."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from aiohttp import web

from server import __version__, telemetry
from server import config as configuration
from server.access.activity import ActivityRecorder
from server.access.client import Client
from server.access.consent import Ask, Consent
from server.access.control import AccessControl, AccessRules
from server.access.grants import GrantFile, Grants
from server.access.handshakes import HANDSHAKES
from server.access.listeners import is_loopback
from server.access.origins import NO_ORIGINS, Origins, OwnOrigins
from server.admin.administration import AdminHost, Administration, AdminSources
from server.composition import Service
from server.config import AccessConfig, Config, ConfigError, StorageConfig
from server.config.dialects import DIALECTS
from server.connection.downloads import DownloadPage
from server.connection.endpoint import Endpoint
from server.connection.own_pages import MetricsPage
from server.connection.session import ServerContext
from server.connection.sessions import Sessions
from server.connection.signing_page import SigningPage
from server.devices.registry import Registry
from server.equipment import Engines, Finders, engines_of
from server.errors import BadParameter, GaopaiError
from server.protocol.codec import push
from server.protocol.messages.service import NotifyPush
from server.protocol.profiles import Profiles
from server.runtime import background
from server.runtime.process import FORGET, FREED, tune_process
from server.runtime.reload import Reloader
from server.services.cameras.handlers import WantedCamera, wanted_notice
from server.services.upload.policy import UploadPolicy
from server.services.upload.service import notice
from server.storage.clock import SeenClock
from server.storage.place import Place, Quota, open_by_steps
from server.storage.retention import Retention
from server.storage.root import Storage
from server.telemetry.audit import AuditTrail
from server.telemetry.trail_files import RotatingFiles
from server.tls.context import TlsContext

if TYPE_CHECKING:
    from server.dialects.listening import Dialects
    from server.share.listening import Share
    from server.telemetry.syslog import SyslogForwarder

RELOADER: web.AppKey[Reloader] = web.AppKey("reloader")
"""Key of the application's reloader, if it has sources to read the configuration from again."""


def create_app(
    config: Config,
    finders: Finders,
    engines: Engines | None = None,
    ask: Ask | None = None,
    own: OwnOrigins = NO_ORIGINS,
    sources: AdminSources | None = None,
) -> web.Application:
    """Return the service as an application that aiohttp can run.

    Parameters
    ----------
    engines
        Engines in place of those that the configuration asks for.
    ask
        Asks the user about an unknown origin; without it, unknown origins are refused.
    own
        Origins of the service's own page; see `server.access.origins`.
    sources
        Sources of the settings view; without them the configuration cannot be read again.

    Raises
    ------
    BadOrigin
        A configured origin is not one that browsers send, or not one for uploads.
    StorageFailed
        The storage root cannot be made or written.
    ConfigError
        The folder of the audit trail cannot be made or written, or the token cannot be read.
    """
    tune_process()
    audit = audit_of(config)
    storage = storage_of(config.storage)
    service = Service(config, finders, engines or engines_of(config), storage)
    trail = [part for part in (audit, syslog_of(config, audit)) if part is not None]
    activity = ActivityRecorder(audit=audit)
    access = access_control(config.access, activity, ask, own)
    context = ServerContext(service.dispatcher, config.limits, activity, profiles_of(config))
    ports = _ports(config, access, context, service, storage)
    endpoint = Endpoint(
        config,
        access,
        context,
        service.streams,
        DownloadPage(access, service.files.downloads, storage),
        service.release,
    )
    app = endpoint.application(MetricsPage(metrics_of(config, context, service), own))
    SigningPage(access, own, service.signatures.desk).add_to(app.router)

    async def apply(new: Config) -> None:
        # Nothing fails from here on.
        await asyncio.to_thread(check_start, new)
        rules = await asyncio.to_thread(AccessRules.from_config, new.access)
        profiles = profiles_of(new)
        retain(storage.retention, new.storage)
        service.renew(new)
        telemetry.set_level(new.log.level)
        context.limits = new.limits
        context.profiles = profiles
        await access.renew(rules)
        activity.service("reload")

    async def lifetime(_: web.Application) -> AsyncIterator[None]:
        _tell_pages(service, endpoint.sessions, activity)
        await service.uploads.start()
        await service.start()
        access.open()
        for port in ports:
            await port.start()
        activity.service("start")
        retention = background.supervise(
            "retention",
            partial(
                storage.retention.run,
                activity.retained,
                service.uploads.waiting,
                SeenClock(storage.own_folder),
            ),
        )
        with context.watched_loop():
            yield
        retention.cancel()
        await service.close()
        activity.service("stop")
        for part in trail:
            await asyncio.to_thread(part.close)

    async def disconnect(_: web.Application) -> None:
        await access.close()
        await asyncio.gather(*(port.close() for port in ports))
        await endpoint.sessions.close()

    if sources is not None:
        reloader = app[RELOADER] = Reloader(config, sources.file.load, apply)
        administer(app, sources, AdminHost(service, access, activity, storage, own, reloader))
    app[HANDSHAKES] = access.handshakes
    app[FREED] = context.bytes_in_work.freed
    app[FORGET] = service.forget
    app.cleanup_ctx.append(lifetime)
    app.on_shutdown.append(disconnect)
    return app


def administer(app: web.Application, sources: AdminSources, host: AdminHost) -> None:
    """Add the settings view to the application, unless it is switched off."""
    if host.reloader.running.admin.enabled:
        administration = Administration(sources, host)
        administration.add_to(app.router)
        app.on_startup.append(administration.begin)


def check_start(config: Config) -> None:
    """Check the parts of a configuration that only a start looks at; changes nothing.

    Raises
    ------
    BadOrigin, ConfigError
        As `create_app` does.
    """
    AccessRules.from_config(config.access)
    UploadPolicy(config.upload.allow)
    profiles_of(config)
    folders = (configuration.storage_root(config.storage), *_folders(config.storage))
    places = [Place(folder.absolute(), Quota(None, None)) for folder in folders]
    retain(Retention(places, open_by_steps), config.storage)
    for name in DIALECTS:
        Origins.parse(getattr(config.dialects, name).origins or ())


def profiles_of(config: Config) -> Profiles:
    """Return the profiles of a configuration.

    Raises
    ------
    ConfigError
        One has a parameter that no function has, or an invalid value.
    """
    try:
        return Profiles(config.profiles)
    except BadParameter as error:
        raise ConfigError(error.message("en"), error.message("zh")) from error


def dialects_of(
    config: Config, access: AccessControl, context: ServerContext, service: Service, storage: Storage
) -> Dialects | None:
    """Return the enabled dialects of other makers' services, None if there are none."""
    sections = (getattr(config.dialects, name) for name in DIALECTS)
    if not any(section.enabled for section in sections):
        return None
    # Imported here, so that a service without dialects does not pay for them.
    from server.dialects.listening import Dialects  # noqa: PLC0415
    from server.dialects.services import DialectServices  # noqa: PLC0415

    return Dialects(config, access, DialectServices(service, storage, context))


def share_of(
    config: Config, access: AccessControl, context: ServerContext, service: Service, storage: Storage
) -> Share | None:
    """Return the port that programs scan at, None if nothing is shared."""
    if not config.share.enabled:
        return None
    # Imported here, likewise.
    from server.dialects.services import DialectServices  # noqa: PLC0415
    from server.share.listening import Share, check_share  # noqa: PLC0415

    check_share(config)
    tls = None if is_loopback(config.share.host) else TlsContext.from_config(config)
    return Share(config, access, DialectServices(service, storage, context), tls)


def retain(retention: Retention, section: StorageConfig) -> None:
    """Let the rules of a configuration hold.

    Raises
    ------
    ConfigError
        One names a folder that no file of the service can be in.
    """
    try:
        retention.renew(section)
    except GaopaiError as error:
        table = "[storage] folder_days, hold"
        raise ConfigError(f"{table}: {error.message('en')}", f"{table}：{error.message('zh')}") from error


def _folders(section: StorageConfig) -> list[Path]:
    return [Path(folder).expanduser() for folder in section.folders]


def storage_of(section: StorageConfig) -> Storage:
    """Return the storage of a configuration; raises errors as `create_app` does."""
    quota = section.quota_mib
    overwrite = section.overwrite
    if isinstance(overwrite, bool):
        # As configurations of version 0.1 say it.
        overwrite = "always" if overwrite else "never"
    storage = Storage(
        configuration.storage_root(section),
        overwrite,
        None if quota is None else quota * 1024 * 1024,
        folders=_folders(section),
        sharing=section.sharing,
    )
    retain(storage.retention, section)
    return storage


def access_control(
    access: AccessConfig, activity: ActivityRecorder, ask: Ask | None, own: OwnOrigins
) -> AccessControl:
    """Return the access control of a configuration; raises errors as `create_app` does."""
    grants = Grants(GrantFile(configuration.access_folder(access)))
    consent = Consent(ask, grants) if ask and access.ask else None
    return AccessControl(AccessRules.from_config(access), grants, activity, consent, own)


def audit_of(config: Config) -> AuditTrail | None:
    """Return the audit trail, None if it is switched off.

    Raises
    ------
    ConfigError
        Its folder cannot be made or written.
    """
    section = config.audit
    if not section.enabled:
        return None
    folder = configuration.audit_folder(section)
    try:
        files = RotatingFiles(folder, section.file_mib * 1024 * 1024, section.files, section.file_days)
        trail = AuditTrail(files, section.chained, section.lines_per_minute)
    except BlockingIOError as exc:
        raise ConfigError(
            f"[audit] folder: another gaopai writes the audit trail in {folder}; give this one its own",
            f"[audit] folder：另一个 gaopai 正在写入 {folder} 中的审计日志；请为此服务另设文件夹",
        ) from exc
    except OSError as exc:
        raise ConfigError(f"[audit] folder: {folder} cannot be written ({exc.strerror})") from exc
    return trail


def syslog_of(config: Config, audit: AuditTrail | None) -> SyslogForwarder | None:
    """Return what sends the audit trail to a collector, None without one.

    Raises
    ------
    ConfigError
        The address or a certificate cannot be used.
    """
    section = config.audit
    if audit is None or not section.syslog:
        return None
    # Imported here, likewise.
    from server.telemetry.syslog import PORT, Collector, SyslogForwarder  # noqa: PLC0415

    names = (section.syslog_authorities, section.syslog_certificate)
    authorities, certificate = (str(Path(name).expanduser()) if name else "" for name in names)
    try:
        address = urlsplit(f"//{section.syslog}")
        collector = Collector(address.hostname or "", address.port or PORT, authorities, certificate)
        return SyslogForwarder(audit.files, collector, audit.written)
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "strerror", None) or type(exc).__name__
        raise ConfigError(f"[audit] syslog: it cannot be used ({reason})") from exc


def metrics_of(config: Config, context: ServerContext, service: Service) -> Callable[[], bytes] | None:
    """Return the function that answers a scrape, None if metrics are switched off."""
    if not config.metrics.enabled:
        return None
    # Imported here, because it takes 50 ms.
    from server.telemetry.exposition import Exposition, Gauges  # noqa: PLC0415

    activity = context.activity

    def gauges() -> Gauges:
        failed = {worker.name: worker.count for worker in background.failures()}
        connections = context.connections.count
        held = context.bytes_in_work.held
        kept = dict(context.loop_watch.counts) if context.loop_watch else {}
        return Gauges(connections, held, service.cameras.leases.open_count, activity.audit_lost, failed, kept)

    return Exposition(__version__, activity.counters, gauges).text


def _ports(
    config: Config, access: AccessControl, context: ServerContext, service: Service, storage: Storage
) -> list[Dialects | Share]:
    """Return what listens beside the endpoint, as far as it is configured."""
    dialects = dialects_of(config, access, context, service, storage)
    share = share_of(config, access, context, service, storage)
    return [port for port in (dialects, share) if port is not None]


def _tell_pages(service: Service, sessions: Sessions, activity: ActivityRecorder) -> None:
    """Have pages told of devices that come and go, uploads that end and cameras that others want."""
    for kind, registry in _registries(service):
        registry.listen(partial(sessions.notify, _changed(kind)))
    service.uploads.listen_receipts(activity.delivered)
    service.uploads.listen(lambda ended: sessions.notify_origin(ended.page, notice(ended)))
    service.cameras.wanted.listen(partial(_tell_wanted, service, sessions))


def _tell_wanted(service: Service, sessions: Sessions, client: Client, wanted: WantedCamera) -> bool:
    return sessions.notify_client(client, wanted_notice(service.cameras.leases, client, wanted))


def _registries(service: Service) -> Iterator[tuple[str, Registry[Any, Any]]]:
    yield "camera", service.cameras.registry
    yield "scanner", service.scanners.leases.registry
    yield "card", service.cards.readers.registry
    yield "finger", service.fingerprints.sensors.registry
    yield "button", service.buttons.registry


def _changed(kind: str) -> bytes:
    return push("Notify", NotifyPush(event="OnDeviceChanged", kind=kind))
