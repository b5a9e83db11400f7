/** Ways of writing that mean the same, brought to one, so that what reads a prompt has to know one form of each. General English. */

/** Short forms of chats and tickets, and slips of words too short for a distance of spelling to tell. */
const SHORT: ReadonlyMap<string, string> = new Map(
  (
    "w/o:without w/:with b4:before thru:through til:until 'til:until untill:until tll:till u:you ur:your r:are ppl:people usr:user usrs:users cust:customer " +
    "custs:customers msg:message msgs:messages pwd:password pw:password pls:please plz:please wk:week wks:weeks yr:year yrs:years " +
    "mth:month mths:months acc:account acct:account sub:subscription subs:subscriptions approx:about info:information pic:picture pics:pictures " +
    "vid:video vids:videos cc:card req:request reqs:requests resp:response auth:login err:error errs:errors conn:connection " +
    "btn:button pg:page txn:payment tx:payment ad:ad vs:versus alot:a_lot inbetween:in_between teh:the hte:the th:the adn:and nad:and ans:and " +
    "nto:not hwo:who hte:the fo:of ot:to si:is ist:is its:its cna:can hsa:has hda:had hte:the wsa:was aer:are yuo:you tow:two whe:when " +
    "dont:don't doesnt:doesn't dosnt:doesn't dosent:doesn't doesent:doesn't didnt:didn't wont:won't cant:can't isnt:isn't wasnt:wasn't havent:haven't hasnt:hasn't hadnt:hadn't " +
    "werent:weren't arent:aren't wouldnt:wouldn't couldnt:couldn't strait:straight nvr:never evr:ever whit:with fro:for tiem:time tiems:times " +
    "submission:submit submissions:submits moar:more dayz:days rite:right haf:half minit:minute minits:minutes tims:times thn:then lik:like jobb:job valeu:value chek:check thnk:think pepole:people nite:night " +
    "thre:three rong:wrong wrng:wrong wron:wrong frist:first fisrt:first firts:first scond:second wich:which wiht:with onec:once twcie:twice oder:order oredr:order loged:logged " +
    "agin:again bfore:before befor:before aftr:after afer:after cant:can't dnt:don't wnt:want nevr:never evry:every evrey:every yse:yes yestreday:yesterday mins:minutes secs:seconds hrs:hours"
  )
    .split(" ")
    .map((pair): [string, string] => {
      const at = pair.lastIndexOf(":");
      return [pair.slice(0, at), pair.slice(at + 1).replaceAll("_", " ")];
    }),
);

/** A word that is English and a slip of another one: `visitors form Spain`. */
const FORM_FROM =
  /(?<!\b(?:the|an?|account|login|signup|sign-up|order|input|contact|registration|web|this|that|each|every|same|entry|in|of|any|or|and|their|our) )\bform (?=(?:the|their|our|an?|his|her|its|my)\b)/g;

