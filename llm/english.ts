/** Words of English that a prompt is read by; none of them comes from a data set. */

import { relations, synonyms } from "./thesaurus.js";

const IRREGULAR: ReadonlyMap<string, string> = new Map(
  (
    "began:begin begun:begin left:leave bought:buy paid:pay sent:send saw:see seen:see shown:show wrote:write written:write " +
    "gave:give given:give took:take taken:take chose:choose chosen:choose broke:break broken:break ran:run hung:hang " +
    "froze:freeze frozen:freeze lost:lose came:come went:go gone:go said:say told:tell found:find died:die dying:die dies:die " +
    "failure:fail failing:fail failed:fail errors:error stuck:stick quit:quit closed:close cancellation:cancel cancelled:cancel " +
    "cancelling:cancel payment:pay sign-in:signin resolved:resolve selection:select fell:fall fallen:fall threw:throw thrown:throw " +
    "drew:draw drawn:draw drove:drive driven:drive held:hold kept:keep spent:spend caught:catch forgot:forget forgotten:forget " +
    "hid:hide hidden:hide rose:rise risen:rise spoke:speak spoken:speak sold:sell sale:sell won:win lain:lie slid:slide " +
    "got:get gotten:get heard:hear thought:think brought:bring taught:teach shook:shake stood:stand sank:sink sunk:sink " +
    "rewound:rewind wound:wind swept:sweep stole:steal stolen:steal tore:tear worn:wear wore:wear flew:fly flown:fly " +
    "grew:grow grown:grow blew:blow knew:know shot:shoot felt:feel dealt:deal meant:mean fed:feed led:lead met:meet"
  )
    .split(" ")
    .map((pair): [string, string] => pair.split(":") as [string, string]),
);

/** Words of grammar and of talk about sessions, which name nothing in the data. */
export const stopWords: ReadonlySet<string> = new Set(
  (
    "a an the and or nor of in on at to for from with by is are was were be been being am do does did doing not no never " +
    "without when while that this these those they them their theirs it its as than then there which who whom what why how if any all " +
    "some many much more most least less few after before until till within during between over under above below again back " +
    "first second third last next time times day days hour hours minute minutes second seconds week weeks month months " +
    "session sessions user users people customer customers event events tell give me us we i you our my your about have has " +
    "had having can could would should will may might must often rarely always usually longer long short new old other others " +
    "so such too very just only also even still yet but both either neither each every everyone anybody anyone someone " +
    "something anything nothing thing things way ways into onto off out upon via per like because since though whether " +
    "please maybe perhaps really quite rather much lot lots same different special bad worse worst good better best hard harder " +
    "happen happens happened matter matters case make makes made making got seem seems visitor visitors visit visits " +
    "he she his her him one ones us ourselves themselves itself around across against along among through toward towards look looks looked looking find finds found show shows showed"
  ).split(" "),
);

/** Words that stand in half of all names of events and tell little; they weigh less. */
export const commonParts: ReadonlySet<string> = new Set(
  "view click tap press open show page call event screen button item get set api web app user submit ticket start end begin stop add remove change update switch select list toggle close"
    .split(" ")
    .map((word) => stem(word)),
);

/** Words for what a session is, which names of its events hold and nobody repeats. */
export const sessionParts: ReadonlySet<string> = new Set(
  "session visit ticket job case order run playback task conversation dialogue".split(" ").map((word) => stem(word)),
);

const meanings: ReadonlyMap<string, ReadonlySet<number>> = groupsByStem(synonyms);
const related: ReadonlyMap<string, ReadonlySet<number>> = groupsByStem(relations);

function groupsByStem(lists: readonly string[]): ReadonlyMap<string, ReadonlySet<number>> {
  const groups = new Map<string, Set<number>>();
  for (const [index, words] of lists.entries()) {
    for (const word of words.split(" ")) {
      const base = stem(word);
      groups.set(base, (groups.get(base) ?? new Set()).add(index));
    }
  }
  return groups;
}

/** Whether two stems mean the same in most places. */
export function meanTheSame(a: string, b: string): boolean {
  return shareGroup(meanings, a, b);
}

/** Whether one of two stems may be said where the other is meant. */
export function areRelated(a: string, b: string): boolean {
  return shareGroup(related, a, b);
}

function shareGroup(groups: ReadonlyMap<string, ReadonlySet<number>>, a: string, b: string): boolean {
  const left = groups.get(a);
  const right = groups.get(b);
  if (left === undefined || right === undefined) return false;
  for (const group of left) if (right.has(group)) return true;
  return false;
}

