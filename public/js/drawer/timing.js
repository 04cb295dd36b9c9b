// How long each response took to its first audio, or its first text where there is no audio. Pure.

const starts = new Set(['input_audio_buffer.speech_stopped', 'input_audio_buffer.committed']);
const firsts = new Set([
  'response.output_audio.delta',
  'output_audio_buffer.started',
  'response.output_text.delta',
]);

/**
 * The waits of the responses among `entries`, in order: `{id, milliseconds, isAudio}`. A wait
 * begins with the end of speech or the request, whichever came last before the response.
 */
export function responseTimes(entries) {
  const waits = new Map();
  let askedAt = null;
  for (const { isSent, event, at } of entries) {
    const isAsked = isSent ? event.type === 'response.create' : starts.has(event.type);
    if (isAsked) askedAt = at;
    else if (event.type === 'response.created') {
      waits.set(event.response.id, { startedAt: askedAt ?? at });
      askedAt = null;
    } else if (firsts.has(event.type)) arrive(waits.get(event.response_id), event, at);
  }
  return [...waits]
    .filter(([, { endedAt }]) => endedAt !== undefined)
    .map(([id, { startedAt, endedAt, isAudio }]) => ({
      id,
      milliseconds: endedAt - startedAt,
      isAudio,
    }));
}

/** Audio is what people wait for, so it takes the place of text that came before. */
function arrive(wait, { type }, at) {
  if (!wait) return;
  const isAudio = type.includes('audio');
  if (wait.endedAt !== undefined && (wait.isAudio || !isAudio)) return;
  wait.endedAt = at;
  wait.isAudio = isAudio;
}

/** What upstream said last of its limits; empty before it did. */
export function rateLimits(entries) {
  const last = entries.findLast(({ isSent, event }) => !isSent && Array.isArray(event.rate_limits));
  return last?.event.rate_limits ?? [];
}
