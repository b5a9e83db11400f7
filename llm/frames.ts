/**
 * What a person says round a hypothesis: that it is one, and what it is thought to go along with. General English; the words of a frame
 * name nothing that sessions are told apart by, and often name the outcome, which never is a reason of its own.
 */

/** Words in front of what is believed, asked or to be tested. */
const SAYING =
  "(?:i|we|it|you|one|us|me|someone|somebody|is|am|are|be|been|was|has|have|had|would|should|could|can|may|might|do|does|did|must|need|needs|want|wants|love|like|ask|asking|to|please|now|also|and|very|much|rather|strongly|quite|kindly|my|our|a|the|of|there|i'd|i'm|i've|we'd|we're|we've|it's|help|happy|glad|curious|interested|interesting|in|worth|for|just|still|often|sometimes|always)";
const BELIEF =
  "(?:suspect|suspicion|hypothesi[sz]e|hypothesis|wonder|think|believe|guess|assume|assumption|argue|feel|feeling|reckon|bet|fear|claim|claims|conjecture|told|hear|heard|know|knowing|see|seeing|understand|learn|find|test|tested|check|checked|verify|verified|determine|determined|establish|established|examine|examined|investigate|investigated|explore|explored|tell|say|said|suggest|suggested|hunch|theory|impression|idea|question|confirm|confirmed|rule|figure|clarify|clarified|look|looked)";
const LEAD = new RegExp(
  `^(?:${SAYING}[ ,]+)*${BELIEF}(?:ing|s)?(?: (?:is|was|me|us|out|into|for me|for us|as well|too|it|also))*,? (?:that|whether(?: or not)?|if|of whether|as to whether)\\b,?\\s*(?:it (?:is|was|could be|might be|may be) (?:that )?)?(?:there is anything to )?`,
  "i",
);
const LABEL =
  /^(?:my |our |the |working )?(?:hypothesis|theory|suspicion|hunch|claim|conjecture|guess|idea|suspect|question|request|ask|todo|ticket|note|context|fyi|re|task)(?: (?:no|nr|number)?\.? ?\d+)?\s*[:–—-]\s*/i;
/** `What drives failures is how often …` */
const CLEFT =
  /^what (?:\w+ )?(?:drives|causes|explains|kills|hurts|ruins|breaks|spoils|makes|triggers|is behind|lies behind|leads to) .{3,60}? (?:is|are)(?: (?:that|when|if|the fact that))? /i;

/** `If …, is the run doomed?`, `Among users who …, are there more failures?` */
const CONDITION =
  /^(?:and |so |but )?(?:if|when|whenever|where|wherever|once|should|among|amongst|taking|given|for|considering|suppose|supposing|say|in case) (.{8,}?), (?:then )?(?:is|are|does|do|did|will|would|can|could|has|have|what|how|i would|i'd|we would|we'd|should) .*$/i;
/** `Are jobs more likely to fail where …` */
const LATE_CONDITION =
  /^.{0,80}?\b(?:likelier|(?:more|less|so|especially|particularly|unusually) (?:likely|prone|apt|inclined|liable|often|frequent(?:ly)?)|worse|worse off|doomed|slower|poorer) (?:(?:to|for|in|of|at) )?(?:\w+ ){0,3}?(?:where|when|whenever|if|once) (.{8,}?)[?.]?$/i;

const OUTCOME_VERBS =
  "(?:fail|miss|break|crash|end|go wrong|drop|abort|give up|abandon|leave|churn|be slow|run|suffer|struggle|convert|succeed|finish|complete|pay|buy|lose|get|die|stall|become|see|have|hit|experience|encounter|meet|take|be|drag|stay)";