/** Light stemming, the same for prompts and names: plural, -ing and -ed, a doubled last letter, a last e or y. */
export function stem(word: string): string {
  const regular = IRREGULAR.get(word) ?? word;
  let base = regular;
  if (base.length > 5 && base.endsWith("ing")) base = base.slice(0, -3);
  else if (base.length > 4 && base.endsWith("ied")) base = `${base.slice(0, -3)}y`;
  else if (base.length > 4 && base.endsWith("ies")) base = `${base.slice(0, -3)}y`;
  else if (base.length > 4 && base.endsWith("ed")) base = base.slice(0, -2);
  else if (base.length > 4 && base.endsWith("es")) base = base.slice(0, -2);
  else if (base.length > 3 && base.endsWith("s") && !base.endsWith("ss")) base = base.slice(0, -1);
  if (base.length > 3 && base.at(-1) === base.at(-2) && !/[ls]$/.test(base)) base = base.slice(0, -1);
  if (base.length > 3 && base.endsWith("e")) base = base.slice(0, -1);
  return base.length > 2 && base.endsWith("y") ? `${base.slice(0, -1)}i` : base;
}

/** What stays of a word without what makes a noun, an adjective or a repetition of a verb; the word where nothing does. */
export function rootOf(base: string): string {
  const known = ROOTS.get(base);
  if (known !== undefined) return known;
  let root = base;
  if (/^re[^aeiou-]/.test(root) && root.length >= 6 && !ONE_WITH_RE.test(root)) root = root.slice(2);
  else if (/^un[a-z]/.test(root) && root.length >= 7) root = root.slice(2);
  for (const [ending, rest] of ENDINGS) {
    if (root.length - ending.length >= 4 && root.endsWith(ending)) return `${root.slice(0, -ending.length)}${rest}`;
  }
  return root;
}

/** Of stems, so that a last e is gone: the endings that make nouns of verbs, with what the verb's stem has there. */
const ENDINGS: readonly (readonly [ending: string, rest: string])[] = [
  ["ification", "ifi"],
  ["isation", "is"],
  ["ization", "iz"],
  ["ation", "at"],
  ["ition", "it"],
  ["ment", ""],
  ["ness", ""],
  ["ance", ""],
  ["anc", ""],
  ["enc", ""],
  ["tion", "t"],
  ["sion", "s"],
  ["able", ""],
  ["abl", ""],
  ["ful", ""],
  ["ly", ""],
  ["li", ""],
  ["al", ""],
  ["er", ""],
  ["or", ""],
];
const ONE_WITH_RE =
  /^re(view|turn|mov|cover|search|set|port|quest|cord|leas|lat|serv|present|spond|stor|sort|pair|pli|sign|fus|fund|flect|sult|peat|ceiv|duc|main|mind|gard|fer|lax|sist|quir|commend|sid|gist|ject|deem|ward|new|st|solv|sum)/;
const ROOTS: ReadonlyMap<string, string> = new Map(
  "confirmation:confirm registration:regist register:regist cancellation:cancel arrival:arriv verification:verifi validation:validat deletion:delet completion:complet addition:add rejection:reject eviction:evict termination:terminat submission:submit decision:decid choic:choos choice:choos loss:los death:die growth:grow sight:see speech:speak purchas:purchas search:search return:return number:number order:order offer:offer letter:letter buffer:buffer rebuffer:buffer folder:folder header:header filter:filter timer:timer server:server user:user error:error banner:banner voucher:voucher seller:seller trailer:trailer"
    .split(" ")
    .map((pair): [string, string] => pair.split(":") as [string, string]),
);

