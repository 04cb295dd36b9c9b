const deleted = {
  code: 'agent_deleted', message: 'The agent was deleted. Try again to talk without it.',
};

/** What the last session was to be, besides the preferences: it outlives the page, as the session does. */
let lastWanted = {};

/** Starts sessions as they are wanted: anew, carried on, or once more. */
export class Starting {
  #live;
  #api;
  #preferences;

  constructor(live, api, preferences) {
    this.#live = live;
    this.#api = api;
    this.#preferences = preferences;
  }

  /** What was being talked about and with whom, if anything was. */
  get carriedOn() {
    const { session, conversation } = this.#live;
    if (session === null || conversation.order.length === 0) return {};
    return { conversation_id: session.conversation_id, agent_id: session.agent_id ?? undefined };
  }

  /** `wanted` goes before the preferences. */
  async start(wanted = {}) {
    lastWanted = wanted;
    const options = { ...this.#preferences.startOptions(wanted), ...wanted };
    await this.#live.start(options);
    const { problem } = this.#live;
    if (problem?.code === 'not_found' && options.agent_id) await this.#ask(options.agent_id, problem);
  }

  /** What did not come about, or was cut off. */
  again(options = {}) {
    return this.start({ ...lastWanted, ...this.carriedOn, ...options });
  }

  /** The agent may be what is not found. */
  async #ask(id, problem) {
    const isGone = await this.#api.getAgent(id).then(() => false, ({ status }) => status === 404);
    if (!isGone || this.#live.problem !== problem) return;
    if (this.#preferences.values.agent_id === id) this.#preferences.set('agent_id', '');
    lastWanted = { ...lastWanted, agent_id: undefined };
    this.#live.become({ problem: deleted });
  }
}
