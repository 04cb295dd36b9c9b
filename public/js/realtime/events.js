// The client events this page sends, and the names that they carry.

const ID_CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const ID_LENGTH = 21;

/** A new id in upstream's form, for example `item_` and 21 random letters and digits. */
export function makeID(prefix) {
  const bytes = crypto.getRandomValues(new Uint8Array(ID_LENGTH));
  return prefix + Array.from(bytes, (byte) => ID_CHARACTERS[byte % ID_CHARACTERS.length]).join('');
}

/** The event with an id of its own, by which an error can name it. */
export function withEventID(event) {
  return { event_id: makeID('event_'), ...event };
}

/** Adds what the user typed. The item's id is ours, so that it shows before upstream has it. */
export function userMessage(text) {
  return withEventID({
    type: 'conversation.item.create',
    item: {
      id: makeID('item_'),
      type: 'message',
      role: 'user',
      content: [{ type: 'input_text', text }],
    },
  });
}

/** Answers the model's call of a function. */
export function functionOutput(callID, output) {
  return withEventID({
    type: 'conversation.item.create',
    item: { id: makeID('item_'), type: 'function_call_output', call_id: callID, output },
  });
}

export const responseRequest = () => withEventID({ type: 'response.create' });

export const responseCancellation = () => withEventID({ type: 'response.cancel' });

/**
 * The socket's address: that of the calls URL of a minted session, without `/calls`.
 *
 * @throws {TypeError} for an address that is none.
 */
export function socketAddress(callsURL, model) {
  const url = new URL(callsURL);
  url.protocol = url.protocol === 'http:' ? 'ws:' : 'wss:';
  url.pathname = url.pathname.replace(/\/calls\/?$/, '');
  url.searchParams.set('model', model);
  return url.href;
}
