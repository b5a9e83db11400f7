/** Verbs of what people are asked to do, and that no event of a service is likely to be. */
const ORDERS =
  "re-?start|re-?boot|send|draft|translate|re-?write|write|compose|generate|design|deploy|re-?deploy|roll (?:back|out)|rollback|refund|reimburse|compensate|" +
  "e-?mail|mail|invite|remind|book|order|buy|hire|fire|recruit|schedule|reschedule|delete|uninstall|install|rename|re-?design|paint|print|forward|publish|post|" +
  "tweet|announce|summari[sz]e|paraphrase|proof-?read|convert|export|import|merge|archive|back ?up|encrypt|decrypt|grant|revoke|promote|approve|reject|escalate|" +
  "notify|ping|page|call|ring|phone|thank|apologi[sz]e|pay|charge|increase|reduce|decrease|lower|raise|double|halve|triple|set|turn|switch|disable|enable|block|" +
  "ban|unblock|unlock|lock|reset|clean|create|build|rebuild|make|implement|add(?! up)|remove|fix|patch|update|upgrade|downgrade|migrate|open|close|reopen|assign|" +
  "reassign|prepare|plan|organi[sz]e|arrange|train|fine-?tune|retrain|reply to|respond to|answer|compress|resize|crop|encode|transcode|provision|scale|spin up|" +
  "shut down|throttle|rotate|renew|extend|shorten|upload|download|pause|resume|stop|start|flush|purge|drop|truncate|refresh|reindex|replace|negotiate|host|draw|" +
  "sketch|sing|record|file|log|submit|credit|top up|fail over|whitelist|blacklist|sign|unsubscribe|subscribe|cancel|confirm|reserve|configure|set up|change|edit|" +
  "amend|adjust|tweak|tune|bump|mark|tag|label|swap|cut|ship|move|put|give|bring|take|hand|launch|allocate|document|estimate|invoice|teach|tell (?:him|her|them|the)|" +
  "ask (?:him|her|them|the)|kill|drain|mute|hide|localise|localize|transfer|wire|donate|sell|order|bake|cook|clone|fork|commit|push|pull|rebase|revert|silence|wake|recommend|suggest|advise|order me|lend|loan";
const POLITE =
  "(?:please |pls |kindly |can (?:you|we|someone|somebody) |could (?:you|we|someone|somebody) |would you |will you |i need you to |we need to |we (?:should|must|ought to|have to) |let'?s |someone |somebody |go and |just |now |also )*";
const OBJECT =
  "(?:an?|the|all|every|everyone|everybody|everything|each|both|it|him|her|them|us|me|my|our|your|their|his|this|that|these|those|\\d+|one|two|three|four|five|ten|twenty|new|some|any|another|to|more|customers?|users?|people)\\b";
const LOOKING =
  "(?:tell|show|find|look|check|see|explain|investigate|compare|list|analy[sz]e|dig|examine|test|verify|identify|help|figure|say|study|explore|search|count|measure|work out|put a|quantify|contrast|split|break)\\b";

