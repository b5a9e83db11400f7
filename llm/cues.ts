/** What a prompt says where it means something; of text in lower case with number words as digits. */

const NOUN =
  "(sessions?|visits?|tickets?|jobs?|orders?|runs?|playbacks?|dialogues?|conversations?|calls?|cases?|trips?|chats?|streams?|viewings?|sittings?|stays?|tasks?|requests?)";

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
    /\b(nobody|no one|nowhere|nor|hardly ever|rarely|barely|stops? short of|no|not|never|without|nothing|cannot|\w+n't|fail(s|ed|ing)? to|unable to|missing|lack(s|ing)?|absent|skip(s|ped|ping)?|omit(s|ted)?|instead of|gives? up|gave up|refus\w+ to|forg[eo]ts? to|abandon\w*|nobody|none)\b/g,
  hedge:
    /\b(nothing else|nothing more|no sooner|why not|not the same|whether or not|not sure|no idea why|not only|no more than|not more than|nothing (else )?but|no longer|or not|no matter|not sure|don't know|no idea|not just|no wonder)\b/g,
  before: /\b(before|prior to|ahead of|until|till|in front of)\b/,
  until: /\b(until|till|up to the (moment|point)|up until)\b/,
  onlyThat:
    /\b(nothing (else|other|more)|on repeat|endless(ly)?|1 after (the other|another)|all the time|non stop|nothing (else )?but|nothing else|only|just|keeps?|kept|keep on|over and over|again and again|repeat\w*|continu\w+|nonstop|non-stop|same \w+)\b/,
  often:
    /\b(number of times|how many times|how often|umpteen|dozens of|time after time|on repeat|barrag\w+|flurr(y|ies)|strings? of|succession|mash\w*|pound\w*|plenty of|endless(ly)?|incessant\w*|recurr\w+|masses of|keeps? at it|in circles|round and round|all the time|over and over|a good few|excessive\w*|nonstop|non-stop|1 \w+ after (the other|another)|again and again|over and over|repeat\w*|several( times)?|multiple( times)?|many (\w+ )?times|numerous|a lot|lots of|too (many|often)|so many|countless|loops?|looping|keeps? (on )?\w+ing|kept (on )?\w+ing|bursts?|spam\w*|hammer\w*|rage|series of|in a row|1 after (the other|another)|frequent(ly)?|constantly|time and again|more than 1 times|a few times|flood\w*|storms? of|heaps of|loads of|tons of|bunch of)\b/,
  attempts:
    /\b(attempted|(another|a 2th|more|have a) (go|try|shot|stab)|shots? at|stabs? at|do-?overs?|goes? again|number of times|how many times|how many goes|retr(y|ies|ied|ying)|re-?attempts?|re-?tr(y|ies)|attempts?|tries|tried|try|trying|goes at|has another go|takes? \d+ goes)\b/,
  adjacent:
    /\b((straight|right|directly) (from|into|to)|without delay|back-?to-?back|no sooner|consecutive(ly)?|in direct succession|(the|very) next (event|step|thing|action|move|1)|(very )?1th (thing|step|event|action) after|next(?=\W*$)|(comes|is|and|then) next)|\b(right|straight|immediately|directly|instantly|just|straightaway|at once|promptly|shortly|next) (after|afterwards|follow\w*|before|behind|on)\b|\b(immediately|instantly|at once|straight away|right away|back to back|next thing|very next|directly)\b/,
  sequence:
    /\b(ends? (up )?(in|with)|results? in|gives? way to|turns? into|subsequently|later|in turn|on (the )?back of|triggered by|triggers?|causes?|brings? on|ensues?|when|upon|then|followed by|follow(s|ing|ed)?|after(wards)?|once|leads? (up )?to|led to|precedes?|preceded by|before|next|comes after|goes to|on top of|sequence|chain|combination)\b/,
  patterns:
    /\b(sequences? of events|chains? of events|what (do|did) they do|run-?up to|precedes?|route|click ?paths?|what comes (before|1th)|recipes?|ingredients?|patterns?|sequences?|paths?|journeys?|order of (events|steps)|series of|chains?|combinations?|what do (people|users|they|customers) do|what (leads|led) (up )?to|which (steps|actions|events|behaviou?rs?)|behaviou?rs?|goes? along with|associated with|correlat\w+|what happens (before|ahead|first|right before))\b/,
  trouble:
    /\b(rotten|kill(s|ing)? (our|the)|ruin\w*|wreck\w*|through the roof|sky-?rocket\w*|explod\w+|shot up|go(es|ing|ne)? up|up (again|by)|wonder\w*|complain\w*|rubbish|what drives|drives?|drivers?|root cause|diagnos\w+|hypothes[ei]s|theor(y|ies)|suspects?|ideas?|any idea|covariates?|predictors?|predict\w*|discriminat\w+|sets? (them|these|those|it) apart|tells? (them|these) apart|all over the (shop|place)|flap\w*|dither\w*|crept|creeping|abandonment|dragging|drag(s|ged)?|late|poor(er|ly)?|terrible|awful|rubbish|sucks?|hit by|affected|bleed\w*|leak\w*|wander\w* off|walk\w* away|giving up|give up|gave up|bail\w*|stall\w*|hiccups?|misbehav\w+|glitch\w*|puzzl\w+|mystery|what goes on|what is behind|what's behind|behind (it|this|that)|make a difference|makes the difference|differently|under ?perform\w*|worsen\w*|declin\w+|falling|plummet\w*|tank\w*|spik\w+|stops?|stopping|keeps? \w+ing|going wrong|gone wrong|interrupt\w*|freez\w+|lag\w*|fewer|less|low(er)?|high(er)?|why|how come|reasons?|causes?|caus(es|ing)|explain|explains?|problems?|trouble|fail(s|ed|ing|ure|ures)?|errors?|exceptions?|die(s|d)?|crash(es|ed)?|slow(er|ly)?|bad(ly)?|worse|complain\w*|complaints?|wrong|break(s|ing)?|broke(n)?|stuck|lost|los(e|es|ing)|drop(s|ped|ping)?|leav(e|es|ing)|left|struggl\w+|unhappy|angry|annoy\w+|frustrat\w+|issues?|odd|strange|weird|suffer\w*|quit|churn\w*|can't|cannot|unable|hurt(s|ing)?|harm\w*|confus\w+|mess\w*|give up|giving up|what is going on|what's going on|goes wrong|disappoint\w*|lately|flaky|unreliable|unstable|falling (over|apart)|hard time|go(es)? south|what makes|what separates|what distinguishes|regress\w*|degrad\w*|abort\w*|(is|are|feels?|looks?|seems?) off|acting up|not working|does(n't| not) work|what happened|suspicious|anomal\w+|unusual)\b/,
  slow: /\b(slow|slower|slowly|slowness|latency|lag(s|ging|gy)?|delays?|delayed|sluggish|takes? (too long|ages|forever|so long|long)|drags? on|long wait\w*)\b/,
  takes:
    /\b(only after|not until|passes|passed|elapse[sd]?|go(es)? by|went by|lies? between|late(r)?|in between|until|time it takes|how (long|soon|quick(ly)?|fast)|wait(ing)? (time )?(between|from)|time lag|takes?|took|taking|lasts?|lasted|needs?|needed|requires?|spends?|spent|wait(s|ed|ing)?( for)?|delay\w*|slow(er|ly)?|latency|lag\w*|longer|within|until|between|from|later than|apart|gap|pass(es|ed)?|go(es)? by|elaps\w+|time (between|from|to|until)|minutes? (after|before|between|from)|seconds? (after|before|between|from)|hours? (after|before|between|from)|days? (after|before|between|from))\b/,
  between:
    /\b(from|(time|delay|gap|lag|wait|interval|latency|stretch) (between|from)|how long|between|from .* (to|until|till)|time to|until|till|before|after|and|to)\b/,
  inState:
    /\b(all together|all the (time|waiting|while)|time (they|he|she|people|users|it) (are|is|spend\w*|wait\w*)|while (in|on|at)|remain(s|ed|ing)?|linger(s|ed|ing)?|parked|sit(s|ting)? in|sat in|stay(s|ed)? (open|closed|on|up|shown|visible)|lasts?|kept waiting|in all|put together|taken together|for a total|add up|sum up|summed|stuck (in|at|on|with)?|spen[dt]s?|spending|in total|altogether|all in all|cumulative(ly)?|adds? up|added up|summed|sum of|total(s|led|ling)? (time|of)|total|overall|combined|accumulat\w+|waiting|waits?|waited|time (spent|in)|in (the )?\w+ing state|on hold|hang(s|ing)?|stay(s|ed)|staying (in|at|on))\b/,
  total:
    /\b(all together|all the (time|waiting)|in all|put together|taken together|for a total|add up|sum up|overall|time in|in total|altogether|all in all|cumulative(ly)?|adds? up|added up|summed|total|combined|accumulat\w+|time spent|spen[dt]s?|spending)\b/,
  duration: new RegExp(
    `\\b${NOUN} (that |which |who )?(are |is |were |was )?(much |far |a lot )?(shorter|longer|briefer)\\b|\\b(long|longer|short|shorter|lengthy|endless|brief|lasting|extended|marathon|\\d+[ -]?(minutes?|hours?|min|h|s|seconds?)) ${NOUN}\\b|\\b${NOUN} (that |which |who )*(lasts?|lasting|lasted|longer|are long|is long|took|takes?|taking|run|runs|running|lives?|lived|exist(s|ed)?|surviv\\w+|sits?|sat|go on|goes on|drag|drags|stay|of (more|at least|over|less)|over|beyond|above|exceed\\w*|longer than|stretch\\w*|open)\\b|\\b(duration|length) of (the |a |their )?${NOUN}\\b|\\b${NOUN} (duration|length|time)\\b|\\b(how long|dwell|stay(s|ed|ing)?|linger\\w*|hang(s|ing)? around|spen[dt](s|ing)?|drag(s|ged|ging)? on|goes? on|went on|watch(es|ed|ing)?|browse[sd]?|browsing|on the (site|app)|in the app|in 1 sitting|lasts|lasted|lasting|whole life(time)?|lifetime|start to finish|from start to end|(sat|sits?|sitting|lives?|lived|stays?|stuck) with us)\\b`,
  ),
  things:
    /\b(events?|actions?|clicks?|steps?|interactions?|turns?(?! up)|operations?|log (lines|entries)|entries|records?|things|moves|messages?|lines)\b/,
  manyThings:
    /\b(many|lots of|hundreds of|too many|number of|loads of|a lot of|unusually many|huge number of|few|busy) (different )?(events|actions|clicks|steps|interactions|turns|operations|moves|log lines)\b|\b(crowded|eventful|busy|chatty) (sessions?|visits?|dialogues?|conversations?)\b/,
  gap: /\b(without (anything|something) (being |at all )?\w+(ing|ed|ne)|sit(s|ting)? (still|idle|there)|stood still|stands? still|goes quiet|went quiet|no sign of life|dead air|dead silence|radio silence|nothing (at all )?(is |was )?(happen\w*|going on|moves|moved|done)|leaves? it (open|alone)|hesitat\w+|dormant for|dither\w*|think(s|ing)? time|frozen for|without (a )?(single )?(click|tap|action|event|movement|input)|break in (the )?activity|inactive for|pause (of|longer|between)|unattended|motionless|no (click|tap|input|event|action|movement)s?|idle|idling|idled|gaps?|pauses?|silence|silent|quiet|inactiv\w+|(a|long|short|coffee) breaks?|do(es|ing)? nothing|nothing happen\w*|no activity|without (any )?(activity|doing anything|a click|touching)|unattended|stops? for|paus(es|ing) for|went away for|walk(s|ed)? away|not doing anything|stall(s|ed)?|dead time|lull|untouched)\b/,
  timeTo:
    /\b(only after (more than |over |at least )?\d+|\d+ ?(ms|s|sec|seconds?|m|min|minutes?|h|hours?|d|days?) (to|until|till|before) (the |a |an |their )?1th|1th (picture|frame|result|play|click|search|\w+ing) (comes|appears|takes)|from (the )?(session|visit)('s)? (start|beginning|opening)|from (the )?(start|beginning|outset)|before (anything|something|it|the 1th|they)|after (the )?(start|beginning|opening|arriv\w+|landing|launch)( of the (session|visit))?|until the 1th|into it|in getting to|to get to|to arrive at|since (arriv\w+|opening|landing)|time to|time until|slow to (reach|get to)|late to (reach|get to)|get(s|ting)? to|reach(es|ed|ing)?|before (they|the user|anyone|people|he|she) (reach|get|see|find)\w*|from (the )?(start|beginning|opening|arrival|first)( of)?( the| a| their)?( session| visit)?|into (the|a|their) (session|visit)|since (the )?(start|beginning)|first \w+ comes|1th \w+ comes|(comes|happens|arrives|appears|occurs|shows up) (later|late|after|more than|only after))\b/,
  pause:
    /\b((users?|customers?|clients?|visitors?|viewers?|players?|shoppers?|people) (that |who )?(are |is |were |was |been |have been )?(idle|inactive|silent|quiet|away|gone|off)|nothing (\w+ ){0,4}(from|of) (\w+ )?(people|users|customers|clients|visitors|viewers|shoppers|players|them|these|those|accounts?)\b.{0,30}\d+ (days?|weeks?|months?|years?)|(no|not a|never a|without an?y?|not (been )?(seen|heard)) (\w+ )?(visits?|sessions?|tickets?|jobs?|orders?|logins?|activity|viewings?|contacts?|sign of life|purchases?|playbacks?|streams?|runs?|use|them|of them) (\w+ ){0,5}(for|in|within|during|over) (at least |more than |over |about |the )?(last |past |previous )?\d+ (days?|weeks?|months?|years?)|(been )?(off|gone|silent|quiet|inactive|missing|offline) for|not (been )?(with us|online|there|around) for|after (being )?(away|off|gone|absent|a break|a gap|a pause|an absence|\d+ \w+ (away|off|of (silence|absence|inactivity)))|no (visit|session|login|contact|order|job|ticket|sign of life)s? (for|in|within|since)|resurfac\w+|re-?appear\w*|turn(s|ed)? up again|show(s|ed)? up again|churned|returners?|winback|win-back|long time no see|sabbatical|stay(s|ed)? away|kept away|wandered off|return(s|ed|ing)? after|come(s)? back|came back|coming back|comebacks?|back after|back from|lapsed|dormant|inactiv\w+|away|gone|absen(t|ce)|pause|break|(haven't|hasn't|have not|has not|hadn't|didn't|did not) \w+ (for|in|since|within)|haven't been|hasn't been|ago|not (been )?(here|back|seen|around|used|active|visited)|without (a )?(visit\w*|session|logging|using|coming|opening)|days? (off|ago|since)|weeks? (off|ago|since)|months? (off|ago|since)|since (their|the) (last|previous)|re-?activat\w+|holidays?|vacations?|hiatus|silen(t|ce)|last (seen|visit|session|here))\b/,
  newcomer:
    /\b((users?|customers?|clients?|visitors?|viewers?|players?|shoppers?|people|they|he|she) (is|are|was|were) (still |quite |brand |very |all |just )?new|maiden|debut\w*|newly \w+|new to (us|the|this)|never (been|visited|used|seen|bought|ordered|played|shopped) .{0,20}before|1th (ever|go|encounter|experience|use|outing|stab|run|trip|purchase|contact|time)|(their|his|her|a|the) (very )?1th (try|login|order)|no (history|previous|prior|earlier) \w+|starters|starting out|new arrivals?|for the (very )?1th time|green(horns?)?|novice|inexperienced|fresh faces|just (starting|arrived)|brand new|recent (joiners|sign-?ups|registrations)|new (users?|customers?|people|players|visitors|subscribers|members|accounts?|registrations|sign-?ups?|faces|shoppers|viewers|clients|installs?)|brand-?new|newcomers?|new-comers?|newbies|novices|beginners|rookies|1th[ -]?time(rs?)?|1th (sessions?|visits?|tickets?|jobs?|orders?|contact|impression|days?|weeks?|month)|very 1th|first-ever|1th-ever|fresh(ly)? (users?|registered|signed|joined|sign-?ups)|just (joined|signed up|registered|installed)|recently (joined|signed|registered)|never been here before|onboarding|unfamiliar)\b/,
  veteran:
    /\b(not (their|the|a|his|her) 1th|returners|(come|comes|came) (back )?(often|regularly)|(been|around) (with us )?(for )?(a long time|ages|years|a while)|die-?hards?|fans|habitual|not new|more than 1 (session|visit)|subsequent (sessions?|visits?|orders?)|frequent flyers?|old faithful|people who know (us|the)|repeat(ed)? (visits|sessions|business)|time-served|tenured?|tenure|long-?standing|long[ -]?(term|time|standing|serving)|loyal|experienced|established|veterans?|old[ -]?(hands?|timers?)|existing (users?|customers?)|regulars?|regular (users?|customers?|visitors)|old (users?|customers?|members)|returning (users?|customers?|visitors?|viewers?|shoppers?|buyers?|players?)|repeat (users?|customers?|visitors?|buyers?|shoppers?)|power users?|heavy users?|frequent (users?|visitors?|flyers?)|seasoned|later (sessions?|visits?|orders?)|been here before|(new|1th) (versus|vs\.?|or|and|against|compared (with|to)) (old|returning|existing|long))\b/,
  clock:
    /\b(time of (the )?(week)|hourly|daily rhythm|by (hour|day|weekday)|when it is (dark|late|early)|early or late|o'?clock|(this|that|ungodly|unearthly|silly|odd|certain|particular) hours?|which weekday|(early|late) in the (day|week)|after hours|daylight|time of (the )?day|hours? of (the )?day|day of (the )?week|days? of the week|which (hours?|days?|time)|what (hours?|days?|time)|certain (hours|times|days)|when (in|during) the (day|week)|at night|nights?|mornings?|evenings?|afternoons?|weekends?|weekdays?|daytime)\b/,
  busy: /\b(overrun|overwhelm\w*|inundat\w+|swarm\w*|overcrowd\w*|full house|contention|oversubscribed|packed|rammed|jammed|hectic|bottleneck\w*|saturat\w+|flock\w*|stampedes?|thundering herd|noisy neighbou?rs?|under strain|at the same (time|moment|instant|minute)|all at once|everybody (is|comes|turns|logs|shows|opens|wants)|half the (country|world|town)|the whole (country|world|town)|flooded|deluge\w*|onslaught|influx|volume of traffic|lots going on|fully loaded|at full capacity|too much traffic|high traffic|busy|busier|busiest|peaks?|peak (time|hours?|load)|rush|high (load|traffic|demand)|heavy (load|traffic|use)|under (heavy )?(load|pressure|stress)|overload\w*|congest\w*|load|crowd(s|ed)?|swamped|traffic (spikes?|jams?)|spikes? in|surges?|stampede|concurren\w+|simultaneous\w*|at capacity|rush hour|everyone (is|comes|turns|logs|shows))\b/,
  manyOthers:
    /\b(many|lots of|a lot of|so many|too many|\d+|several|loads of|tons of|plenty of|more|numerous|crowds? of|hundreds of|thousands of) (\w+ )?(users?|sessions?|people|visitors?|customers?|jobs?|visits?|requests?|tickets?|others?|runs?|orders?|players?|viewers?|shoppers?)\b.*\b(at (the )?same (time|moment|minute)|at once|same minute|1 minute|minute before|together|in parallel|start(s|ed|ing)?|arriv\w+|turn(s|ed)? up|show(s|ed)? up|c[oa]me in|log(s|ged)? (in|on)|online|begin\w*|began|submit\w*|pour\w*|just before|previous minute|shortly before)\b/,
  others:
    /\b(other (shoppers|viewers|players|visitors|passengers|clients|members|subscribers|runs|orders|conversations|tickets|cases|dialogues|playbacks)|other people'?s?|somebody else|someone else|those around|peers|fellow \w+|at (that|the|this) (very )?(time|moment|minute)|in the (minute|moment|moments|minutes) (before|up to)|around then|just then|same (minute|moment)|others?|other (users?|sessions?|people|jobs?|visits?|customers?|tickets?)|everyone|everybody|everything|neighbou?rs?|(the )?rest|around (it|them|the same time)|began (a )?(moment|minute|just)|started (a )?(moment|minute|just)|same time|just before|moment earlier|minute (before|earlier)|nearby)\b/,
  failing:
    /\b(going wrong|goes wrong|went wrong|break|breaks|unsuccessful\w*|unable|poor\w*|badly|worse|slow\w*|stuck|dying|die|dies|fail\w*|errors?|crash\w*|broken|breaking|broke|outages?|down|struggl\w+|trouble|problems?|suffer\w*|go(ing|es)? wrong|hit|as well|too(?! (many|much|few|often|long))|affected|met)\b/,
  outage:
    /\b(contagion|epidemic|domino|infectious|ripple\w*|knock-?on|part of (something|a) (wider|bigger|larger)|everything (is|was|goes|went|being) (down|wrong|broken)|blackouts?|brownouts?|meltdowns?|across the board|global(ly)? (failing|broken|down)|general (failure|breakdown)|others('| are| were| also| too| had| have)? (fail\w*|crash\w*|break\w*|struggl\w+)|outages?|incidents? (spreading|in progress|ongoing)|spreading|contagious|cascad\w+|failure rates?|system-?wide|site-?wide|widespread|everyone (is )?(fail|affected)\w*|wave of (failures|errors)|(large|big|high|growing) (part|share|percentage|fraction|proportion|number) of (the )?(other )?(visits|sessions|users|jobs|others|people|requests))\b/,
  change:
    /\b(not what it was|is newer|is older|replac\w+|new(er)? \w+ (since|than)|alter\w*|no longer what|other than|changed? (of|in)|mismatch\w*|never (used|seen) before|unlike|moved|moving|swapp\w+|jump(s|ed|ing)? (to|from)|chang\w+ (over|hands)|from 1 \w+ to (another|the next)|now on|went from|gone from|hop(s|ped|ping)? (to|from|between)|chang(e|es|ed|ing)|switch(es|ed|ing)?|differ(s|ent|ently)? ?(from|than|to)?|another|a different|different|migrat\w+|mov(e|es|ed|ing) (to|from)|new (version|device|phone|browser|app|country|computer|laptop|machine|network|os)|no longer (on|the same)|not the same|isn't the same|swap(s|ped)?|upgrad\w+|updat(e|es|ed|ing)|downgrad\w+)\b/,
  thanBefore:
    /\b(before (this|that|it|now|then)\b|previously|prior (session|visit|job|ticket|order|run|1)|formerly|since (then|we last|they last|the time|the (last|previous)|their)|the \w+ (they \w+ )?before|last time( around| out)?|from 1 \w+ to (the next|another)|used to|earlier (session|visit|job|run|ticket|1)|most recent|in the past|their usual|the time before|1 \w+ (and|to) the next|(session|visit|job|ticket|order|run|playback)s? (before|earlier|ago)|between (\w+ )?(sessions|visits|tickets|jobs|orders|runs|playbacks)|in between|last (used|came|visited|here)|than (last|the last|previous\w*|the previous|before|in the|on the|they|their|it|the time|what)|since (the |their )?(last|previous|earlier)|(last|previous) (time|session|visit|ticket|job|order|run|1)|the (time|visit|session|ticket|1) before|from (1|last) (session|visit|time)|between (2 )?(sessions|visits)|session to session|visit to visit|from before|as before|compared (to|with) (their |the )?(last|previous|before)|before that|used (last|before))\b/,
  which:
    /\b(rather than|instead of|in contrast|contrast\w*|as opposed to|everywhere else|every(one|body) else|elsewhere|anything special|special about|especially|specifically|particularly|mainly|mostly|merely|just (on|in|for|with|the)|against the (rest|others)|which|what|by|per|for each|depend(s|ing)? on|broken down|break ?down|split by|segments?|cohorts?|across|certain|specific|particular|some|kinds? of|types? of|sorts? of|difference between|compare[sd]?|versus|vs\.?|only (on|in|for|with)|is it (the|a|our|because of|about))\b/,
  eitherOr:
    /\b(contrast\w*|as opposed to|against|rather than|instead of|everywhere else|every(one|body) else|the (rest|others)|elsewhere|unlike|other (countries|devices|browsers|channels|ones)|any (better|worse|different|poorer|slower))\b|\b(is|was|are|were|has) (it|this|that|they)\b.* or \b|\b(versus|vs\.?|compared (to|with)|better than|worse than|more than on|than on)\b/,
  factor:
    /\b(networks?|devices?|customers?|products?|regions?|countr(y|ies)|versions?|releases?|types?|kinds?|sorts?|teams?|groups?|browsers?|platforms?|channels?|sources?|campaigns?|systems?|models?|hardware|software|priorit(y|ies)|class(es)?|categor(y|ies)|segments?|cohorts?|audiences?|demographics?|algorithms?|settings?|configurations?|environments?|plans?|tiers?|markets?)\b|^(who|where)\b/,
  top: /\b(favou?rites?|most[ -](\w+ed|\w+ly \w+|sold|bought|played|watched|picked|chosen|common|used|frequent|busy)|\d+ (biggest|largest|commonest|leading|favou?rite|busiest|most|best)|(biggest|busiest|largest) \d+|bestsellers?|prevalent|predominant|leading|dominant|front-?runners?|among the \d+|of the \d+|top[ -]?\d*|most (common|frequent|popular|often|used|seen)|commonest|usual|popular|best-?sell\w+|(which|what) (\w+ )?(values?|codes?|items?|products?|titles?|kinds?|types?|answers?|statuses|reasons?|categories|versions?)|(particular|specific|certain) (values?|codes?|items?|products?|titles?|kinds?|types?|answers?|statuses))\b/,
  backend:
    /\b(backend|back-end|servers?|infrastructure|data ?cent(er|re)s?|cpu|memory|disk|outages?|incidents?|weather|machines?)\b/,
};

/** What a person says of sessions as a whole. */
export const sessionNoun: RegExp = new RegExp(`\\b${NOUN}\\b`);
