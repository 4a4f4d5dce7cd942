"""The body of an upload, read back by other people's readers."""

from __future__ import annotations

import asyncio
import email
import email.policy
import re
from unittest.mock import Mock

from aiohttp import MultipartReader, StreamReader
from hypothesis import assume, given
from hypothesis import strategies as st

from server.services.upload.form import (
    FormPart,
    StoredFile,
    UploadForm,
    escaped,
    file_part,
    picture_part,
    text_parts,
)

JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"

# What a browser's JSON may hold: any text but lone surrogates.
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
NAMES = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="/"), min_size=1, max_size=40
)
FILES = st.lists(st.tuples(NAMES, st.binary(max_size=99)), max_size=3)


def written(form: UploadForm) -> bytes:
    """The whole body of a form that holds no stored file."""
    return b"".join(frame + content for frame, content in form.frames() if isinstance(content, bytes))


def in_memory(part: FormPart, data: bytes) -> FormPart:
    """A stored file's part with its content at hand."""
    return FormPart(part.head, data)


def read_by_aiohttp(form: UploadForm) -> list[tuple[str | None, str | None, str | None, bytes]]:
    async def read() -> list[tuple[str | None, str | None, str | None, bytes]]:
        stream = StreamReader(Mock(_reading_paused=False), 2**16, loop=asyncio.get_running_loop())
        stream.feed_data(written(form))
        stream.feed_eof()
        reader = MultipartReader({"Content-Type": form.content_type}, stream)
        found = []
        while (part := await reader.next()) is not None:
            found.append(
                (part.name, part.filename, part.headers.get("Content-Type"), bytes(await part.read()))
            )
        return found

    return asyncio.run(read())


def read_by_email(form: UploadForm) -> list[tuple[str, str | None]]:
    """Names and file names as programs read them that use the standard library."""
    head = f"Content-Type: {form.content_type}\r\n\r\n".encode()
    message = email.message_from_bytes(head + written(form), policy=email.policy.HTTP)
    return [
        (str(part.get_param("name", header="content-disposition")), part.get_filename())
        for part in message.iter_parts()
    ]


def test_the_body_is_what_a_browser_sends() -> None:
    form = UploadForm([*text_parts({"name": ["张三"], "n": ["1111"]}), picture_part(JPEG)])
    boundary = form.content_type.partition("boundary=")[2]
    assert re.fullmatch(r"[A-Za-z0-9-]{1,70}", boundary)
    expected = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="name"\r\n\r\n张三\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="n"\r\n\r\n1111\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="image.jpg"\r\n'
        "Content-Type: image/jpeg\r\n\r\n"
    )
    assert written(form) == expected.encode() + JPEG + f"\r\n--{boundary}--\r\n".encode()


@given(st.dictionaries(TEXTS, st.lists(TEXTS, max_size=3), max_size=4), FILES)
def test_readers_find_the_same_fields_in_the_same_order(
    params: dict[str, list[str]], files: list[tuple[str, bytes]]
) -> None:
    # aiohttp's reader takes a quoted value with two semicolons for several parameters.
    assume(all(name.count(";") < 2 for name in (*params, *(name for name, _ in files))))
    parts = [in_memory(file_part(StoredFile(f"a/{name}", 0, (0, 0, 0))), data) for name, data in files]
    form = UploadForm([*text_parts(params), *parts])
    assert form.length == len(written(form))
    found = read_by_aiohttp(form)
    # This reader takes slashes off the beginning of a name.
    assert [(name, data) for name, _, _, data in found] == [
        *((escaped(name).lstrip("/"), value.encode()) for name, values in params.items() for value in values),
        *(("file", data) for _, data in files),
    ]
    # Pages on Windows part names by backslashes.
    names = [escaped(name.rpartition("\\")[2]) for name, _ in files]
    assert [given for _, given, _, _ in found] == [None] * sum(map(len, params.values())) + names


@given(TEXTS)
def test_no_name_can_add_a_header_or_a_second_name(name: str) -> None:
    (part,) = text_parts({name: [""]})
    assert part.head.count(b"\r\n") == 2
    assert part.head.count(b'"') == 2
    assert b"\\" not in part.head
    assert not re.search(rb"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]", part.head)


@given(st.text("ab ;=\"'\\\r\n%*,", max_size=20))
def test_the_standard_librarys_reader_is_not_led_astray(name: str) -> None:
    form = UploadForm(
        [*text_parts({f"x{name}x": ["value"]}), in_memory(file_part(StoredFile("a.jpg", 0, (0, 0, 0))), JPEG)]
    )
    assert read_by_email(form) == [(escaped(f"x{name}x"), None), ("file", "a.jpg")]


def test_types_follow_the_suffix() -> None:
    names = ["a.JPG", "a.pdf", "a.ofd", "a.tif", "noname", "a.exe"]
    form = UploadForm([in_memory(file_part(StoredFile(name, 0, (0, 0, 0))), b"") for name in names])
    assert [kind for _, _, kind, _ in read_by_aiohttp(form)] == [
        "image/jpeg",
        "application/pdf",
        "application/ofd",
        "image/tiff",
        "application/octet-stream",
        "application/octet-stream",
    ]
