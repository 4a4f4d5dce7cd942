"""Tables of targets: places beside web servers that files are delivered to."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from server.config.section import Doc, NonEmpty, Port, Positive, Section

KEYRING = "keyring"
"""Value of a secret that is in the desktop's keyring."""

Url = Annotated[str, msgspec.Meta(pattern=r"^https?://[^@\s]+$", max_length=4096)]
Address = Annotated[str, msgspec.Meta(pattern=r"^[^@\s]+@[^@\s]+$", max_length=254)]
Authorities = Annotated[
    str,
    Doc(
        "用来验证其证书的证书，PEM 格式。为空时用系统的。",
        "Certificates, in PEM, that the server's is judged by. Empty: the system's.",
    ),
]
Secret = Annotated[
    str,
    Doc(
        "密码所在的文件，只有所有者可读（权限 0600）；或 `keyring`：桌面的密钥环中 `gaopai` 名下以目标名称"
        "保存的密码。",
        "A file with the password, for its owner alone (mode 0600); or `keyring`: the password that the "
        "desktop's keyring has for `gaopai` and the target's name.",
    ),
]
RemoteFolder = Annotated[
    str, Doc("其中的文件夹，须已存在。", "Folder of it that files go to, which has to be there.")
]
User = Annotated[str, Doc("用户名。", "Name of the account there.")]


class FolderTarget(Section, frozen=True, tag_field="adapter", tag="folder"):
    """Folder of this computer, or a share that is mounted."""

    folder: Annotated[
        NonEmpty,
        Doc(
            "绝对路径，须已存在；在 systemd 下其单元须允许写入（`ReadWritePaths=`）。",
            "An absolute path, which has to be there; under systemd the unit has to allow it "
            "(`ReadWritePaths=`).",
        ),
    ]


class HttpTarget(Section, frozen=True, tag_field="adapter", tag="http"):
    """Web server that takes forms, as `UploadHttpFile` sends them."""

    url: Annotated[Url, Doc("上传地址。", "Address that the form is sent to.")]
    authorities: Authorities = ""


class SftpTarget(Section, frozen=True, tag_field="adapter", tag="sftp"):
    """Folder of an SSH server."""

    host: Annotated[NonEmpty, Doc("主机名或地址。", "Its name or address.")]
    user: Annotated[NonEmpty, Doc("用户名。", "Name of the account there.")]
    host_key: Annotated[
        NonEmpty,
        Doc(
            "主机的公钥，即 `ssh-keyscan 主机` 显示的 `ssh-ed25519 AAAA...`；不同的密钥被拒绝。",
            "The host's public key, `ssh-ed25519 AAAA...` as `ssh-keyscan HOST` prints it; another is "
            "refused.",
        ),
    ]
    port: Annotated[Port, Doc("1 到 65535。", "1 to 65535.")] = 22
    folder: RemoteFolder = ""
    secret: Secret = ""
    key: Annotated[
        str,
        Doc(
            "用于登录的私钥文件，没有密码，权限 0600；代替 `secret`。",
            "A file with a private key to log in with, without a passphrase, mode 0600; in place of "
            "`secret`.",
        ),
    ] = ""


class WebdavTarget(Section, frozen=True, tag_field="adapter", tag="webdav"):
    """Folder of a WebDAV server, such as Nextcloud."""

    url: Annotated[Url, Doc("文件夹的地址。", "Address of the folder.")]
    user: User = ""
    secret: Secret = ""
    authorities: Authorities = ""


class S3Target(Section, frozen=True, tag_field="adapter", tag="s3"):
    """Bucket of S3 or of what is compatible with it."""

    url: Annotated[
        Url,
        Doc(
            "服务的地址，不含存储桶：`https://s3.eu-central-1.amazonaws.com`。",
            "Address of the service, without the bucket: `https://s3.eu-central-1.amazonaws.com`.",
        ),
    ]
    bucket: Annotated[NonEmpty, Doc("存储桶。", "Its name.")]
    access_key: Annotated[NonEmpty, Doc("访问密钥的标识。", "Identifier of the access key.")]
    secret: Secret
    prefix: Annotated[
        str, Doc("对象名的开头，例如 `in/`。", "Beginning of the objects' names, as `in/`.")
    ] = ""
    region: Annotated[str, Doc("区域。", "Region that requests are signed for.")] = "us-east-1"
    authorities: Authorities = ""


class MailTarget(Section, frozen=True, tag_field="adapter", tag="mail"):
    """Recipients of e-mail with the file attached."""

    host: Annotated[NonEmpty, Doc("SMTP 服务器的主机名或地址。", "Name or address of the SMTP server.")]
    sender: Annotated[Address, Doc("发件人地址。", "Address that it comes from.")]
    recipients: Annotated[
        Annotated[tuple[Address, ...], msgspec.Meta(min_length=1, max_length=100)],
        Doc("收件人地址；网页不能另选。", "Addresses that it goes to; pages choose no others."),
    ]
    port: Annotated[Port, Doc("1 到 65535。", "1 to 65535.")] = 587
    security: Annotated[
        Literal["starttls", "tls", "none"],
        Doc(
            '`"starttls"`；`"tls"` 为一开始就加密（端口 465）；`"none"` 为不加密，不发送密码。',
            '`"starttls"`, `"tls"` from the start (port 465), or `"none"`, with which no password is sent.',
        ),
    ] = "starttls"
    user: User = ""
    secret: Secret = ""
    megabytes: Annotated[Positive, Doc("附件的上限，单位 MiB。", "Limit of the attachment, in MiB.")] = 20
    authorities: Authorities = ""


class PaperlessTarget(Section, frozen=True, tag_field="adapter", tag="paperless"):
    """Archive of paperless-ngx."""

    url: Annotated[Url, Doc("其地址，不含 `/api`。", "Its address, without `/api`.")]
    secret: Annotated[
        str,
        Doc(
            "API 令牌所在的文件，只有所有者可读（权限 0600）；或 `keyring`。",
            "A file with the token of its API, for its owner alone (mode 0600); or `keyring`.",
        ),
    ]
    authorities: Authorities = ""


class SmbTarget(Section, frozen=True, tag_field="adapter", tag="smb"):
    """Share of a Windows or Samba server that is not mounted."""

    host: Annotated[NonEmpty, Doc("主机名或地址。", "Its name or address.")]
    share: Annotated[NonEmpty, Doc("共享的名称。", "Name of the share.")]
    user: Annotated[NonEmpty, Doc("用户名，或 `域\\用户名`。", "Name of the account, or `DOMAIN\\NAME`.")]
    secret: Secret
    port: Annotated[Port, Doc("1 到 65535。", "1 to 65535.")] = 445
    folder: RemoteFolder = ""
    encrypt: Annotated[
        bool,
        Doc(
            "是否要求加密（SMB 3）；签名始终需要。",
            "Whether encryption is demanded (SMB 3); signatures always are.",
        ),
    ] = True


TargetConfig = (
    FolderTarget
    | HttpTarget
    | SftpTarget
    | WebdavTarget
    | S3Target
    | MailTarget
    | PaperlessTarget
    | SmbTarget
)
TargetName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")]
"""Name of a target, which pages see and logs may hold."""