const FORMS: readonly (readonly [RegExp, string])[] = [
  // comparisons, the inclusive and the strict kept apart
  [
    /\b(more|less|longer|fewer|later|rather|higher|lower) then (?=\d|once|twice|an?\b|one|two|three|four|five|six|seven|eight|nine|ten|half|twenty|thirty)/g,
    "$1 than ",
  ],
  [
    /\b(?:no|not|never) (?:less|fewer) than\b|\b(?:a )?minimum of\b|\bas (?:many|often) as\b|\bfrom (?=\d+ times? (?:up|on))/g,
    "at least",
  ],
  [
    /\b(?:in excess of|north of|upwards? of|greater than|higher than|bigger than|larger than|exceeding|well over|past the)\b/g,
    "more than",
  ],
  [/\b(?:a maximum of|no later than|a max of|no greater than|no longer than|no higher than)\b/g, "at most"],
  [/(\d) ?(?:or|and) (?:above|up|over|upwards|beyond|greater|higher)\b/g, "$1 or more"],
  [/\bdouble[- ]digit (?:number of )?/g, "at least 10 "],
  [/\bhalf a dozen\b/g, "6"],
  [/\ba pair of\b/g, "2"],
  [/\b(?:a )?(?:good|full|solid|clear|whole|entire|mere|staggering) (?=\d|half an?\b|an? hour\b|minute|hour)/g, ""],
  [/\bthree[ -]quarters of an hour\b/g, "45 minutes"],
  [
    /\b(?:an?|one) (minute|hour|day|second|week|year) and a half\b|\bone and a half (minute|hour|day|second|week|year)s?\b/g,
    "1.5 $1$2s",
  ],
  [/\b(?:a )?quarter of a year\b/g, "91 days"],
  [
    /\bmoney (?:(?:has|have|is|was|been|never|ever|not|actually|finally) )*(?:arriv\w+|received|com\w+ in|lands?|landed|taken|paid|collected)\b/g,
    "payment complete",
  ],
  [/\b(?:half a|six) years?\b|\bhalf-?year\b/g, "180 days"],
  [/\ba quarter of a minute\b/g, "15 seconds"],
  [/\bfor (?:the )?lack of (?:\w+ )?\w+/g, ""],
  [/\bin-?between\b/g, "in between"],
  // nothing between two things says how they follow each other, and that nothing is missing
  [
    /,? ?\b(?:and |with |but )?(?:nothing|without anything|no(?:thing)? other \w+|no (?:step|event|action)s?)(?: else| at all)?(?: happening| coming| done| going on)? (?:in[ -]?between|between)(?: them| the two| the 2)?\b/g,
    " immediately",
  ],
  [/\b(?:hot )?on the heels of\b|\b(?:in|on|with) the very next (?:step|event|action) after\b/g, "immediately after"],
  [/\b(?:as soon as|the (?:very )?(?:moment|instant) (?:that |after )?(?=\w+ ))/g, "immediately after "],
  // as it is asked of a database
  [/\bhaving (?:a )?count(?: of)?\b|\bcount of\b(?! the)/g, "number of"],
  [/\bcount ?\(\*\)|\b(?:rows|records|log lines)\b/g, "number of events"],
  [/\bcount ?\(([^)]*)\)/g, "number of $1"],
  [/\b(?:and )?not exists\b|\bis null\b/g, "but never"],
  [/\b(?:select|group(?:ed)? by|where|from) (?:the |all )?(?:sessions?|session_id|visits?)\b/g, ""],
  // what does not happen
  [/\b(?:zero|nil) (?=[a-z])/g, "no "],
  [
    /\b(?:nothing|never|not) (?:goes |lands |ends up |gets |put |is put |ever )*in(?:to)? the (cart|basket|bag|trolley)\b/g,
    "never add $1",
  ],
  [
    /\b(?:something|things?|anything|what) (?:that )?(?:nobody|no one|no-one) (?:ever )?(?:expect(?:s|ed)?|foresaw)\b/g,
    "unexpected",
  ],
  [
    /\b(?:not|without) (?:one|a single|any|a) (?:other )?(?:click|event|step|thing|action|tap)s?(?: in)?(?:[ -]?between)?\b/g,
    "nothing else",
  ],
  [/\b(?:are|is|were|was|be) (?:finally |at last |eventually )?in(?=[ ]*(?:$|[,.;?!]))/g, "login success"],
  [
    /\b(?:no sign of|not a single|not even one|in the absence of|devoid of|with no|decid\w+ against|bypass(?:es|ed|ing)?|forgoing|leav(?:es|ing) out|dispens\w+ with|short of)\b/g,
    "without",
  ],
  [
    /\b(?:is|are|was|were|being) nowhere to be (?:seen|found)\b|\b(?:never|fail(?:s|ed)? to|doesn't|does not|didn't|did not|don't|won't) (?:materiali[sz]e\w*|shows? up|turns? up|comes? along|appears?|arrives?)\b(?! back| in| to)/g,
    "never happens",
  ],
  [/\b(?:ha(?:s|ve|d) )?(?:is |are )?yet to\b|\b(?:not bother(?:s|ed|ing)? (?:with|to)|neglect\w* to)\b/g, "never"],
  [
    /\b(?:nobody|no one|no-one) (?:ever |actually |even )?(?:bother(?:s|ed)? to |manage[sd]? to |care[sd]? to )?/g,
    "never ",
  ],
  [/\bneither\b/g, "not"],
  // idioms
  [/\bsa(?:ys|id|y|ying) no\b/g, "error"],
  [
    /\b(?:end|result)s? (?:up )?(?:with|in) (?:nothing|no results?|no hits?|no matches)\b|\b(?:turn|bring|come|find|return|yield)(?:s|ed|ing)? (?:up |back )?(?:with )?(?:nothing|empty|no hits?|no results?|no matches|zilch)\b/g,
    "no result",
  ],
  [/\b(?:make|makes|made|manage|manages|managed) it(?= *(?:$|[,.;?!]|in\b|through\b))|\bget(?:s)? there\b/g, "succeed"],
  [/\b(?:play|plays|played|playing) an? (?:\w+ )?(?:part|role)\b/g, "matter"],
  [
    /\b(?:can't|cannot|can not|couldn't) (?:make sense|tell|explain|see|work out|figure out|understand|say|make head)\b/g,
    "wonder",
  ],
  [/\b(seconds?|minutes?|hours?|days?|weeks?|time|s|min) (?:pass|passes|passed|go by|goes by|went by)\b/g, "$1 elapse"],
  // order
  [/\b(?:up to|right up to|until|till) the (?:very )?(?:point|moment|time) (?:when|where|that|at which)?/g, "until "],
  [/\b(?:by the time|on the way to|en route to|in the run-up to|in advance of|prior to|on their way to)\b/g, "before"],
  [/\b(?:subsequent to|in the wake of|off the back of)\b/g, "after"],
  [/\bshow(?:s|ed|ing)? up\b/g, "appears"],
  [/\b(?:some time |shortly |soon |a while )?thereafter\b|\b(?:some time|a while) later\b/g, "afterwards"],
  [/\b(?:go|goes|went|going|gets?) in(?:to)? (?=the (?:basket|cart|bag|trolley|list|wishlist|watchlist))/g, "add "],
  [/\bquite for (?=\d)/g, "quiet for "],
  [/\bflights? without (?:a |any )?(?:stop|stopover|change)s?\b/g, "direct flight"],
  [/\b(?:flights?|ones?) with (?:a |one |1 )?(?:stop|stopover|change)s?\b/g, "onestop flight"],
  // `one` that counts nothing
  [/\bthe (\w+) ones?\b(?! (?:time|second|minute|hour|day|week|month|year|or)\b)/g, "the $1"],
  [/\b(this|that|which|each|every|any|no|same|other|another|whichever|particular|wrong|right) ones?\b(?!-)/g, "$1"],
  [/\bthe ones?\b(?= (?:its?|they|he|she|that|which|who|from|in|of|we|used|before)\b)/g, "that"],
  [/\bone of (?=the|those|these|them|our|their|my|its)/g, "of "],
  [/\bone another\b|\beach other\b/g, "each other"],
  [/\bat one go\b|\bin one go\b/g, "at once"],
];

/** A prompt in lower case with the short forms of chats written out. */
export function spelledOut(text: string): string {
  return text
    .replaceAll(/[’‘]/g, "'")
    .replaceAll(
      /(?<![\p{L}\p{N}/'])(?:'?\p{L}[\p{L}']*\/?\p{L}*|b4)(?![\p{L}\p{N}'])/gu,
      (word) => SHORT.get(word) ?? word,
    );
}

/** People that come from somewhere, where `form` is a slip. */
const PEOPLE_FORM =
  /\b(users?|customers?|visitors?|people|viewers?|shoppers?|traffic|folks?|clients?|players?|buyers?|orders?|sessions?|visits?|come|comes|coming|switch\w*|move[ds]?) form (?=\p{L})/gu;

/** A prompt in lower case, spelling mended, with each of the known ways of writing brought to one. */
export function plainWording(text: string): string {
  return FORMS.reduce(
    (whole, [form, same]) => whole.replaceAll(form, same),
    text.replaceAll(FORM_FROM, "from ").replaceAll(PEOPLE_FORM, "$1 from "),
  );
}
