/** Names a class: the same for the same parameters, in whatever order. */
export function classKey(template: string, parameters: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(parameters).filter(([, value]) => value !== undefined);
  return JSON.stringify([template, given.sort(([a], [b]) => (a < b ? -1 : 1))]);
}
