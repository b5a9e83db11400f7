/** A part of a grammar. */
export type GrammarNode =
  /** These characters, printable ASCII. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "sequence"; readonly parts: readonly GrammarNode[] }
  /** One of them; never empty. */
  | { readonly kind: "choice"; readonly options: readonly GrammarNode[] }
  | { readonly kind: "optional"; readonly part: GrammarNode }
  | { readonly kind: "rule"; readonly name: string };

/** Rules by name; `root` is what an answer is. */
export type Grammar = ReadonlyMap<string, GrammarNode>;

/** From so many texts on a flat choice slows every token down (some 18 ms a token at 100 names, 180 at 5000). */
const TRIE_FROM = 200;

/** A grammar in GBNF, the notation of llama.cpp. */
export function printGrammar(grammar: Grammar): string {
  return [...grammar].map(([name, node]) => `${name} ::= ${printNode(node)}\n`).join("");
}

/** One of some texts, factored by common beginnings where they are many. O(total length). */
export function choiceOfTexts(texts: readonly string[]): GrammarNode {
  const distinct = [...new Set(texts)];
  if (distinct.length === 0) throw new RangeError("invalid choice: of nothing");
  if (distinct.length === 1) return textNode(distinct[0] ?? "");
  if (distinct.length < TRIE_FROM) return { kind: "choice", options: distinct.map(textNode) };
  return factored(distinct.sort());
}

/** Exactly this text. */
export function textNode(text: string): GrammarNode {
  if (!/^[\x20-\x7e]*$/.test(text)) throw new RangeError(`invalid grammar text: ${JSON.stringify(text)}`);
  return { kind: "text", text };
}

/** A value as JSON in printable ASCII, so that no tokenizer can cut a character in two. */
export function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[^\x20-\x7e]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** A trie of sorted, distinct texts: groups by first character, each group's longest common beginning written once. */
function factored(texts: readonly string[]): GrammarNode {
  const options: GrammarNode[] = [];
  for (let start = 0; start < texts.length; ) {
    const first = texts[start] ?? "";
    let end = start + 1;
    while (end < texts.length && first !== "" && texts[end]?.[0] === first[0]) end++;
    const last = texts[end - 1] ?? "";
    let common = 0;
    while (common < first.length && first[common] === last[common]) common++;
    const rests = texts.slice(start, end).map((text) => text.slice(common));
    const head = textNode(first.slice(0, common));
    if (rests.length === 1) options.push(head);
    // sorted, so a text that is the beginning of the others comes first, and its rest is empty
    else if (rests[0] === "") {
      options.push({ kind: "sequence", parts: [head, { kind: "optional", part: factored(rests.slice(1)) }] });
    } else options.push({ kind: "sequence", parts: [head, factored(rests)] });
    start = end;
  }
  const [only] = options;
  return options.length === 1 && only !== undefined ? only : { kind: "choice", options };
}

function printNode(node: GrammarNode): string {
  switch (node.kind) {
    case "text":
      return `"${node.text.replaceAll(/["\\]/g, "\\$&")}"`;
    case "sequence":
      return node.parts.map(printNode).join(" ");
    case "choice":
      return `(${node.options.map(printNode).join(" | ")})`;
    case "optional":
      return `(${printNode(node.part)})?`;
    case "rule":
      return node.name;
  }
}
