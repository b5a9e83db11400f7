/** What a prompt says where it means something; of text in lower case with number words as digits. */

const NOUN =
  "(sessions?|visits?|tickets?|jobs?|orders?|runs?|playbacks?|dialogues?|conversations?|calls?|cases?|trips?|chats?)";

/** What a cue points to. */
export type CueName =
  | "negation"
  | "hedge"
  | "before"
  | "until"
  | "onlyThat"
  | "often"
  | "attempts"
  | "adjacent"
  | "sequence"
  | "patterns"
  | "trouble"
  | "slow"
  | "takes"
  | "between"
  | "inState"
  | "total"
  | "duration"
  | "things"
  | "manyThings"
  | "gap"
  | "timeTo"
  | "pause"
  | "newcomer"
  | "veteran"
  | "clock"
  | "busy"
  | "manyOthers"
  | "others"
  | "failing"
  | "outage"
  | "change"
  | "thanBefore"
  | "which"
  | "eitherOr"
  | "factor"
  | "top"
  | "backend";

/** Words and phrases of a prompt by what they point to. */
export const cue: Readonly<Record<CueName, RegExp>> = {
  negation:
    /\b(no|not|never|without|nothing|cannot|\w+n't|fail(s|ed|ing)? to|unable to|missing|lack(s|ing)?|absent|skip(s|ped|ping)?|omit(s|ted)?|instead of|gives? up|gave up|refus\w+ to|forg[eo]ts? to|abandon\w*|nobody|none)\b/g,
  hedge:
    /\b(not only|no more than|not more than|nothing (else )?but|no longer|or not|no matter|not sure|don't know|no idea|not just|no wonder)\b/g,
  before: /\b(before|prior to|ahead of|until|till|in front of)\b/,
  until: /\b(until|till|up to the (moment|point)|up until)\b/,
  onlyThat:
    /\b(nothing (else )?but|nothing else|only|just|keeps?|kept|keep on|over and over|again and again|repeat\w*|continu\w+|nonstop|non-stop|same \w+)\b/,
  often:
    /\b(again and again|over and over|repeat\w*|several( times)?|multiple( times)?|many (\w+ )?times|numerous|a lot|lots of|too (many|often)|so many|countless|loops?|looping|keeps? (on )?\w+ing|kept (on )?\w+ing|bursts?|spam\w*|hammer\w*|rage|series of|in a row|1 after (the other|another)|frequent(ly)?|constantly|time and again|more than 1 times|a few times|flood\w*|storms? of|heaps of|loads of|tons of|bunch of)\b/,
  attempts:
    /\b(retr(y|ies|ied|ying)|re-?attempts?|re-?tr(y|ies)|attempts?|tries|tried|try|trying|goes at|has another go|takes? \d+ goes)\b/,
  adjacent:
    /\b(right|straight|immediately|directly|instantly|just|straightaway|at once|promptly|shortly|next) (after|afterwards|follow\w*|before|behind|on)\b|\b(immediately|instantly|at once|straight away|right away|back to back|next thing|very next|directly)\b/,
  sequence:
    /\b(then|followed by|follow(s|ing|ed)?|after(wards)?|once|leads? (up )?to|led to|precedes?|preceded by|before|next|comes after|goes to|on top of|sequence|chain|combination)\b/,
  patterns:
    /\b(patterns?|sequences?|paths?|journeys?|order of (events|steps)|series of|chains?|combinations?|what do (people|users|they|customers) do|what (leads|led) (up )?to|which (steps|actions|events|behaviou?rs?)|behaviou?rs?|goes? along with|associated with|correlat\w+|what happens (before|ahead|first|right before))\b/,
  trouble:
    /\b(why|how come|reasons?|causes?|caus(es|ing)|explain|explains?|problems?|trouble|fail(s|ed|ing|ure|ures)?|errors?|exceptions?|die(s|d)?|crash(es|ed)?|slow(er|ly)?|bad(ly)?|worse|complain\w*|complaints?|wrong|break(s|ing)?|broke(n)?|stuck|lost|los(e|es|ing)|drop(s|ped|ping)?|leav(e|es|ing)|left|struggl\w+|unhappy|angry|annoy\w+|frustrat\w+|issues?|odd|strange|weird|suffer\w*|quit|churn\w*|can't|cannot|unable|hurt(s|ing)?|harm\w*|confus\w+|mess\w*|give up|giving up|what is going on|what's going on|goes wrong|disappoint\w*|lately|flaky|unreliable|unstable|falling (over|apart)|hard time|go(es)? south|what makes|what separates|what distinguishes|regress\w*|degrad\w*|abort\w*|(is|are|feels?|looks?|seems?) off|acting up|not working|does(n't| not) work|what happened|suspicious|anomal\w+|unusual)\b/,
  slow: /\b(slow|slower|slowly|slowness|latency|lag(s|ging|gy)?|delays?|delayed|sluggish|takes? (too long|ages|forever|so long|long)|drags? on|long wait\w*)\b/,
  takes:
    /\b(takes?|took|taking|lasts?|lasted|needs?|needed|requires?|spends?|spent|wait(s|ed|ing)?( for)?|delay\w*|slow(er|ly)?|latency|lag\w*|longer|within|until|between|from|later than|apart|gap|pass(es|ed)?|go(es)? by|elaps\w+|time (between|from|to|until)|minutes? (after|before|between|from)|seconds? (after|before|between|from)|hours? (after|before|between|from)|days? (after|before|between|from))\b/,
  between: /\b(between|from .* (to|until|till)|time to|until|till|before|after|and|to)\b/,
  inState:
    /\b(stuck (in|at|on|with)?|spen[dt]s?|spending|in total|altogether|all in all|cumulative(ly)?|adds? up|added up|summed|sum of|total(s|led|ling)? (time|of)|total|overall|combined|accumulat\w+|waiting|waits?|waited|time (spent|in)|in (the )?\w+ing state|on hold|hang(s|ing)?|stay(s|ed|ing)? (in|at|on))\b/,
  total:
    /\b(in total|altogether|all in all|cumulative(ly)?|adds? up|added up|summed|total|combined|accumulat\w+|time spent|spen[dt]s?|spending)\b/,
  duration: new RegExp(
    `\\b(long|longer|short|shorter|lengthy|endless|brief|lasting|extended|marathon|\\d+[ -]?(minutes?|hours?|min|h|s|seconds?)) ${NOUN}\\b|\\b${NOUN} (that |which |who )*(lasts?|lasting|lasted|longer|are long|is long|took|takes?|taking|run|runs|running|go on|goes on|drag|drags|stay|of (more|at least|over|less)|over|beyond|above|exceed\\w*|longer than|stretch\\w*|open)\\b|\\b(duration|length) of (the |a |their )?${NOUN}\\b|\\b${NOUN} (duration|length|time)\\b|\\b(how long|dwell|stay(s|ed|ing)?|linger\\w*|hang(s|ing)? around|spen[dt](s|ing)?|drag(s|ged)? on|goes? on|went on|watch(es|ed|ing)?|browse[sd]?|browsing|on the (site|app)|in the app|in 1 sitting|lasts|lasted|lasting)\\b`,
  ),
  things:
    /\b(events?|actions?|clicks?|steps?|interactions?|turns?|operations?|log (lines|entries)|entries|records?|things|moves|messages?|lines)\b/,
  manyThings:
    /\b(many|lots of|hundreds of|too many|number of|loads of|a lot of|unusually many|huge number of|few|busy) (different )?(events|actions|clicks|steps|interactions|turns|operations|moves|log lines)\b|\b(crowded|eventful|busy|chatty) (sessions?|visits?|dialogues?|conversations?)\b/,
  gap: /\b(idle|idling|idled|gaps?|pauses?|silence|silent|quiet|inactiv\w+|(a|long|short|coffee) breaks?|do(es|ing)? nothing|nothing happen\w*|no activity|without (any )?(activity|doing anything|a click|touching)|unattended|stops? for|paus(es|ing) for|went away for|walk(s|ed)? away|not doing anything|stall(s|ed)?|dead time|lull|untouched)\b/,
  timeTo:
    /\b(time to|time until|slow to (reach|get to)|late to (reach|get to)|get(s|ting)? to|reach(es|ed|ing)?|before (they|the user|anyone|people|he|she) (reach|get|see|find)\w*|from (the )?(start|beginning|opening|arrival|first)( of)?( the| a| their)?( session| visit)?|into (the|a|their) (session|visit)|since (the )?(start|beginning)|first \w+ comes|1th \w+ comes|(comes|happens|arrives|appears|occurs|shows up) (later|late|after|more than|only after))\b/,
  pause:
    /\b(return(s|ed|ing)? after|come(s)? back|came back|coming back|comebacks?|back after|back from|lapsed|dormant|inactiv\w+|away|gone|absen(t|ce)|pause|break|(haven't|hasn't|have not|has not|hadn't|didn't|did not) \w+ (for|in|since|within)|haven't been|hasn't been|ago|not (been )?(here|back|seen|around|used|active|visited)|without (a )?(visit\w*|session|logging|using|coming|opening)|days? (off|ago|since)|weeks? (off|ago|since)|months? (off|ago|since)|since (their|the) (last|previous)|re-?activat\w+|holidays?|vacations?|hiatus|silen(t|ce)|last (seen|visit|session|here))\b/,
  newcomer:
    /\b(new (users?|customers?|people|players|visitors|subscribers|members|accounts?|registrations|sign-?ups?|faces|shoppers|viewers|clients|installs?)|brand-?new|newcomers?|new-comers?|newbies|novices|beginners|rookies|1th[ -]?time(rs?)?|1th (sessions?|visits?|tickets?|jobs?|orders?|contact|impression|days?|weeks?|month)|very 1th|first-ever|1th-ever|fresh(ly)? (users?|registered|signed|joined|sign-?ups)|just (joined|signed up|registered|installed)|recently (joined|signed|registered)|never been here before|onboarding|unfamiliar)\b/,
  veteran:
    /\b(long[ -]?(term|time|standing|serving)|loyal|experienced|established|veterans?|old[ -]?(hands?|timers?)|existing (users?|customers?)|regulars?|regular (users?|customers?|visitors)|old (users?|customers?|members)|returning (users?|customers?|visitors?|viewers?|shoppers?|buyers?|players?)|repeat (users?|customers?|visitors?|buyers?|shoppers?)|power users?|heavy users?|frequent (users?|visitors?|flyers?)|seasoned|later (sessions?|visits?|orders?)|been here before|(new|1th) (versus|vs\.?|or|and|against|compared (with|to)) (old|returning|existing|long))\b/,
  clock:
    /\b(time of (the )?day|hours? of (the )?day|day of (the )?week|days? of the week|which (hours?|days?|time)|what (hours?|days?|time)|certain (hours|times|days)|when (in|during) the (day|week)|at night|nights?|mornings?|evenings?|afternoons?|weekends?|weekdays?|daytime)\b/,
  busy: /\b(busy|busier|busiest|peaks?|peak (time|hours?|load)|rush|high (load|traffic|demand)|heavy (load|traffic|use)|under (heavy )?(load|pressure|stress)|overload\w*|congest\w*|load|crowd(s|ed)?|swamped|traffic (spikes?|jams?)|spikes? in|surges?|stampede|concurren\w+|simultaneous\w*|at capacity|rush hour|everyone (is|comes|turns|logs|shows))\b/,
  manyOthers:
    /\b(many|lots of|a lot of|so many|too many|\d+|several|loads of|tons of|plenty of|more|numerous|crowds? of|hundreds of|thousands of) (\w+ )?(users?|sessions?|people|visitors?|customers?|jobs?|visits?|requests?|tickets?|others?|runs?|orders?|players?|viewers?|shoppers?)\b.*\b(at (the )?same (time|moment|minute)|at once|same minute|1 minute|minute before|together|in parallel|start(s|ed|ing)?|arriv\w+|turn(s|ed)? up|show(s|ed)? up|c[oa]me in|log(s|ged)? (in|on)|online|begin\w*|began|submit\w*|pour\w*|just before|previous minute|shortly before)\b/,
  others:
    /\b(others?|other (users?|sessions?|people|jobs?|visits?|customers?|tickets?)|everyone|everybody|everything|neighbou?rs?|(the )?rest|around (it|them|the same time)|began (a )?(moment|minute|just)|started (a )?(moment|minute|just)|same time|just before|moment earlier|minute (before|earlier)|nearby)\b/,
  failing:
    /\b(fail\w*|errors?|crash\w*|broken|breaking|broke|outages?|down|struggl\w+|trouble|problems?|suffer\w*|go(ing|es)? wrong|hit|as well|too|affected|met)\b/,
  outage:
    /\b(outages?|incidents? (spreading|in progress|ongoing)|spreading|contagious|cascad\w+|failure rates?|system-?wide|site-?wide|widespread|everyone (is )?(fail|affected)\w*|wave of (failures|errors)|(large|big|high|growing) (part|share|percentage|fraction|proportion|number) of (the )?(other )?(visits|sessions|users|jobs|others|people|requests))\b/,
  change:
    /\b(chang(e|es|ed|ing)|switch(es|ed|ing)?|differ(s|ent|ently)? ?(from|than|to)?|another|a different|different|migrat\w+|mov(e|es|ed|ing) (to|from)|new (version|device|phone|browser|app|country|computer|laptop|machine|network|os)|no longer (on|the same)|not the same|isn't the same|swap(s|ped)?|upgrad\w+|updat(e|es|ed|ing)|downgrad\w+)\b/,
  thanBefore:
    /\b(than (last|the last|previous\w*|the previous|before|in the|on the|they|their|it|the time|what)|since (the |their )?(last|previous|earlier)|(last|previous) (time|session|visit|ticket|job|order|run|1)|the (time|visit|session|ticket|1) before|from (1|last) (session|visit|time)|between (2 )?(sessions|visits)|session to session|visit to visit|from before|as before|compared (to|with) (their |the )?(last|previous|before)|before that|used (last|before))\b/,
  which:
    /\b(which|what|by|per|for each|depend(s|ing)? on|broken down|break ?down|split by|segments?|cohorts?|across|certain|specific|particular|some|kinds? of|types? of|sorts? of|difference between|compare[sd]?|versus|vs\.?|only (on|in|for|with)|is it (the|a|our|because of|about))\b/,
  eitherOr:
    /\b(is|was|are|were|has) (it|this|that|they)\b.* or \b|\b(versus|vs\.?|compared (to|with)|better than|worse than|more than on|than on)\b/,
  factor:
    /\b(networks?|devices?|customers?|products?|regions?|countr(y|ies)|versions?|releases?|types?|kinds?|sorts?|teams?|groups?|browsers?|platforms?|channels?|sources?|campaigns?|systems?|models?|hardware|software|priorit(y|ies)|class(es)?|categor(y|ies)|segments?|cohorts?|audiences?|demographics?|algorithms?|settings?|configurations?|environments?|plans?|tiers?|markets?)\b|^(who|where)\b/,
  top: /\b(top[ -]?\d*|most (common|frequent|popular|often|used|seen)|commonest|usual|popular|best-?sell\w+|(which|what) (\w+ )?(values?|codes?|items?|products?|titles?|kinds?|types?|answers?|statuses|reasons?|categories|versions?)|(particular|specific|certain) (values?|codes?|items?|products?|titles?|kinds?|types?|answers?|statuses))\b/,
  backend:
    /\b(backend|back-end|servers?|infrastructure|data ?cent(er|re)s?|cpu|memory|disk|outages?|incidents?|weather|machines?)\b/,
};

/** What a person says of sessions as a whole. */
export const sessionNoun: RegExp = new RegExp(`\\b${NOUN}\\b`);
