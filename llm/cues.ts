/** What a prompt says where it means a template. */
export interface TemplateCues {
  readonly template: string;
  /** Phrases and how surely they mean the template, 0 to 1; of the prompt in lower case, number words as digits. */
  readonly phrases: readonly (readonly [RegExp, number])[];
}

/**
 * Cue words by template, for the selector that needs no model. A template without a row here is still chosen where its
 * description fits the prompt.
 */
export const cues: readonly TemplateCues[] = [
  {
    template: "event-pattern",
    phrases: [
      [
        /\b(patterns?|sequences?|in a row|paths?|journeys?|order of (events|steps)|series of|chains?|combinations?)\b/,
        0.7,
      ],
      [/\b(followed by|then|right after|straight after|leads? (up )?to|precedes?|led to)\b/, 0.5],
      [/\b(after|following) (an? |the )?(?!\d)\w+/, 0.35],
      [/\b(errors?|exceptions?|crash(es)?|failures?)\b/, 0.3],
    ],
  },
  {
    template: "user-lifecycle",
    phrases: [
      [/\b\d+th (or|and) (later|following|subsequent|further)\b/, 0.95],
      [/\b\d+th (ever )?(sessions?|visits?)\b/, 0.9],
      [/\b1th \d+ (sessions?|visits?)\b/, 0.9],
      [/\b(after|beyond|past) (the|their) (1th )?\d+(th)? (sessions?|visits?)\b/, 0.9],
      [
        /\b(new|1th[ -]time|newcomers?|freshly|recently) ?(users?|customers?|people|players|visitors|registered|signed|joined)?\b/,
        0.75,
      ],
      [/\b(newbies|newcomers|novices|beginners)\b/, 0.85],
      [
        /\b(long[ -]?(term|time|standing)|loyal|experienced|established|veteran|old|existing|regular) (users?|customers?|players|subscribers|people)\b/,
        0.85,
      ],
      [/\b(return(s|ing|ed)?|came back|com(e|es|ing) back|back) after\b/, 0.85],
      [/\b(returning|lapsed|dormant|inactiv\w+|not been (here|back|seen)|haven't been)\b/, 0.8],
      [/\bafter (a|an|some|\d+ \w+ (of )?)? ?(long )?(pause|break|absence|inactivity|away)\b/, 0.85],
    ],
  },
  {
    template: "time-of-session",
    phrases: [
      [/\b(late at night|at night|nights?|nighttime|after midnight|overnight|small hours)\b/, 0.95],
      [/\b(mornings?|afternoons?|evenings?|weekends?|weekdays?|(working|business) (days?|hours))\b/, 0.95],
      [/\b(mon|tues|wednes|thurs|fri|satur|sun)days?\b/, 0.9],
      [/\b(time of (the )?day|hours? of (the )?day|day of (the )?week)\b/, 0.95],
      [/\bat \d{1,2} ?(am|pm|o'?clock)\b/, 0.9],
      [/\b(between|from) \d{1,2}(:00)? ?(am|pm)? (and|to|till|until) \d{1,2}(:00)? ?(am|pm|o'?clock)/, 0.9],
    ],
  },
  {
    template: "attribute-predicate",
    phrases: [
      [
        /\b(segments?|cohorts?|which (group|kind|type)s?|broken down by|break ?down|by (os|country|device|browser|platform|version|plan))\b/,
        0.6,
      ],
      [/\b(only )?(on|with|in|using|running) (the )?(version|device|browser|platform|country|region|plan)\b/, 0.6],
    ],
  },
  {
    template: "session-shape",
    phrases: [
      [/\b(long|short|lengthy|longer|endless|brief) (sessions?|visits?)\b/, 0.9],
      [/\b(sessions?|visits?) (that )?(lasts?|lasting|longer|are long|take|of more than|over|running)\b/, 0.9],
      [/\b(duration|length) of (the |a )?(sessions?|visits?)\b|\bsession (duration|length)\b/, 0.9],
      [/\b(many|lots of|hundreds of|more than \d+|over \d+|too many|number of) (events|actions|clicks|steps)\b/, 0.85],
      [
        /\b(idle|idling|long (gap|pause|silence|break)s? (in|within|during)?|went quiet|do nothing|inactive (in|within|during)|stops? for|pauses? for)\b/,
        0.7,
      ],
      [/\b(time to|takes? [\w .]*to (reach|get to)|slow to reach|late to reach|time until|reach\w* late)\b/, 0.9],
    ],
  },
  {
    template: "repetition",
    phrases: [
      [/\b(\d+\+?|many|several|multiple|too many|a few) (or more )?(\w+ )?times\b/, 0.75],
      [/\b(repeat\w*|over and over|again and again|rage|hammer\w*|spam\w*|keeps? (on )?\w+ing|bursts?|loops?)\b/, 0.8],
      [
        /\b(more than|at least|over) \d+ (?!times|sessions?|visits?|events|attempts|tries|retries|seconds?|minutes?|hours?|days?|weeks?|months?)[a-z]\w+.* (in|within) \d/,
        0.7,
      ],
      [/\btimes (in|within) (\d|the|each|one)/, 0.7],
      [/\bwithin \d+ ?(s|sec|seconds?|m|min|minutes?|hours?)\b/, 0.2],
    ],
  },
  {
    template: "retries",
    phrases: [
      [/\b(retr(y|ies|ied|ying)|re-?attempts?|re-?tr(y|ies))\b/, 0.9],
      [/\b(attempts?|tries|tried|try|trying|goes)\b.*\b(before|until|to succeed|succeed\w*|success\w*)\b/, 0.85],
      [/\b(attempts?|tries)\b/, 0.5],
      [/\btimes before\b/, 0.9],
    ],
  },
  {
    template: "time-in-state",
    phrases: [
      [/\b(stuck|waiting|wait(s|ed)?|spen[dt]s?|total time|time spent|in total|altogether|cumulative|adds? up)\b/, 0.7],
      [/\b(in|of) (the )?\w+ing (state|for|longer|more)\b/, 0.6],
      [/\b(\w+ing) (for )?(more|longer) than \d+/, 0.55],
    ],
  },
  {
    template: "elapsed",
    phrases: [
      [/\b(slow|slower|slowly|latency|lag(s|ging)?|delay(s|ed)?|sluggish)\b/, 0.65],
      [/\b(takes?|took|taking) (too long|ages|forever|long|longer|more than|over)\b/, 0.75],
      [/\b(time|gap|delay|wait|latency|duration) (between|from)\b/, 0.9],
      [/\b(longer|more) than \d[\w .]* (between|from|to get|before|after|until)\b/, 0.75],
      [/\b(longer|slower) than \d+(\.\d+)? ?(ms|milliseconds?|s|sec|seconds?|m|min|minutes?)\b/, 0.4],
    ],
  },
  {
    template: "absence",
    phrases: [
      [
        /\b(not|never|isn't|aren't|without|doesn't|don't|no|nothing)\b.*\b(follow\w*|after\w*|happen\w*|complet\w*|come\w*|arriv\w*|reach\w*|finish\w*|get|gets)\b/,
        0.8,
      ],
      [
        /\b(without|missing|lacks?|lacking|abandon\w*|drop(ped|s)? (off|out)|give up|gave up|fails? to|failed to|skips?|skipped|skipping)\b/,
        0.75,
      ],
      [/\b(never|no|don't|doesn't|didn't|not)\b/, 0.4],
    ],
  },
  {
    template: "until",
    phrases: [
      [/\b(until|till|up to the|up until)\b/, 0.7],
      [/\bnothing (else|but)\b/, 0.7],
      [/\bkeeps? (on )?\w+ing\b/, 0.4],
    ],
  },
  {
    template: "change",
    phrases: [
      [
        /\b(chang(e|es|ed|ing)|switch(es|ed|ing)?|differ(s|ent)? (from|than)|another|different|migrat\w+|moved? (to|from))\b/,
        0.75,
      ],
      [
        /\b(since (the |last |previous )?(last|previous) (session|visit|time)|than (last|previous|the (last|previous)) (session|visit|time)?)\b/,
        0.8,
      ],
      [/\b(upgrad\w+|updat(e|ed|ing)|downgrad\w+|new (version|device|phone|browser|app version))\b/, 0.75],
    ],
  },
  {
    template: "external-context",
    phrases: [
      [
        /\b(backend|back-end|server|infrastructure|data ?cent(er|re)|cpu|memory pressure|outages?|incidents?|weather)\b/,
        0.8,
      ],
    ],
  },
  {
    template: "top-values",
    phrases: [
      [
        /\b(top \d*|most (common|frequent|popular)|which (values?|codes?|items?|products?|titles?|pages?|kinds? of))\b/,
        0.8,
      ],
      [/\b(particular|specific|certain) (values?|codes?|items?|products?|titles?|pages?)\b/, 0.7],
    ],
  },
  {
    template: "load",
    phrases: [
      [
        /\b(busy|busiest|peak|rush|high (load|traffic)|under load|overload\w*|traffic|congest\w*|load|crowd\w*)\b/,
        0.85,
      ],
      [
        /\b(others?|other (users?|sessions?|people)|everyone)\b.*\b(fail\w*|too|as well|same time|at once|also)\b/,
        0.85,
      ],
      [
        /\b(many|lots of) (other )?(users?|sessions?|people)\b.*\b(same time|at once|concurrent\w*|simultaneous\w*)/,
        0.9,
      ],
      [/\b(concurrent|simultaneous)\w*\b/, 0.7],
    ],
  },
];
