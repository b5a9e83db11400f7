import { alignedTable } from "../markdown.js";

/** How often choices were right; shares of 1. */
export interface Figures {
  /** Of intents and of prompts where nothing fits. */
  readonly template: number;
  readonly full: number;
  /** Of intents that determine a parameter: all of those right. */
  readonly determined: number;
  /** With the first three choices an intent counted; null where choices have no order. */
  readonly template_top3: number | null;
  readonly full_top3: number | null;
  readonly units: number;
  readonly units_determined: number;
  /** Right in full, of how many, by kind of prompt. */
  readonly by_kind: Readonly<Record<string, readonly [right: number, of: number]>>;
  readonly ms_per_prompt: number;
  /** Prompts on which the model was late or failed. */
  readonly warned: number;
}

/** One half of the prompts, as it was measured. */
export interface HalfRecord {
  readonly date: string;
  readonly prompts: number;
  /** Their data were not there. */
  readonly left_out: number;
  readonly figures: Readonly<Record<string, Figures>>;
  /** The selector alone, by the prompts' part, where they have one. */
  readonly parts?: Readonly<Record<string, Figures>>;
}

/** One time that figures of prompts which nobody reads were looked at. */
export interface Look {
  readonly date: string;
  /** Which prompts, and which selector. */
  readonly what: string;
  readonly template: number;
  readonly full: number;
}

/** Shares right of a part of the building half, by the selector as learnt from all others. */
export interface LeftOut {
  readonly template: number;
  readonly full: number;
}

/** What `npm run prompts` measured. */
export interface PromptsRecord {
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  /** Every look at the judging half and at the building half's part that is held out, first to last. */
  readonly looks?: readonly Look[];
  /** By part: what `bench/prompts/fit.ts --cross` measured. */
  readonly left_out_parts?: Readonly<Record<string, LeftOut>>;
  readonly building?: HalfRecord;
  readonly judging?: HalfRecord;
}

const CHOOSERS: readonly (readonly [key: string, text: string])[] = [
  ["grid", "every template over its grid (what is covered, in any order)"],
  ["selector", "selector alone"],
  ["model", "SmolLM2-135M alone"],
  ["both", "selector and SmolLM2-135M"],
];
const KINDS: readonly string[] = ["vague", "precise", "misspelt", "numbers", "two", "none"];

/** docs/PROMPTS.md of a record. */
export function promptsPage(record: PromptsRecord): string {
  return `# How well prompts are understood

What \`leadline run\` makes of a prompt, against what the prompt's writer meant. The prompts are in \`bench/prompts\`, where the README tells
how they were written and split: by people who had seen neither the selector nor its tests. The selector was improved on the
building half. The judging half was run when that was done first, and again each time after the selector had been improved on prompts
that were added to the building half. So its figures below are those of a selector that was changed because earlier ones had been poor;
whoever changed it did not read these prompts, and nothing of them was ever listed but totals. What is
wanted is 85 % by template and 75 % in full. [Every look](#every-look) is listed. This page is made by
\`npm run prompts -- --write-docs\` from the record \`bench/record/prompts.json\`.

## What is counted

- _Template_: the first choice of an intent is a template that its writer accepts. Of a prompt with two intents the first two choices count, and
  each may meet one. A prompt that nothing in the library fits is right where nothing is chosen.
- _In full_: besides, every parameter that the prompt determines is one of those that its writer accepts. What a prompt leaves open
  is right whatever it is.
- _Determined_: the same, of the intents alone that determine a parameter whichever template is taken. The hardest of the three.
- _Within three_: the same as the first two, with the first three choices an intent.

${half("Judging half", record.judging)}
${half("Building half", record.building)}
${parts(record.building)}
${leftOut(record)}
${looks(record.looks ?? [])}
## What the figures do not say

- The building half was read, failure by failure, while the selector was improved, all but the part that is held out. So its figures say how
  well the selector does on what it was made for; how well it does on words that it has not met, that part and the judging half say.
- A line that is missing was not measured: ${missing(record)}.
- One writer wrote the prompts of the judging half and the building half's first part, so they share a manner; five others wrote the rest, and what was right of
  theirs before anybody had read it ran from 46 to 67 % in full: writers differ more than versions of the selector do.
- So the judging half says how prompts are understood whose manner is known. Of prompts by people whose manner is not, \`held-out-2\`, fewer are right;
  these are the figures to expect elsewhere. One prompt of the judging half, of two words, also stands among those that the selector's author wrote, two
  others share half of their words with one of those, and none shares so many with one of the building half.
- The judging half has about sixty intents, so a figure is good to about ± 5 points (one standard error at 85 %); of what is held out one part has 33: ± 8,
  the other 156: ± 4.
- Some prompts ask for a column that the study does not name, such as the plan that is bought. The selector is not told of such columns, and
  cannot choose them.
- The thesaurus was written by someone who knew the events' names of these seven data sets, though not what is asked of them here. Services of other
  trades have more words that it lacks.
- The grid is no chooser: it tests everything that it covers, at the price of many hypotheses, and cannot find a number of
  the prompt's that it does not hold itself.
`;
}

