// What happens to sound, sample by sample.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { base64DurationMs, fromBase64, toBase64 } from '../../../public/js/audio/pcm.js';
import { Player } from '../../../public/js/audio/player.js';
import { PlaybackQueue } from '../../../public/js/audio/worklets/playback-queue.js';
import { Resampler } from '../../../public/js/audio/worklets/resampler.js';

const BLOCK = 128;
const OUTPUT_HZ = 24_000;

/** A second of a tone through the resampler, block by block. */
function resampled(rate, frequency, seconds = 1) {
  const resampler = new Resampler(rate, OUTPUT_HZ);
  const block = new Float32Array(BLOCK);
  const output = new Float32Array(4_096);
  const samples = [];
  for (let start = 0; start + BLOCK <= rate * seconds; start += BLOCK) {
    block.forEach((_, index) => {
      block[index] = Math.sin((2 * Math.PI * frequency * (start + index)) / rate);
    });
    samples.push(...output.subarray(0, resampler.process(block, output)));
  }
  return samples;
}

/** How much of a frequency is in samples, 1 for a full tone; and how much of all else. */
function content(samples, frequency) {
  const middle = samples.slice(2_000, 2_000 + 12_000);
  let [sine, cosine, power] = [0, 0, 0];
  middle.forEach((sample, index) => {
    const angle = (2 * Math.PI * frequency * index) / OUTPUT_HZ;
    sine += sample * Math.sin(angle);
    cosine += sample * Math.cos(angle);
    power += sample * sample;
  });
  const scale = 2 / middle.length;
  const amplitude = Math.hypot(sine, cosine) * scale;
  const rest = Math.sqrt(Math.max(0, power * scale - amplitude ** 2));
  return { amplitude, rest };
}

for (const rate of [8_000, 16_000, 22_050, 44_100, 48_000, 96_000, 192_000]) {
  test(`a tone at ${rate} Hz is the same tone at 24 kHz, and nothing else`, () => {
    const samples = resampled(rate, 1_000);
    assert.ok(Math.abs(samples.length - OUTPUT_HZ) < 600, `${samples.length} samples`);
    const { amplitude, rest } = content(samples, 1_000);
    assert.ok(Math.abs(amplitude - 1) < 0.01, `amplitude ${amplitude}`);
    assert.ok(rest < 0.002, `rest ${rest}`);
  });
}

test('what 24 kHz cannot carry is taken away, and does not fold back', () => {
  for (const rate of [44_100, 48_000, 96_000]) {
    const loudest = Math.max(...resampled(rate, 15_000).slice(2_000).map(Math.abs));
    assert.ok(loudest < 0.002, `${rate} Hz: ${loudest}`);
  }
});

test('at the same rate nothing is changed but the delay', () => {
  const { amplitude, rest } = content(resampled(24_000, 3_000), 3_000);
  assert.ok(Math.abs(amplitude - 1) < 0.01 && rest < 0.002);
});

test('PCM goes to base64 and back', () => {
  const samples = Int16Array.from({ length: 1_001 }, (_, index) => (index * 7_919) % 65_536 - 32_768);
  assert.deepEqual(fromBase64(toBase64(samples)), samples);
  assert.equal(base64DurationMs(toBase64(new Int16Array(2_400))), 100);
  assert.equal(base64DurationMs(toBase64(new Int16Array(2_401))), 2_401 / 24);
});

const piece = (itemID, length, value = 16_384) =>
  ({ itemID, contentIndex: 0, samples: new Int16Array(length).fill(value) });

function read(queue, blocks) {
  const samples = [];
  const block = new Float32Array(BLOCK);
  for (let count = 0; count < blocks; count += 1) {
    queue.read(block);
    samples.push(...block);
  }
  return samples;
}

test('speech is played without a gap, whatever its pieces', () => {
  const queue = new PlaybackQueue();
  for (const length of [1_000, 1, 77, 900, 2_022]) queue.add(piece('a', length));
  const samples = read(queue, 40);
  assert.equal(samples.findIndex((sample) => sample === 0), 4_000);
  assert.ok(samples.slice(0, 4_000).every((sample) => sample === 0.5));
  assert.deepEqual(queue.heard, { itemID: 'a', contentIndex: 0, samples: 4_000 });
});

test('a little speech waits for more, or for the word that there is no more', () => {
  const queue = new PlaybackQueue();
  queue.add(piece('a', 500));
  assert.ok(read(queue, 4).every((sample) => sample === 0));
  assert.equal(queue.isPlaying, false);
  queue.finish();
  assert.equal(read(queue, 4).filter((sample) => sample !== 0).length, 500);
});

test('what was heard is counted for each item, and silence is not', () => {
  const queue = new PlaybackQueue();
  queue.add(piece('a', 2_000));
  queue.add(piece('b', 2_000));
  read(queue, 10);
  assert.deepEqual(queue.heard, { itemID: 'a', contentIndex: 0, samples: 1_280 });
  read(queue, 10);
  assert.deepEqual(queue.heard, { itemID: 'b', contentIndex: 0, samples: 560 });
  read(queue, 100);
  assert.equal(queue.heard.samples, 2_000);
  assert.equal(queue.isPlaying, false);
});

test('what is cleared is not played, and what comes then is', () => {
  const queue = new PlaybackQueue();
  queue.add(piece('a', 5_000));
  queue.add(piece('c', 700));
  read(queue, 3);
  assert.deepEqual(queue.clear(), [
    { itemID: 'a', contentIndex: 0, samples: 384 }, { itemID: 'c', contentIndex: 0, samples: 0 },
  ]);
  assert.deepEqual(queue.clear(), []);
  assert.ok(read(queue, 3).every((sample) => sample === 0));
  queue.add(piece('b', 2_560));
  assert.ok(read(queue, 20).every((sample) => sample === 0.5));
  assert.deepEqual(queue.heard, { itemID: 'b', contentIndex: 0, samples: 2_560 });
});

test('beyond a quarter of an hour there is no room', () => {
  const queue = new PlaybackQueue();
  const minute = piece('a', 60 * OUTPUT_HZ);
  const taken = Array.from({ length: 20 }, () => queue.add(minute));
  assert.deepEqual(taken, Array.from({ length: 20 }, (_, index) => index < 15));
});

test('sound is asked for in the gesture itself, before anything is loaded', () => {
  const done = [];
  const kept = globalThis.AudioContext;
  globalThis.AudioContext = class {
    state = 'suspended';
    audioWorklet = { addModule: () => (done.push('load'), new Promise(() => {})) };
    resume = async () => void done.push('resume');
  };
  new Player(() => {}).open();
  globalThis.AudioContext = kept;
  assert.deepEqual(done, ['resume', 'load']);
});
