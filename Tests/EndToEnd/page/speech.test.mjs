// Speech that waits for a connection.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SpeechBuffer } from '../../../public/js/broadcasts/speech-buffer.js';

const piece = (number) => Int16Array.of(...Array(2_400).fill(number));

test('the last ten seconds wait, and what is lost is counted', () => {
  const speech = new SpeechBuffer();
  for (let number = 0; number < 100; number += 1) speech.add(piece(number));
  assert.equal(speech.lostMs, 0);
  for (let number = 100; number < 125; number += 1) speech.add(piece(number));
  assert.equal(speech.lostMs, 2_500);
  const waiting = speech.take();
  assert.deepEqual([waiting.length, waiting[0][0], waiting.at(-1)[0]], [100, 25, 124]);
  assert.equal(speech.take().length, 0);
  speech.lose(24_000);
  assert.equal(speech.lostMs, 3_500);
});
