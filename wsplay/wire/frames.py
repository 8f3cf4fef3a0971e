"""WebSocket frames, read by an observer (RFC 6455 section 5).

The libraries' frame parsers raise at the first violation and keep a whole payload. An observer must report
the violation, go on, and keep no more than an event shows. So the header is read here; unmasking, the names
of opcodes and the rules for close codes are the library's.
"""

from __future__ import annotations

import codecs
import struct
from collections.abc import Callable
from typing import Any

from websockets.exceptions import ProtocolError
from websockets.frames import Close, Opcode

from wsplay.events.event import Direction
from wsplay.events.payload import PAYLOAD_CAP, payload_data
from wsplay.wire.decoded import Decoded, Kept
from wsplay.wire.deflate import InflateError, Inflater
from wsplay.wire.frame_summary import NAMES, frame_summary, opcode_name
from wsplay.wire.stray import stray

try:
    from websockets.speedups import apply_mask
except ImportError:  # no wheel with the C extension for this machine
    from websockets.utils import apply_mask

CONT, TEXT, CLOSE = int(Opcode.CONT), int(Opcode.TEXT), int(Opcode.CLOSE)
_NOT_TEXT = "text that is not UTF-8"
_Utf8 = codecs.getincrementaldecoder("utf-8")
_unpack_16 = struct.Struct("!H").unpack_from
_unpack_64 = struct.Struct("!Q").unpack_from


