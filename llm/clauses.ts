/** What asks for some work, or for a figure, instead of for what goes along with failing. */
const REQUESTS: readonly RegExp[] = [
  /^(please |pls |kindly |can you |could you |would you |will you |i need you to |we need to |go and )*(re-?start|re-?boot|send|draft|translate|re-?write|write|compose|generate|design|deploy|roll back|rollback|refund|e-?mail|mail|invite|remind|book|order|buy|hire|fire|schedule|delete|uninstall|install|rename|redesign|paint|print|forward|publish|post|tweet|announce|summari[sz]e|paraphrase|proof-?read|convert|export|import|merge|archive|back up|encrypt|grant|revoke|promote|approve|reject|escalate|notify|ping|page|call|thank|apologi[sz]e|order|pay|charge|increase|reduce|lower|raise|double|set|turn|switch|disable|enable|block|ban|unblock|reset|clean|create|build|make|implement|add|remove|fix|patch|update|upgrade|migrate|open|close|reopen|assign|prepare|plan|organi[sz]e|arrange|train|fine-?tune|retrain|tell (him|her|them|the)|ask (him|her|them|the)|reply to|respond to|answer) (a|an|the|all|every|everyone|everybody|each|it|him|her|them|us|me|my|our|your|their|this|that|these|those|\d|new|some|to|up|down|off|on|out|more|customers?|users?|people)\b/,
  /^(please|pls|kindly|can you|could you|would you) (?!(tell|show|find|look|check|see|explain|investigate|compare|list|analy[sz]e|dig|examine|test|verify|identify|help|figure|say|study)\b)/,
  /\b(forecast|predict|projection|extrapolate|will (there )?be|going to be) .*\b(next|tomorrow|coming|future|quarter|year|month|week|q[1-4]|season|christmas)\b/,
  /\b(next (week|month|quarter|year)'?s?|tomorrow'?s?) (revenue|sales|traffic|load|weather|numbers|budget|demand|headcount|costs?)\b/,
  /\b(what|which|who) (is|are|was|were|will) (the |our |your )?(weather|ceo|password|capital|meaning|roadmap|budget|licen[cs]e|deadline|colou?r|logo|salary|price of|cost of|owner|manager|author|contact)\b/,
  /\bwho (is|was|are) (on call|on-call|on duty|in charge of|responsible|the owner|owns|wrote|built|our)\b/,
  /\b(how much (money|revenue|profit|do we (earn|pay|spend)|did we|does it cost|will it cost|would it cost|is a)|how many (people|users|customers|employees|engineers|servers) (do we|are there|work|have we|did we))\b/,
  /^(draft|translate|re-?write|compose|summari[sz]e|paraphrase|proof-?read|invite) \w/,
  /^how many \w+( \w+)? (do|did|are|were|have|had|will|can) (we|there|you|they|i)\b/,
  /\bwhen (is|are|will|does) (the |our )?(next|new|sale|release|launch|maintenance|meeting|deadline|office|shop|store)\b/,
  /\b(i|we) (want|need|would like|'d like) (a|an|my|our|your|more|to (book|buy|order|hire|speak|talk|cancel)) /,
  /\b(slogan|poem|joke|haiku|press release|blog post|newsletter text|marketing copy|tagline|recipe|logo|cover letter|powerpoint|slide deck|slides)\b/,
];

const TELLS =
  /\b(then|but|after|afterwards|before|without|never|within|until|more than|at least|longer than|takes|again and again|twice|\d+ times)\b/;

/** Whether a prompt in lower case wants something else than hypotheses. */
export function isOtherRequest(text: string): boolean {
  const plain = text.trim().replace(/^(hi|hello|hey|ok|okay|so|well|and|also|now|then|just)[,!]? /, "");
  // who asks for something to be done tells of no two things of which one follows the other
  if (TELLS.test(plain) && !/^(please|pls|kindly|can you|could you|would you)\b/.test(plain)) return false;
  return REQUESTS.some((form) => form.test(plain));
}

/** Ways to cut a prompt in clauses: first where sentences end, then where one more thing may begin. */
export interface Cuts {
  readonly sentences: readonly string[];
  /** Of one sentence: in front of and behind each place. */
  readonly halves: (sentence: string) => readonly (readonly [string, string])[];
}

const SENTENCE_END = /(?<=[a-z0-9)"'%][.?!;])\s+|\s*[;\n]\s*|\s+(?:separately|secondly|2thly)[:,]?\s+|[?.!]\s*(?=$)/gi;
const ONE_MORE =
  /\s*,?\s+(?:and also|and|or|plus|as well as|also|besides|additionally|but also|&)\s*,?\s+|\s*,\s+|\s+[-–—]\s+|\s*:\s+|\s*\/\s*/gi;

/** Finds where a prompt may speak of another thing. */
export function cutsOf(prompt: string): Cuts {
  return { sentences: split(prompt, SENTENCE_END), halves };
}

function split(text: string, ends: RegExp): readonly string[] {
  return text
    .split(ends)
    .map((part) => part.trim())
    .filter((part) => /[\p{L}\p{N}]/u.test(part));
}

function halves(sentence: string): readonly (readonly [string, string])[] {
  return [...sentence.matchAll(ONE_MORE)].flatMap(({ index, 0: separator }): [string, string][] => {
    const left = sentence.slice(0, index).trim();
    const right = sentence.slice(index + separator.length).trim();
    return left === "" || right === "" ? [] : [[left, right]];
  });
}
