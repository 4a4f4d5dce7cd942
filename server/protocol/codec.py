"""The codec: a page's message in, a call out; an answer in, a message out."""

from server.protocol.decoder import decode
from server.protocol.encoder import closing, encode_answer, encode_error, push
from server.protocol.frames import FrameEnvelope, PreviewKey
from server.protocol.head import NO_ID, BadCall, Call, Head
from server.protocol.members import Message

__all__ = [
    "NO_ID",
    "BadCall",
    "Call",
    "FrameEnvelope",
    "Head",
    "Message",
    "PreviewKey",
    "closing",
    "decode",
    "encode_answer",
    "encode_error",
    "push",
]
