const PER_PAGE = 100;

/** All facts that are kept about the user, the latest first: the broker keeps a few pages at most. */
export async function allFacts(api, options) {
  const facts = [];
  let page = { last_id: '', has_more: true };
  while (page.has_more) {
    page = await api.listFacts({ limit: PER_PAGE, after: page.last_id }, options);
    facts.push(...page.data);
  }
  return facts;
}
