"""A microphone for Chromium that plays speech made by espeak-ng."""

import array
import io
import subprocess
import wave

RATE = 48_000


def spoken(text, voice="en"):
    """A text as 16-bit samples at 48 kHz."""
    made = subprocess.run(
        ["espeak-ng", "-v", voice, "--stdout", text], capture_output=True, check=True).stdout
    with wave.open(io.BytesIO(made)) as file:
        rate = file.getframerate()
        samples = array.array("h", file.readframes(file.getnframes()))
    step = rate / RATE
    return array.array("h", (samples[int(n * step)] for n in range(int(len(samples) / step))))


def silence(seconds):
    return array.array("h", bytes(2 * int(seconds * RATE)))


def write(path, *parts):
    """A WAV file of parts, one behind the other."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        for part in parts:
            file.writeframes(part.tobytes())
    return path