/** Frequent words, so that they are not taken for misspelt names of events. */
const FREQUENT =
  "about above account across action active add after again against ago agree air all allow almost alone along already also although " +
  "always among amount and angry another answer any anyone anything apart app appear apply area around arrive ask asleep attempt " +
  "available average avoid away baby bad bank base basic because become been before begin behind being believe below best better " +
  "between big bill bit black blame block blue board body book both bottom bought boy break bring broken brought build business busy " +
  "but button buy call came can cannot car card care carry case cause cent center certain chance change charge cheap check child " +
  "choice choose city class clean clear click close code cold colour come common company complain complaint concern condition connect " +
  "consider contact contain content continue control copy core correct cost could count country couple course cover create cross " +
  "crowd cup current customer cut daily dark date day dead deal death decide deep delay depend desk detail did differ different " +
  "difficult direct discover do does dog done door doubt down draw drive drop dry due during each early earn easy eat edge effect " +
  "either else empty end enjoy enough enter entire equal error especially even evening event ever every everyone everything evidence " +
  "exact example except expect experience explain extra eye face fact factor fail fair fall family far fast fault favour fear feel few " +
  "field fight figure fill final find fine finger finish fire first fit five fix flat floor follow food foot for force forget form " +
  "former forward found four free fresh friend from front full fun further gain game gap gave general get girl give glad go gone good " +
  "got great green ground group grow guess guide hair half hand hang happen happy hard hardly hate have he head health hear heard heart " +
  "heat heavy held hello help her here high him his hit hold hole home hope horse host hot hour house how however huge human hundred " +
  "hurt idea idle if image important in increase indeed inside instead interest into issue it item job join jump just keep kept key " +
  "kid kill kind knew know lack land language large last late later latest laugh law lead learn least leave led left less let letter " +
  "level lie life light like likely limit line link list listen little live load local log lonely long look lose loss lost lot love low " +
  "machine mad made main make man many map mark market matter may maybe me mean measure meet member memory men mention mere message met " +
  "middle might mind mine minute miss mobile model moment money month more morning most mother mouth move much music must my name " +
  "near necessary need negative never new news next nice night no noise none nor normal not note nothing notice now number odd of off " +
  "offer office often old on once one only open operate or order other others our out outside over own pace page paid pain paper " +
  "parent part particular party pass past path pattern pause pay peak people per perfect perhaps period person phase phone pick piece " +
  "place plain plan plane play please plus point poor popular position possible power present press pretty price print private " +
  "problem process produce product program proper prove public pull purpose push put quality quarter question quick quickly quiet quit " +
  "quite race rain raise ran range rare rate rather reach read ready real reason receive recent record red reduce regular relate " +
  "release remain remember remove repeat reply report request rest result return rich ride right rise risk road room round row rule " +
  "run rush safe said sale same sat save saw say scale school screen search season seat second section see seek seem seen sell send " +
  "sense sent separate serious serve service session set seven several shape share sharp she shift ship shop short should shout show " +
  "shut sick side sign silent similar simple simply since single sit site six size skip sleep slight slow small smile smooth so social " +
  "soft sold some someone something sometimes soon sorry sort sound source south space speak special speed spend spent split spread " +
  "staff stage stand start state stay step stick still stock stop store story straight strange street strong stuck study stuff style " +
  "such sudden suddenly suffer sugar suit summer sun support sure surface surprise switch system table take talk tall task taste team " +
  "tell ten term test than thank that the their them then there these they thing think third this those though thought three through " +
  "throw ticket tight till time tiny tire to today together told tomorrow tone too took top total touch toward town track trade train " +
  "travel treat tree trip trouble true trust try turn twice two type under understand unit until up upon us use user usual value " +
  "various version very view visit visitor voice wait wake walk wall want war warm was wash watch water way we weak wear weather web " +
  "week weird well went were west what wheel when where whether which while white who whole whose why wide wife wild will win wind " +
  "window winter wish with within without woman wonder word work world worry worse worst worth would write wrong year yellow yes yet " +
  "you young your zero according apology coming doing during everybody facing friendlier getting happening having instead making " +
  "nobody others polite putting really running saying setting somebody taking themselves trying using wanting whenever wherever simple " +
  "ability absolute absolutely accept according accurate achieve activity admit adult advance advice affect afford agent aim airline alert annual anyway apologise apply approve argue assume attach audience author avoid aware badly balance battery bear behave benefit beyond borrow brief budget calm capital career careful category chief colleague combine comfort comment commit compete compute conclude conduct confirm conflict confuse connect consist construct consult consume consumer consumers contract contrast convert convince coupon crisis crucial culture data deliver demand deny derive describe deserve despite destroy develop disappear discuss distance divide document dollar domestic drag drift earlier economy educate efficient emerge employ employee encourage engage engine engineer ensure entry equip essential establish estimate evaluate exceed exceeds exceeded exceeding exchange excite exist expand expense export extend extent external extreme failure familiar famous feature fee fewer finance forecast foreign formal fortune frame freedom frequent function fund generate gift global goal guest happier hardware harm hesitate hire holiday huge ideal identify ignore impact imply impress income incorrect indicate individual industry inform initial injury install instance insurance intend internal internet introduce invest invite involve island journey judge justice justify lack lasting launch layer lazy lean legal length loose loud lucky maintain major majority manage manager marketing massive master math maximum meanwhile media medium melt minor mistake mixed moderate modern monitor mood motion native nature neither nervous network normally obtain obvious occasion occur offline onboard online operator opinion opportunity option organise origin outage owner pack panel patient payment perform permit phrase physical pilot planned platform player plenty poem policy politics portion potential practice predict prefer prepare present preserve pressure prevent previous principle priority prize procedure profile profit progress promise promote prompt proper propose protect provide purchase pure qualify random react recommend recover regard region regional reject relative relevant rely remote rent repair replace represent rescue resist resolve resource respond responsible restore restrict retail retire reveal revenue reverse review revise reward route royal satisfy schedule science secret sector secure select sensitive serve shame shock signal significant slice slide smart software solid solution solve somewhat somewhere source spare specific spike spirit stable standard status steady steal stress strict string structure struggle subject succeed suggest suitable summary supply suppose survey survive suspect sweet switch symptom target task tend tension terms text theory ticket tight title token tool topic total tough trace transfer translate transport trend trigger twist typical ugly unable uncommon unusual update urban urge useful usually vary vast vehicle venue victim video viewer viewers village violent vision vital volume vote vulnerable wealth website weigh welcome western willing wise witness worth wound writer yard yield " +
  "twenty thirty forty fifty sixty hundred thousand million percent";

/** Surfaces of words that are no mistakes of spelling, besides those of the data. */
export const knownWords: ReadonlySet<string> = new Set([
  ...FREQUENT.split(" "),
  ...stopWords,
  ...[...synonyms, ...relations].flatMap((group) => group.split(" ")),
]);