class Frames:
    """Reads one direction's frames from bytes cut anywhere; one `wire.frame` when a frame is complete.

    `inflater` is None if no compression was agreed. `early` is added to the problems of frames that begin
    while it is set.
    """

    def __init__(self, direction: Direction, inflater: Inflater | None) -> None:
        self.direction = direction
        self.early = ""
        self._masked = 0x80 if direction is Direction.C2S else 0  # the required bit
        self._inflater = inflater
        self._head = b""  # of an incomplete header
        self._head_early = ""
        self._frame: _Frame | None = None  # with an incomplete payload
        # The message in progress, which fragments continue.
        self._opcode: int | None = None
        self._compressed = False
        self._utf8: codecs.IncrementalDecoder | None = None
        self._closed = False
        self._skipped = 0  # frames that `_skip_plain` has counted

    @property
    def room(self) -> int:
        """The bytes that the frame in progress still lacks, if reading them is quick; otherwise 0."""
        return 0 if self._frame is None or self._frame.compressed else self._frame.left

    @property
    def lacking(self) -> int:
        """How many bytes the frame in progress lacks, or its header; 0 between two frames."""
        if self._frame is not None:
            return self._frame.left
        return header_size(self._head, 0, len(self._head)) - len(self._head) if self._head else 0

    def take(self, data: bytes, out: list[Decoded]) -> None:
        """Read all of `data`, adding completed frames to `out`."""
        self._take(data, out, self._take_plain)

    def skim(self, data: bytes, out: list[Decoded]) -> int:
        """Read all of `data` and count its completed frames; only close frames are added to `out`."""
        found: list[Decoded] = []
        self._skipped = 0
        self._take(data, found, self._skip_plain)
        closes = [one for one in found if one.data["opcode"] == CLOSE]
        out += closes
        return self._skipped + len(found) - len(closes)

    def _take(
        self, data: bytes, out: list[Decoded], take_plain: Callable[[bytes, int, list[Decoded]], int]
    ) -> None:
        if self._head:
            data, self._head = self._head + data, b""
        at, end = 0, len(data)
        while at < end or self._frame is not None:
            frame = self._frame
            if frame is None:
                at = take_plain(data, at, out)
                if at == end:
                    return
                size = header_size(data, at, end)
                if size > end - at:
                    self._head, self._head_early = data[at:], self._head_early or self.early
                    return
                frame = self._begin(data, at, size)
                at += size
            piece = data[at : at + frame.left] if frame.left else b""
            at += len(piece)
            if piece:
                self._payload(frame, piece)
            if frame.left:
                self._frame = frame
                return
            self._frame = None
            out.append(self._finish(frame))

    def _take_plain(self, data: bytes, at: int, out: list[Decoded]) -> int:
        """Read the most common frames, short whole messages without a violation; return where another frame
        begins. The result is the same without this, at twice the cost.
        """
        end, head = len(data), 6 if self._masked else 2
        if self._opcode is not None or self._closed or self.early or self._head_early:
            return at
        while end - at >= head:
            first, length = data[at], data[at + 1] ^ self._masked
            start = at + head
            if first & 0xBF not in (0x81, 0x82) or length > 125 or end - start < length:
                break
            inflater = self._inflater if first & 0x40 else None
            if first & 0x40 and (inflater is None or inflater.lost):
                break
            payload = data[start : start + length]
            if self._masked and length:
                payload = apply_mask(payload, data[start - 4 : start])
            text = first & 0x0F == TEXT
            shown: dict[str, Any]
            inflated, problem = None, ""
            if inflater is not None:
                try:
                    payload = inflater.whole(payload)
                except InflateError as error:
                    shown, problem = payload_data(payload, text=False), str(error)
                else:
                    shown, inflated = payload_data(payload, text=text), len(payload)
                    problem = _NOT_TEXT if text and not _is_text(payload) else ""
            elif text:
                try:
                    shown = {"size": length, "text": payload.decode()}
                except UnicodeDecodeError:
                    break
            else:
                shown = {"size": length, "hex": payload.hex()}
            fields = {
                "fin": True,
                "rsv1": inflater is not None,
                "rsv2": False,
                "rsv3": False,
                "opcode": first & 0x0F,
                "name": "text" if text else "binary",
                "masked": bool(self._masked),
                "length": length,
                "payload": shown,
                "compressed": inflater is not None,
                "inflated": inflated,
            }
            if problem:
                fields["problem"] = problem
            out.append(Decoded(self.direction, "wire.frame", frame_summary(fields), fields))
            at = start + length
        return at

    def _skip_plain(self, data: bytes, at: int, out: list[Decoded]) -> int:
        """Count the frames that change nothing for later ones: short, without a violation, not compressed;
        return where another frame begins.
        """
        end, head, masked = len(data), 6 if self._masked else 2, self._masked
        if self._closed or self.early or self._head_early:
            return at
        whole = self._opcode is None
        # Text and inflated bytes continue from one fragment to the next.
        longest = 125 if self._utf8 is None and not self._compressed else 0
        skipped = 0
        while end - at >= head:
            first, length = data[at], data[at + 1] ^ masked
            if first in (0x81, 0x82):
                if not whole or length > 125:
                    break
            elif first == 0x00:
                if whole or length > longest:
                    break
            elif first not in (0x89, 0x8A) or length > 125:
                break
            following = at + head + length
            if following > end:
                break
            at = following
            skipped += 1
        self._skipped += skipped
        return at

    def eof(self, out: list[Decoded]) -> None:
        """The bytes end here: half a frame is reported as a stray."""
        frame, self._frame = self._frame, None
        head, self._head = self._head, b""
        if frame is not None:
            kept = Kept()
            kept.add(frame.head)
            kept.add(bytes(frame.raw.first))
            kept.size = len(frame.head) + frame.raw.size
            name = opcode_name(frame.opcode)
            out.append(
                stray(
                    self.direction,
                    kept,
                    f"half a frame: {name} of {frame.length} bytes ended after {frame.raw.size}",
                )
            )
        elif head:
            out.append(stray(self.direction, head, "half a frame: ended inside its header"))

    def _begin(self, data: bytes, at: int, size: int) -> _Frame:
        first, second = data[at], data[at + 1]
        frame = _Frame(first, second)
        length = second & 0x7F
        if length == 126:
            (length,) = _unpack_16(data, at + 2)
            if length < 126:
                frame.problems.append("length not in its shortest form")
        elif length == 127:
            (length,) = _unpack_64(data, at + 2)
            if length < 65_536:
                frame.problems.append("length not in its shortest form")
            elif length >> 63:
                frame.problems.append("length above 2**63 - 1")
        frame.length = frame.left = length
        if second & 0x80:
            frame.mask = data[at + size - 4 : at + size]
        frame.head = data[at : at + size]
        self._check(frame)
        if frame.opcode < 3 and self._utf8 is None and frame.text and not frame.whole:
            self._utf8 = _Utf8()
        return frame

    def _check(self, frame: _Frame) -> None:
        """Note violations in the header, and which message the frame belongs to."""
        problems, opcode = frame.problems, frame.opcode
        if self.early or self._head_early:
            problems.append(self.early or self._head_early)
            self._head_early = ""
        if (self.direction is Direction.C2S) != bool(frame.mask):
            who = (
                "frame from the client is not masked" if not frame.mask else "frame from the server is masked"
            )
            problems.append(f"{who} (RFC 6455 section 5.1)")
        if opcode >= 8:
            if not frame.fin:
                problems.append("fragmented control frame")
            if frame.length > 125:
                problems.append("control frame over 125 bytes")
            if frame.rsv1:
                problems.append("RSV1 on a control frame")
        elif opcode == CONT:
            if self._opcode is None:
                problems.append("continuation without a message")
            frame.text = self._opcode == TEXT
            frame.compressed = self._compressed and self._opcode is not None
            if frame.rsv1:
                problems.append("RSV1 on a continuation")
        elif opcode < 3:
            if self._opcode is not None:
                problems.append("new message before the last one was finished")
            self._utf8 = None
            frame.text = opcode == TEXT
            if frame.rsv1:
                if self._inflater is None:
                    problems.append("RSV1 set, but no compression was agreed")
                else:
                    frame.compressed = True
                    self._inflater.begin()
            self._compressed = frame.compressed
            # One frame that is a whole message: its text is checked in one go when it is complete.
            frame.whole = frame.fin and not frame.compressed and frame.length <= PAYLOAD_CAP
        if frame.first & 0x30:
            problems.append("RSV2 or RSV3 set, and no known extension uses them")
        if opcode not in NAMES:
            problems.append(f"reserved opcode 0x{opcode:X}")
        if self._closed and opcode != CLOSE:
            problems.append("frame after a close frame (RFC 6455 section 5.5.1)")
        elif self._closed:
            problems.append("a second close frame (RFC 6455 section 5.5.1)")
        if opcode < 3:
            self._opcode = None if frame.fin else (self._opcode if opcode == CONT else opcode)

    def _payload(self, frame: _Frame, piece: bytes) -> None:
        done = frame.raw.size
        frame.raw.add(piece)
        frame.left -= len(piece)
        if frame.compressed or (frame.text and not frame.whole):
            if frame.mask:
                turn = done & 3
                piece = apply_mask(piece, frame.mask[turn:] + frame.mask[:turn] if turn else frame.mask)
            if frame.compressed:
                self._inflate(frame, piece)
            else:
                self._check_text(frame, piece)

    def _inflate(self, frame: _Frame, data: bytes, *, end: bool = False) -> None:
        inflater = self._inflater
        if frame.not_inflated or inflater is None:
            return
        try:
            for piece in inflater.end() if end else inflater.feed(data):
                frame.inflated.add(piece)
                if frame.text:
                    self._check_text(frame, piece)
        except InflateError as error:
            frame.not_inflated = True
            frame.problems.append(str(error))
            self._utf8 = None

    def _check_text(self, frame: _Frame, piece: bytes, *, end: bool = False) -> None:
        if self._utf8 is None:
            return
        try:
            self._utf8.decode(piece, end)
        except UnicodeDecodeError:
            frame.not_text = True
            self._utf8 = None

    def _finish(self, frame: _Frame) -> Decoded:
        data_frame = frame.opcode < 3
        if frame.compressed and frame.fin:
            self._inflate(frame, b"", end=True)
        inflated = frame.compressed and not frame.not_inflated
        if inflated:
            payload = frame.inflated.payload(text=frame.text)
        else:
            first = bytes(frame.raw.first)
            if frame.mask and first:
                first = apply_mask(first, frame.mask)
            text = (frame.text and not frame.compressed) or 9 <= frame.opcode <= 10
            payload = payload_data(first, text=text, size=frame.length)
        if data_frame and frame.text:
            if frame.whole:
                frame.not_text = "text" not in payload
            elif frame.fin:
                self._check_text(frame, b"", end=True)
            # How far a frame inflates before an error depends on its cuts, so only the error is reported.
            if frame.not_text and not frame.not_inflated:
                frame.problems.append(_NOT_TEXT)
        if data_frame and frame.fin:
            self._utf8 = None
        data: dict[str, Any] = {
            "fin": frame.fin,
            "rsv1": frame.rsv1,
            "rsv2": bool(frame.first & 0x20),
            "rsv3": bool(frame.first & 0x10),
            "opcode": frame.opcode,
            "name": opcode_name(frame.opcode),
            "masked": bool(frame.mask),
            "length": frame.length,
            "payload": payload,
            "compressed": frame.compressed,
            "inflated": frame.inflated.size if inflated else None,
        }
        if frame.opcode == CLOSE:
            self._closed = True
            if frame.length:
                self._close(frame, first, data)
        if frame.problems:
            data["problem"] = "; ".join(frame.problems)
        return Decoded(self.direction, "wire.frame", frame_summary(data), data)

    def _close(self, frame: _Frame, payload: bytes, data: dict[str, Any]) -> None:
        """Read a close frame's payload (RFC 6455 sections 5.5.1 and 7.4)."""
        if len(payload) < 2:
            frame.problems.append("close payload of one byte")
            return
        (data["code"],) = _unpack_16(payload)
        try:
            data["reason"] = payload[2:].decode()
        except UnicodeDecodeError:
            data["reason"] = payload[2:].decode(errors="replace")
            frame.problems.append("close reason that is not UTF-8")
        try:
            Close(data["code"], "").check()
        except ProtocolError:
            frame.problems.append(f"close code {data['code']} must not be sent (RFC 6455 section 7.4)")


