import { byID, setText } from './dom.js';

const OPENAI_HOST = 'api.openai.com';

const texts = {
  simulator: () => ['Simulator', 'No OpenAI key is set: answers are simulated on this machine.'],
  openai: ({ base_url: url }) => {
    const { host } = new URL(url);
    return [host === OPENAI_HOST ? 'OpenAI' : 'OpenAI-compatible', `Sessions run at ${host}.`];
  },
};

/** Says which upstream the broker uses, from its `health`. */
export function renderUpstream({ upstream }) {
  const [name, text] = (texts[upstream.kind] ?? texts.openai)(upstream);
  show(upstream.kind, name, text);
}

export function renderUpstreamProblem(error) {
  show('problem', 'No broker', `${error.message}.`);
}

function show(kind, name, text) {
  byID('upstream').dataset.kind = kind;
  setText(byID('upstream-name'), name);
  setText(byID('upstream-text'), text);
}
