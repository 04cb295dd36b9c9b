"""Writes the inputs that fuzzing begins with, one file each.

usage: seeds.py TARGET FOLDER
"""

import pathlib
import sys
import zlib


def frame(opcode, payload=b"", final=True, masked=True, reserved=0):
    """One frame of RFC 6455, 5.2; its mask is zero, so that its payload can be read."""
    bit = 0x80 if masked else 0
    head = bytes([0x80 * final | reserved << 4 | opcode])
    if len(payload) < 126:
        head += bytes([bit | len(payload)])
    elif len(payload) < 65_536:
        head += bytes([bit | 126]) + len(payload).to_bytes(2, "big")
    else:
        head += bytes([bit | 127]) + len(payload).to_bytes(8, "big")
    return head + bytes(4 if masked else 0) + payload


def deflated(message, bits=15):
    compressor = zlib.compressobj(wbits=-bits)
    return (compressor.compress(message) + compressor.flush(zlib.Z_SYNC_FLUSH))[:-4]


def frames():
    text, binary, close, ping, pong, more = 1, 2, 8, 9, 10, 0
    for masked in (True, False):
        # What FuzzFrames.swift takes the first two bytes for.
        setting = bytes([12 if masked else 13, 255])

        def make(*arguments, masked=masked, **options):
            return frame(*arguments, masked=masked, **options)

        yield setting + make(text, "grüß".encode()) + make(binary, bytes(range(200)))
        yield setting + make(text, b"a", final=False) + make(ping, b"p") + make(more, b"b")
        yield setting + make(pong) + make(close, b"\x03\xe8bye")
        yield setting + make(close) + make(text, b"late")
        yield setting + make(close, b"\x03\xf4") + make(close, b"\x03")
        yield setting + make(binary, bytes(65_600))
        yield setting + make(text, deflated(b"again and again and again"), reserved=4)
        half = deflated(b"halves " * 50)
        yield (
            setting
            + make(text, half[:9], final=False, reserved=4)
            + make(more, half[9:])
            + make(text, b"\xff\xfe")
        )
        yield bytes([setting[0] ^ 8 ^ 2, 0]) + make(binary, deflated(bytes(400)), reserved=4)
        yield bytes([setting[0] & 1, 2]) + make(text, b"reserved", reserved=1) + make(3) + make(11)


def deflate():
    for message in (b"", b"x", b"again and again and again", bytes(100_001), bytes(range(256)) * 9):
        yield b"\0" + deflated(message)
        yield b"\0" + deflated(message, bits=9)
        yield b"\1" + message[:5_000]
    # A stream that ends within the message, another behind it, and a stored block.
    whole = zlib.compressobj(wbits=-15)
    yield b"\0" + whole.compress(b"one") + whole.flush() + deflated(b"two")
    yield b"\0\x00\x03\x00\xfc\xffabc\x00"
    for offer in (
        "permessage-deflate",
        "permessage-deflate; client_max_window_bits; server_max_window_bits=10",
        'permessage-deflate; server_max_window_bits="15", x; y=z, permessage-deflate',
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; server_max_window_bits=8; server_max_window_bits",
    ):
        yield b"\2" + offer.encode()


def json():
    yield b'{"type":"session.update","session":{"tools":[],"temperature":0.8,"nested":{"a":[1,-2]}}}'
    yield b'["\\u00e9\\n\\ud83d\\ude00\\"\\\\\\/", "gr\xc3\xbc\xc3\x9f", true, false, null]'
    yield b"[0, -0, -0.0, 1e3, 1.5E-7, 9223372036854775807, -9223372036854775808, 1e308, 5e-324]"
    yield b"[9223372036854775808, 1e400]"
    yield b'{"a":1,"a":2}'
    yield '{"\u00e9":1,"e\u0301":2}'.encode()
    yield b"[" * 70 + b"]" * 70
    yield b'{"":{"":{"":""}}} '
    yield b'"\\u0000" "\\udc00" \xef\xbb\xbf \xff'


def multipart():
    part = b'Content-Disposition: form-data; name="sdp"\r\nContent-Type: application/sdp\r\n\r\nv=0\r\n'
    field = b"multipart/form-data; boundary=x\n"
    yield field + b"--x\r\n" + part + b"\r\n--x\r\n" + part.replace(b"sdp", b"session") + b"\r\n--x--\r\n"
    yield field + b"before\n--x\n" + part + b"\n--x--  \nbehind"
    yield field + b"--x\r\n\r\nno name\r\n--x--"
    yield b'multipart/form-data; boundary="a\\"b;c"; boundary=d\n--a"b;c--'
    yield b"text/plain; =; x=; y=\"\n"


def sdp():
    session = b"v=0\r\no=- 4611 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n"
    security = b"a=ice-ufrag:abcd\r\na=ice-pwd:0123456789abcdefghijklmn\r\na=fingerprint:sha-256 00:11\r\n"
    audio = b"m=audio 9 UDP/TLS/RTP/SAVPF 111 0\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=rtpmap:111 opus/48000/2\r\n"
    data = b"m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\na=mid:1\r\na=sctp-port:5000\r\n"
    yield session + audio + security + data + security
    yield session + security + audio
    yield session
    yield b"v=0\nm=\n"


def peek():
    yield b'{"type":"response.output_audio.delta","event_id":"event_1","delta":"AAAA"}'
    yield b'{ "a" : {"type":"no","b":[1,{"c":"}"}]}, "s":"\\"\\\\", "type" : "session.update" }'
    yield b'{"n":-1.5e3,"t":true,"z":null,"type":"a\\u0062"}'
    yield b'{"type":1}'
    yield b'[{"type":"x"}]'


SEEDS = {"JSON": json, "Frames": frames, "Deflate": deflate, "Multipart": multipart, "SDP": sdp,
         "Peek": peek}


def main():
    target, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(SEEDS[target]()):
        (folder / f"seed-{number:02}").write_bytes(seed)


if __name__ == "__main__":
    main()
