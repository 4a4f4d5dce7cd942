"""What the HTTP client says about a failed upload, in the words of an answer."""

from __future__ import annotations

import errno
import ssl

import aiohttp

from server.errors import GaopaiError, Text, UploadBroken, UploadUnreachable

CONNECT_SECONDS = 10.0

_CERTIFICATE = {
    9: Text("其证书尚未生效，请检查时钟", "its certificate is not valid yet; check the clock"),
    10: Text("其证书已过期", "its certificate has expired"),
    18: Text("其证书是自签名的", "its certificate is self-signed"),
    19: Text("其证书的颁发机构不受信任", "its certificate's authority is not trusted"),
    20: Text("其证书的颁发机构不受信任", "its certificate's authority is not trusted"),
    21: Text("其证书链不完整", "its certificate chain is incomplete"),
    62: Text("其证书属于另一主机名", "its certificate is of another host name"),
    64: Text("其证书属于另一地址", "its certificate is of another address"),
}
"""By OpenSSL's number, X509_V_ERR_*."""
_BAD_CERTIFICATE = Text("其证书无效", "its certificate is not valid")
_NO_TLS = Text("无法建立加密连接", "no encrypted connection is possible")
_REFUSED = Text("对方拒绝连接", "it refuses the connection")
_NO_WAY = Text("没有到达它的网络路径", "there is no way to it")
_NO_CONNECTION = Text("连接失败", "the connection failed")
_SILENT = Text(f"{CONNECT_SECONDS:g} 秒内没有响应", f"it did not respond within {CONNECT_SECONDS:g} seconds")
_CONNECTIONS = {
    errno.ECONNREFUSED: _REFUSED,
    errno.EHOSTUNREACH: _NO_WAY,
    errno.ENETUNREACH: _NO_WAY,
    errno.ETIMEDOUT: _SILENT,
}
_NO_HTTP = Text("应答不是有效的 HTTP", "its answer is not valid HTTP")
_INCOMPLETE = Text("应答不完整", "its answer is incomplete")
_HUNG_UP = Text("服务器断开了连接", "the server closed the connection")


def fault_of(error: aiohttp.ClientError | OSError) -> GaopaiError:
    """The error that a page is told."""
    if isinstance(error, aiohttp.ClientConnectorCertificateError):
        return UploadUnreachable(reason=_certificate(error.certificate_error))
    if isinstance(error, aiohttp.ClientSSLError):
        return UploadUnreachable(reason=_NO_TLS)
    if isinstance(error, aiohttp.ClientConnectorError):
        return UploadUnreachable(reason=_CONNECTIONS.get(error.errno or 0, _NO_CONNECTION))
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return UploadUnreachable(reason=_SILENT)
    return UploadBroken(reason=_break(error))


def _certificate(error: Exception) -> Text:
    number = error.verify_code if isinstance(error, ssl.SSLCertVerificationError) else 0
    return _CERTIFICATE.get(number, _BAD_CERTIFICATE)


def _break(error: aiohttp.ClientError | OSError) -> Text:
    if isinstance(error, aiohttp.ClientResponseError):
        return _NO_HTTP
    if isinstance(error, aiohttp.ClientPayloadError):
        return _INCOMPLETE
    return _HUNG_UP