function parts(building: HalfRecord | undefined): string {
  const of = Object.entries(building?.parts ?? {});
  if (of.length === 0) return "";
  const rows = of.map(([part, { units, template, full, determined }]) => [
    part,
    String(units),
    ...[template, full, determined].map(percent),
  ]);
  return `### By part

The selector alone. Of the building half the part \`first\` was written with the judging half; \`second\` and \`held-out\` by someone else, later, as one
pool; \`third\`, \`fourth\` and \`held-out-2\` by four others, later still (the README tells how they were parted). Whoever made the selector as it stands
did not read the prompts that are held out: only their totals were looked at.

${alignedTable(["part", "intents", "template", "in full", "determined"], rows)}
`;
}

function leftOut({ left_out_parts: of }: PromptsRecord): string {
  if (of === undefined) return "";
  const rows = Object.entries(of).map(([part, { template, full }]) => [part, percent(template), percent(full)]);
  return `### What is learnt, with a part left out

The selector weighs what its phrases say with a log-linear model of the ways in which templates are asked for, learnt from the prompts that are not
held out and from those of the selector's author (\`bench/prompts/fit.ts\`). Here it was learnt anew for each part, without it. The phrases stayed as they
are, and they were written by someone who had read these parts: so this says only what the learnt weights owe to a part, and is no forecast.

${alignedTable(["part", "template", "in full"], rows)}
`;
}

function looks(of: readonly Look[]): string {
  if (of.length === 0) return "";
  const rows = of.map(({ date, what, template, full }) => [date, what, percent(template), percent(full)]);
  return `## Every look

At totals of prompts that nobody reads, or that nobody had read yet, of the selector alone. Besides, the selector's author wrote prompts for himself while improving it, and measured
each lot before reading its failures: 84 and 71 % (template, in full) of the first of nine, 92 and 87 % of the last; of a tenth and an eleventh in other manners
83 and 72 % before they were used, and 91 and 78 %. They share the author's manner, and count for nothing here.

${alignedTable(["when (UTC)", "what", "template", "in full"], rows)}
`;
}

function missing({ judging, building }: PromptsRecord): string {
  const not = (record: HalfRecord | undefined): string =>
    CHOOSERS.filter(([key]) => record?.figures[key] === undefined)
      .map(([, text]) => text)
      .join(", ") || "nothing";
  return `of the judging half ${not(judging)}; of the building half ${not(building)}`;
}

function half(title: string, record: HalfRecord | undefined): string {
  if (record === undefined) return `## ${title}\n\nNot measured.\n`;
  const { prompts, left_out: leftOut, figures } = record;
  const measured = CHOOSERS.filter(([key]) => figures[key] !== undefined);
  const [first] = Object.values(figures);
  const rows = measured.flatMap(([key, text]) => {
    const of = figures[key];
    if (of === undefined) return [];
    return [[text, ...[of.template, of.full, of.determined, of.template_top3, of.full_top3].map(percent)]];
  });
  const kinds = measured.flatMap(([key, text]) => {
    const byKind = figures[key]?.by_kind ?? {};
    return [[text, ...KINDS.map((kind) => (byKind[kind] ?? [0, 0]).join(" of "))]];
  });
  const without = leftOut === 0 ? "" : ` ${leftOut} more were left out, as their data were not there.`;
  return `## ${title}

${prompts} prompts, ${first?.units} intents (prompts that nothing fits are counted as one), ${first?.units_determined} of them with a determined parameter.${without}

${alignedTable(["chosen by", "template", "in full", "determined", "template, within three", "in full, within three"], rows)}

Right in full, by kind of prompt:

${alignedTable(["chosen by", ...KINDS], kinds)}
`;
}

function percent(share: number | null): string {
  return share === null ? "" : `${(100 * share).toFixed(1)} %`;
}