class _Frame:
    """A frame in progress."""

    __slots__ = (
        "compressed", "fin", "first", "head", "inflated", "left", "length", "mask", "not_inflated",
        "not_text", "opcode", "problems", "raw", "rsv1", "text", "whole",
    )  # fmt: skip

    def __init__(self, first: int, second: int) -> None:
        self.first = first
        self.fin = first > 0x7F
        self.rsv1 = bool(first & 0x40)
        self.opcode = first & 0x0F
        self.mask = b""
        self.head = b""
        self.length = self.left = 0
        self.raw = Kept()  # as on the wire, masked
        self.inflated = Kept()
        self.compressed = self.not_inflated = self.not_text = self.text = self.whole = False
        self.problems: list[str] = []


def header_size(data: bytes, at: int, end: int) -> int:
    """The size of the header at `at`; more than the available bytes if it is not known yet."""
    if end - at < 2:
        return 2 if end - at == 0 else 3
    second = data[at + 1]
    length = second & 0x7F
    return (2 if length < 126 else 4 if length == 126 else 10) + (4 if second & 0x80 else 0)


def payload_size(data: bytes) -> int:
    """The size of the payload whose whole header `data` begins with."""
    length = data[1] & 0x7F
    if length == 126:
        return int(_unpack_16(data, 2)[0])
    return int(_unpack_64(data, 2)[0]) if length == 127 else length


def _is_text(payload: bytes) -> bool:
    try:
        payload.decode()
    except UnicodeDecodeError:
        return False
    return True