/** What asks for some work, or for a figure, instead of for what goes along with failing. */
const REQUESTS: readonly RegExp[] = [
  new RegExp(`^${POLITE}(?:re-?)?(?:${ORDERS})(?: up| down| out| off| on| back| over)? ${OBJECT}`),
  // a thing with its number, and whom it is for
  new RegExp(`^${POLITE}(?:${ORDERS}) \\w+(?: \\w+)? (?:#|no\\.? ?|nr\\.? ?)?(?:\\d{2,}|(?=[a-z]*\\d)[a-z\\d]{4,})\\b`),
  new RegExp(`^(?:please|pls|kindly|can you|could you|would you) (?!${LOOKING})(?!(?:can|could|would) you ${LOOKING})`),
  /^(please |pls |kindly |can we |could we |we need to |i want to |i'd like to )?(have|get) (an?|the|my|our|all|this|that|these|those|it|every) .*\b\w+(ed|written|redone|done|sent|built|made|set up|bought|sold|paid|cut)\b/,
  /^(please )?(have|make|let|get) (the|our|my|your|an?) (\w+ ){1,2}\w+\b.*\b(from (now|tomorrow|today|monday|next \w+)( on)?|by (tomorrow|monday|tuesday|wednesday|thursday|friday|eod|the end)|asap|immediately please)\b/,
  /\b(forecast|predict|projection|extrapolate|will (there )?be|going to be) .*\b(next|tomorrow|coming|future|quarter|year|month|week|q[1-4]|season|christmas)\b/,
  /\b(what|how (much|many|high|low|big)|when|where|who) (\w+ )?will\b|^will (the|our|we|it|there|they|this|sales|revenue)\b/,
  /\b(a|an|the|our) (forecast|projection|quote|quotation|estimate|prognosis|roadmap|budget)\b.*\b(would be|please|lovely|nice|appreciated|needed|wanted|for)\b/,
  /\b(next (week|month|quarter|year)'?s?|tomorrow'?s?) (revenue|sales|traffic|load|weather|numbers|budget|demand|headcount|costs?)\b/,
  /\b(what|which|who)('s| is| are| was| were| will) (the |our |your )?(weather|ceo(?:'s)?|password|capital|meaning|roadmap|budget|licen[cs]e|deadline|colou?r|logo|salary|price of|cost of|owner|manager|author|contact|phone number|address|name of|population|version number|url|best way)\b/,
  /\bwho('s| is| was| are) (on call|on-call|on duty|in charge of|responsible|the owner|owns|wrote|built|our)\b/,
  /\b(how much (money|revenue|profit|do we (earn|pay|spend)|did we|does it cost|will it cost|would it cost|is a)|how many (people|users|customers|employees|engineers|servers) (do we|are there|work|have we|did we))\b/,
  /^(draft|translate|re-?write|compose|summari[sz]e|paraphrase|proof-?read|invite) \w/,
  /\bwhat (is|are) (our|your) |\bwhat (does|do|did|would|will) .* cost\b/,
  /^how many \w+( \w+)? (do|did|are|were|have|had|will|can) (we|there|you|they|i)\b/,
  /^how (do|can|could|should|would) (i|we|you) (?!(tell|explain|see|find|know|spot|detect)\b)/,
  /\bwhen (is|are|will|does) (the |our )?(next|new|sale|release|launch|maintenance|meeting|deadline|office|shop|store)\b/,
  /\b(i|we) (want|need|would like|'d like) (a|an|my|our|your|more|to (book|buy|order|hire|speak|talk|cancel)) (?!(list|breakdown|look|comparison|split|cohort|hypothesis|idea|explanation|pattern|view|sense)\b)/,
  /\bi('d| would) like to (?!(see|know|understand|find|look|check|compare|explore|learn|investigate|analy[sz]e|test|verify|get|have|dig|ask|split|hear)\b)/,
  /\bwho (owns|wrote|built|maintains|runs|manages|committed|reviewed|deployed|approved)\b/,
  /^(?:please |pls |kindly )?let (?!us\b|me\b|'s\b)\w+(?: \w+){0,2} know\b/,
  /^(?:please |pls |kindly )?(?:turn|roll|inform|teach|notify|rename|uninstall) (?!out\b)\w+ .*(?:\b(?:on|off|back|by default|please|to)\b|$)/,
  /\b(slogan|poem|joke|haiku|limerick|sonnet|press release|blog post|newsletter text|marketing copy|tagline|recipe|logo|cover letter|powerpoint|slide deck|slides)\b/,
];

const TELLS =
  /\b(then|why|whether|hypothes\w+|reasons?|causes?|clues?|leads|correlat\w+|matters?|affects?|worse|fail(s|ed|ing|ures?)?|struggle|suffer|but|after|afterwards|before|without|never|within|until|more than|at least|longer than|takes|again and again|twice|\d+ times)\b/;

/** Whether a prompt in lower case wants something else than hypotheses. */
export function isOtherRequest(text: string): boolean {
  const plain = text.trim().replace(/^(hi|hello|hey|ok|okay|so|well|and|also|now|then|just)[,!]? /, "");
  // who asks for something to be done tells of no two things of which one follows the other
  if (TELLS.test(plain) && !/^(please|pls|kindly|can you|could you|would you|have|get)\b/.test(plain)) return false;
  return REQUESTS.some((form) => form.test(plain));
}

/** Ways to cut a prompt in clauses: first where sentences end, then where one more thing may begin. */
export interface Cuts {
  readonly sentences: readonly string[];
  /** The prompt itself says that each of them is a thing of its own. */
  readonly isList: boolean;
  /** Of one sentence: in front of and behind each place. */
  readonly halves: (sentence: string) => readonly (readonly [string, string])[];
}

const SENTENCE_END =
  /(?<=[a-z0-9)"'%][.?!;])(?<!\b(?:i\.e|e\.g|vs|etc|approx|no|nr|p\.m|a\.m|resp)\.)\s+|\s*[;\n]\s*|\s+(?:separately|secondly|2thly)[:,]?\s+|[?.!]\s*(?=$)|\s*,?\s+(?:and|or|but)(?: also| then)?,?\s+(?=(?:do|does|did|is|are|was|were|has|have|can|how|what|which|who|where|when|why|whether|if|is it|because) )/gi;
const ONE_MORE =
  /\s*,?\s+(?:and also|and|or|plus|as well as|also|besides|additionally|but also|&)\s*,?\s+|\s*,\s+|\s+[-–—]\s+|\s*:\s+|\s*\/\s*/gi;
/** Tells how many things follow, and names none of them. */
const LEAD_IN =
  /^[^:.?!]{0,60}\b(two|2|three|3|a couple of|both|a few|several|a pair of)(?: \w+)? (things|questions|checks|asks|hypotheses|cohorts|ideas|issues|points|groups|segments|requests|matters|parts|items|queries|suspects|theories|hunches|angles|topics|comparisons|suspicions|hints)\b[^:.?!]{0,60}[:.]\s*/i;
/** Numbers, letters and words in front of the things of a list. */
const ITEM =
  /(?:^|[\s,;.:]+(?:and |or )?)(?:\((?:[a-c]|[1-3]|ii?)\)|(?:[a-c]|[1-3]|ii?)\)|[12]\.(?=\s))\s*|(?:^|[.;:?,]\s*)(?:and |then )?(?:one|the other(?: one)?|the second(?: one)?|the first(?: one)?|first(?:ly| of all| up)?|second(?:ly)?|number (?:one|two)|on the (?:one|other)(?: hand)?)\s*[:,–—-]\s+/gi;
/** Says that what follows has nothing to do with what came before. */
const BESIDES =
  /\s*[,;.–—-]?\s*(?:\band )?\b(?:independently(?: of (?:that|this))?|separately(?: from (?:that|this))?|on a (?:different|separate|side) note|unrelated(?:ly)?(?: to (?:that|this))?|(?:aside|apart) from (?:that|this)|as a second (?:question|thing|point)|(?:as )?another (?:thing|question|point|matter|issue)|next to (?:it|that|this)|for another|on another note|furthermore|moreover|alongside (?:it|that|this)|as a separate (?:thing|matter|question)|in addition(?: to (?:that|this))?|on top of (?:that|this)|while (?:we're|you're|i'm|we are|you are) at it|different (?:matter|question)|also (?:check|look|see|pls|please)|same for|plus|and besides)\b\s*[:,]?\s*/gi;

/** `Either …, or …`. */
const EITHER = /^(?:is it |was it |it is |it's )?either (.{8,}?),? or (?:else )?(.{8,})$/i;

/** Finds where a prompt may speak of another thing. */
export function cutsOf(prompt: string): Cuts {
  const said = prompt.replace(LEAD_IN, "");
  const [, one, other] = EITHER.exec(said) ?? [];
  if (one !== undefined && other !== undefined) return { sentences: [one, other], isList: true, halves };
  for (const [mark, least] of [
    [ITEM, 2],
    [BESIDES, 1],
  ] as const) {
    if ([...said.matchAll(mark)].length < least) continue;
    const parts = split(said, mark).filter((part) => part.includes(" "));
    if (parts.length > 1) return { sentences: parts, isList: true, halves };
  }
  const sentences = split(said, SENTENCE_END);
  const questions = prompt.match(/\?/g)?.length ?? 0;
  return { sentences, isList: sentences.length > 1 && questions === sentences.length, halves };
}

function split(text: string, ends: RegExp): readonly string[] {
  return text
    .split(ends)
    .map((part) => part.trim())
    .filter((part) => /[\p{L}\p{N}]/u.test(part));
}

/** `3 or more` and `an hour and a half` are one thing. */
const IS_ONE =
  /^,?\s*(?:or|and)\s+(?:more|less|fewer|above|over|up|upwards|beyond|later|so|longer|higher|a half|half|not|never|then|again)\b/i;

/** What asks on about what was just named. */
const ASKS_MORE = /^(?:how (?:long|much time)|what happens|slow|why)\b/i;

function halves(sentence: string): readonly (readonly [string, string])[] {
  return [...sentence.matchAll(ONE_MORE)].flatMap(({ index, 0: separator }): [string, string][] => {
    const left = sentence.slice(0, index).trim();
    const right = sentence.slice(index + separator.length).trim();
    const isOne = IS_ONE.test(sentence.slice(index)) || ASKS_MORE.test(right);
    return left === "" || right === "" || isOne ? [] : [[left, right]];
  });
}