/** What is said to go along with what stands in front. */
const TAILS: readonly RegExp[] = [
  /,? (?:with|against|to|versus|vs\.?) (?:the |all )?(?:ones|those|others|rest)(?: (?:who|whose|which|that|where|in|with|without)\b.*)?$/i,
  /,? (?:rather than|as opposed to|instead of) (?:just |only |merely |simply )?\w+ing\b.*$/i,
  /[,.;–—-]+ ?(?:and )?(?:do|does|are|is|did|will|would) (?:such|these|those) (?:sessions?|visits?|jobs?|tickets?|runs?|people|users?|customers?|viewers?|shoppers?|cases?) .*$/i,
  /[,;–—-] ?(?:and )?(?:i would|i'd|we would|we'd|i) (?:blame|say|think|expect|bet|guess|suspect|fear|call) .*$/i,
  /,? (?:(?:is|are|was|were|be|being|seems?|appears?|might|may|could|would|to|conjectured|thought|said|believed|suspected|found|somehow|strongly|clearly|in any way) )*(?:associated|correlated|linked|connected|related|tied) (?:with|to) .*$/i,
  /,? (?:(?:is|are|was|were|be|being|to|more|strongly|clearly|heavily) )*(?:over|under)-?(?:represented|representation)(?: (?:among|in|amongst) .*)?$/i,
  new RegExp(
    `,? (?:(?:is|are|was|were|be|being|any|become|becomes|them|it|people|users|him|to|make|makes|all the|also|even|much|far|then) )*(?:likelier|(?:more|less|so|especially|particularly|unusually|most|as) (?:likely|prone|apt|inclined|liable)) (?:to|for) ${OUTCOME_VERBS}?.*$`,
    "i",
  ),
  /[,.;–—-]? (?:does|do|did|would|will|can|could|might) (?:that|it|this|these|those|they) (?:also |really |actually |even |then )?(?:hint|mean|lead|make|matter|predict|hurt|help|point|go along|correlate|have (?:anything|something) to do|explain|tell|cause|harm|drive|end|do harm|signal|spell|play a (?:part|role)|increase|raise|come with|go with|go hand in hand|foretell|announce|bode|affect|influence|count|fail|break|convert)\b.*$/i,
  /,? (?:is|are) (?:what|why|the reason|a reason|one reason|behind|to blame|the culprit|responsible|at fault|the cause|one cause|a cause) ?.*$/i,
  /,? (?:go|goes|going|went) hand in hand with .*$/i,
  /,? (?:end|ends|ended|turn|turns|turned|come|comes) (?:up |out )?(?:badly|worse|poorly|in failure|in tears)\b.*$/i,
  /,? (?:and|so|then) (?:is|are) \w+ (?:doomed|lost|a goner)\b.*$/i,
  / than (?:the )?(?:others?|rest|those|ones?|one|people|jobs|sessions|visits|users|usual|average|normal|anyone|anybody|everyone|everybody)\b(?! (?:before|just before|in the session before)).*$/i,
  /[:,;–—-]\s*(?:(?:a )?problem(?:,? or (?:no|not a) problem)?|guilty(?:,? or not(?: guilty)?)?|(?:is it )?(?:true|false|fact|myth|folklore|coincidence|fiction)(?:,? or .{2,20})?|(?:slow|bad|worse|better|different)?,? ?(?:yes ?(?:\/|or) ?no|y\/n)|worth (?:a look|checking|it)|thoughts|any idea|agreed|right|correct|ok|smoking gun|red flag|warning sign|a sign)\s*\?*$/i,
];

/** A clause without what is said round its hypothesis; as it is where nothing else is left. */
export function unframed(text: string): string {
  let front = text;
  for (let last = ""; front !== last; ) {
    last = front;
    for (const form of [LABEL, LEAD, CLEFT]) front = kept(front, front.replace(form, ""));
    for (const form of [CONDITION, LATE_CONDITION]) front = kept(front, front.replace(form, "$1"));
  }
  return TAILS.reduce((whole, form) => kept(whole, whole.replace(form, "")), front);
}

/** Words that have to be left of what is said. */
const LEAST_WORDS = 2;

function kept(whole: string, rest: string): string {
  const words = rest.match(/\p{L}{3,}/gu)?.length ?? 0;
  return words >= LEAST_WORDS ? rest.trim() : whole;
}
