import type { Grammar, GrammarNode } from "../../llm/gbnf.js";

/** A random sentence of a grammar: what a model of random weights could answer. */
export function randomSentence(grammar: Grammar, random: () => number): string {
  const expand = (node: GrammarNode): string => {
    switch (node.kind) {
      case "text":
        return node.text;
      case "sequence":
        return node.parts.map(expand).join("");
      case "choice":
        return expand(node.options[Math.floor(random() * node.options.length)]!);
      case "optional":
        return random() < 0.5 ? expand(node.part) : "";
      case "rule":
        return expand(grammar.get(node.name)!);
    }
  };
  return expand(grammar.get("root")!);
}

/** Every sentence of a finite part of a grammar. */
export function allSentences(node: GrammarNode): readonly string[] {
  switch (node.kind) {
    case "text":
      return [node.text];
    case "sequence":
      return node.parts.map(allSentences).reduce((heads, tails) => heads.flatMap((a) => tails.map((b) => a + b)), [""]);
    case "choice":
      return node.options.flatMap(allSentences);
    case "optional":
      return ["", ...allSentences(node.part)];
    case "rule":
      throw new RangeError(`invalid part: rule ${node.name}`);
  }
}
