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
    "grew:grow grown:grow blew:blow knew:know shot:shoot felt:feel dealt:deal meant:mean fed:feed led:lead met:meet ups:up downs:down settings:settings"
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
    "he she his her him one ones us ourselves themselves itself around across against along among through toward towards look looks looked looking find finds found show shows showed " +
    "don doesn didn isn aren wasn weren won wouldn couldn shouldn hasn haven hadn"
  ).split(" "),
);

/** Words that stand in half of all names of events and tell little; they weigh less. */
export const commonParts: ReadonlySet<string> = new Set(
  "view click tap press open show page call event screen button item get set api web app user submit ticket start end begin stop add remove change update switch select list toggle close type enter"
    .split(" ")
    .map((word) => stem(word)),
);

/** Words that tell how a thing ended: people often leave them out, and may say nothing else. */
export const endingParts: ReadonlySet<string> = new Set(
  "complete finish done success ok".split(" ").map((word) => stem(word)),
);

/** Words for what a session is, which names of its events hold and nobody repeats. */
export const sessionParts: ReadonlySet<string> = new Set(
  "session visit ticket job case run playback task conversation dialogue".split(" ").map((word) => stem(word)),
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

/** The groups of words of the same meaning that a stem is in, by number. */
export function meaningsOf(word: string): ReadonlySet<number> {
  return meanings.get(word) ?? new Set();
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
  const regular = IRREGULAR.get(word) ?? IRREGULAR.get(word.replace(/s$/, "")) ?? word;
  let base = regular;
  if (base.length > 6 && base.endsWith("ings")) base = base.slice(0, -4);
  else if (base.length > 5 && base.endsWith("ing")) base = base.slice(0, -3);
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
    if (root.length - ending.length >= 4 && root.endsWith(ending)) {
      return `${root.slice(0, -ending.length)}${rest}`.replace(/e$/, "");
    }
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
  ["ur", ""],
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
  "twenty thirty forty fifty sixty seventy eighty ninety hundred thousand million percent eleven twelve thirteen fourteen fifteen sixteen " +
  "seventeen eighteen nineteen eight nine second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth twentieth goes does gone says lies dies ties tried tries dried cries dozen couple once thrice";

/** More words, so that they are not taken for mistakes of spelling of others. */
const MORE =
  "ably aboard abroad abrupt absent accident accordingly acute adapt adaptive adequate adjacent admin adopt aftermath aged aggressive alike alive " +
  "allegedly aloud alter alternate altogether amid ample analyse analyze analyst ancient anger announce annoy annoyed annoying anxious anyhow anywhere " +
  "apparent apparently appeal appetite appropriate arbitrary arise arose array arrow artificial ashamed aside assert asset assist associate assure atomic " +
  "attack attempt attend attract automatic automatically await awake awful awkward backwards badge bail bait bake balcony band bang bare barely bargain " +
  "barrier batch bath bear beat beauty beg behaviour bell belong bend beneath besides bet bias bid bind bird bite bitter blank blast blend bless blind " +
  "bloom blow blunt blur boast bold bolt bomb bond bone boost border bore bored boring borne bother bothers bounce bound bow bowl brain branch brand brave " +
  "breach bread breath breathe breed brick bridge bright brilliant broad broadly brush bubble bucket buddy bulk bullet bump bunch bundle burden bureau burn " +
  "burst bury bush cabin cable cache cake camp cancel cancels candidate cap capable capacity capture cascade cast casual casually cat catalogue cater caution " +
  "cease celebrate cell chain chair chamber champion chaos charm chart chase chat cheat cheer cheese cherry chest chip chronic circle circuit cite civil " +
  "claim clash clerk clever cliff climate climb cling clinic clip cloth clothes cloud clue cluster clumsy coach coast coat coffee coin collapse collar collect " +
  "column command comment commonly compact comparable compare comparison compel compile complex comply component compose compound compress conceal conceive " +
  "concentrate concept concern concrete conduct confidence confident configure confirm congestion conjunction conscious consecutive consequence consequently " +
  "conservative considerable considerably consistent consistently constant constantly constitute constraint construct contact contain contempt content contest " +
  "context continent continually continuous continuously contrary contribute convenient conventional converge conversely conversion convert converts converting " +
  "convey cook cool cope correlate corridor corrupt costly cough counsel counter county courage court cousin crack craft crash crawl crazy cream credit creep " +
  "crew crime critical criticism crop crude cruel crush cry cue curb cure curious curl currently curse curve custom cyber cycle damage damp dance danger " +
  "dashboard dawn dazzle deadline deaf debate debt decade decay decent deck declare decline decorate decrease dedicate deem default defeat defect defence defend " +
  "define definitely definition degree delete deliberate delicate delight demo demonstrate dense departure dependence deploy deposit depress depth deputy descend " +
  "desert designated desire desperate detach detect detection determine determines determined device devote diagnose dialog diary diet dig digit digital dignity " +
  "dilemma dimension diminish dinner dip dire directly dirt dirty disable disagree disappoint disaster discard discharge discipline disclose discount discourage " +
  "discrete disease disguise dish disk dislike dismiss disorder display dispute disrupt dissolve distinct distinction distinguish distort distract distribute " +
  "district disturb dive diverse diversion division divorce dizzy dock doctor dodge doll dominant dominate donate doom dose dot downgrade download downward " +
  "downwards draft drain drama drastic dread dream dress drift drill drink drown drug drum duck dull dump duration dust duty dwell dynamic eager ear earnest " +
  "earthquake ease echo edition editor effort egg elaborate elapse elder elect elegant element elevate elevator eligible eliminate elsewhere embarrass embed " +
  "embrace emergency emotion emphasis empire encounter endless endlessly endure enemy energy enforce engine enhance enormous enquire enquiry entertain enthusiasm " +
  "entire entirely entitle entity entrance envelope environment envy episode equally equip equivalent era erase erect erode erratic escape essay essence estate " +
  "eternal ethnic evaluate eventual eventually everybody everyday everywhere evident evidently evil evolve exaggerate exam examine excellent exceptional excess " +
  "excessive exchange exclude exclusive excuse execute exempt exercise exert exhaust exhibit exotic expel expensive experiment expert expire explicit explode " +
  "exploit exploration explore export expose express exquisite extensive exterior extract extraordinary extremely fabric facilitate facility faint fairly faith " +
  "fake fame fancy fantastic farther fascinate fashion fasten fatal fate fatigue faulty favourite fearful feather fellow fence ferry festival fetch fever fiber " +
  "fibre fiction fierce fighter filter firmly fisher fist fixed flag flame flap flash flat flaw flee fleet flesh flexible flick flight float flock flood flour " +
  "flow flower fluent fluid flush fly foam focus fog fold folk folks fool forbid forever forgive fork format formation formula forth fortnight forum forward " +
  "foundation fraction fragile fragment frank fraud freeze freezes freezing freight frequency frequently freshly friction frighten fringe frog frozen fruit " +
  "frustrate fry fuel fulfil fully fury fuse fuss fuzzy gadget gallery gang garage garbage garden gate gather gauge gaze gear gender generally generous gentle " +
  "genuine gesture ghost giant giants gigabit glance glare glass glimpse glitch globe gloomy glory glow glue goat gold goods govern grab graceful gracious grade " +
  "gradual gradually graduate grain grand grant graph grasp grass grateful grave gravity graze greet grid grief grim grind grip gross guarantee guard guilty gulf " +
  "gum gun guy gym habit hack hail halfway halt hammer handful handle handles handling handy hang harbour hardly harsh harvest haste hasty hat hatch haunt havoc hay " +
  "hazard headline heal heap heaven hedge heel height hell helpful helpless hence herd hero hesitates hidden hiding hierarchy highlight highway hike hint hip hit " +
  "hits hobby holder hollow holy honest honestly honey honour hook horizon horrible horror hospital hostile hourly household hover howl hug hunger hungry hunt " +
  "hurry hurdle hybrid hygiene icon identical identity idiot ignorant illegal illness illusion illustrate imagine imitate immediate immense immune impact " +
  "impatient impede imperfect implement implication import impose impossible impress impression improve improvement impulse incident incline include income " +
  "incomplete inconsistent inconvenient incorporate indeed independent independently index indicate indicator indifferent indirect individual indoor induce " +
  "industry inevitable infant infect infer inferior infinite inflate influence inform informal ingredient inherit initial initially initiate inject injure injury " +
  "ink inner innocent innovate inquiry insert insight insist inspect inspire instability install instance instant instantly instead instinct institute instruct " +
  "instrument insult insurance intact integrate intellect intelligent intend intense intent interact interaction interfere interim interior intermediate " +
  "intermittent internal interpret interrupt interruption interval intervene intimate intricate introduce invade invalid invent invest investigate invisible " +
  "invite invoke involve inward iron irregular irritate island isolate issue jam jar jaw jealous jerk jet jewel jitter joint joke joy judge juice jumpy junction " +
  "junior jungle junk jury justice justify keen kettle keyboard kick kingdom kiss kit kitchen kitten knee kneel knife knit knob knock knot label labour ladder lake " +
  "lamp landmark lane lap laptop latency latter launch launches lawn lawyer layer layout lazy leaf leak lean leap learner leather lecture legal legend leisure lemon " +
  "lend length lengthy lens lesser lesson lest liability liberal liberty library licence license lid lifetime lift likewise limb limp liquid literal literally " +
  "loan lobby locate lodge logic logo lonely loop loose loosely lorry loud lounge lower loyal luck lucky lump lunch lung luxury maiden mainly maintain maintenance " +
  "major majority male malfunction manage manager manner manual manually manufacture margin marry marvel mask mass massive master mat match matches mate material " +
  "mathematics mature maximum mayor meal meanwhile meat mechanic mechanism media medical medicine medium megabit melt membership memorial menace mend mental mercy " +
  "merely merge merit merry mess messy metal method metric midday midnight mighty mild military milk mill mimic mineral minimal minimum minister minor minority " +
  "miracle mirror misbehave mischief miserable mislead missed mission mistake mix mixed mixture mode modem moderate modern modest modify module moist monitor " +
  "monkey monster monthly mood moon moral moreover mortal mostly motion motive motor mount mountain mourn mud multiple multiply murder muscle museum mutual mystery " +
  "myth nail naked narrow nasty native natural nature naughty navy neat necessity neck needle neglect negotiate neighbour neighbours neither nerve nervous nest net " +
  "network neutral nevertheless newly newspaper nickname nightmare nod nominal nonsense norm notable notably notebook noticeable notification notion notorious novel " +
  "novice nowadays nowhere nuclear nuisance numb numerous nurse nut oak oath obey object obligation obscure observe obsess obsolete obstacle obtain obtained obvious " +
  "obviously occasion occasional occasionally occupy occur occurs occurred ocean odds offence offend officer offline offset omit online onward onwards opaque openly opera " +
  "operation operator opinion opponent opportunity oppose opposite oppress optic optimal option optional oral orange orbit ordeal ordinary organ organise orient " +
  "origin original originally otherwise ought outage outbreak outcome outdoor outer outfit outgoing outlet outline outlook output outset outstanding outward " +
  "overall overcome overlap overlook overload overnight oversee overtake overwhelm owe owl owner pack package packet pad paint pair palace pale palm pan panel " +
  "panic pants parade paragraph parallel parameter pardon park parked partial partially participant participate particularly partly partner pass passage passion " +
  "passive paste patch patience patient pause paused paw payer peace peculiar pedal peel peer pen penalty pencil pending penetrate pension pepper perceive percent " +
  "perfect perform performance perfume peril permanent permission permit persist persistent personal personally persuade pet phenomenon philosophy photo photograph " +
  "phrase physical physics piano picks pie pig pile pill pillar pillow pilot pinch pine pink pint pioneer pipe pit pitch pity pixel plague planet plant plastic " +
  "plate platform playback pleasant pleased pleasure pledge plenty plot plug plunge pocket poem poet poison poke pole polish polite politely political politics " +
  "poll pollute pond pool poorly popup pork portable porter portion portrait pose possess possession possibility possibly post poster postpone pot potato potential " +
  "pound pour poverty powder practical practically practice practise praise pray precede precious precise precisely predict prefer preference prefers pregnant prejudice " +
  "preliminary premature premise premium prepare presence preserve president pressure prestige presume pretend prevail prevent previously prey pride priest primarily " +
  "primary prime prince princess principal principle prior priority prison privilege prize probable probably probe procedure proceed proceeds procession proclaim produces " +
  "profession professor proficient profit profound programme progress progressive prohibit project prolong prominent promise promising prompt promptly prone " +
  "pronounce proof propaganda proportion proposal propose prospect protect protest proud proves provided province provision provoke prudent psychology pub pulse pump " +
  "punch punctual punish pupil puppet puppy purchase pure purely purple purse pursue puzzle quantity quarrel quarters queen queer quest queue quick quietly quit " +
  "quota quote rabbit rack radical radio rage raid rail railway rainbow rally random rank ranking rapid rapidly rarely rash rat ratio rational rattle raw ray razor " +
  "react reaction readily realise realistic reality realize rear reasonable reasonably rebel rebuild recall receipt recently reception recipe recipient reckless reckon " +
  "recognise recognize recommend reconcile reconnect recover recovery recruit rectangle recur recurring redirect redundant refer referee reference refine reflect reform " +
  "refresh refuge refund refuse regard regarding regardless regime region register regret regularly regulate rehearse reign reinforce reject rejoice relative relatively " +
  "relax relay relevant reliable relief relieve religion reluctant rely remainder remark remarkable remedy remind reminder remote removal render renew rent repair repeated " +
  "repeatedly repetition replace replay replies represent reproduce reputation requests rescue research resemble resent reserve reset reside resign resist resort resource resources " +
  "respect respectively respond response responsible restart restless restore restrain restrict resume retail retain retire retreat retrieve retry reveal revenge revenue " +
  "reverse review revise revive revolt reward rhythm ribbon ribs rid ridiculous rifle rigid rim ring rinse riot rip ripe ripple rival river roar roast rob robust rock rocket rod " +
  "role romance roof root rope rose rotate rotten rough roughly route router routine royal rub rubbish rude rug ruin rumour rung rungs runner runs rural rust ruthless sack sacred " +
  "sacrifice sad saddle safety sail sake salad salary salt salute sample sanction sand satisfy sauce savage saves scale scan scandal scar scarce scare scarf scatter scenario scene " +
  "scent scheme scholar science scissors scope scorch scramble scrap scrape scratch scream screw script scroll seal seam searches seasonal secondary secondly secret secretary " +
  "sector secure security seed seize seldom select selfish seller senior sense sensible sensitive sentence sentiment sequence sequences series seriously servant severe severely " +
  "sew shade shadow shake shaky shall shallow shame shatter shave shed sheep sheer sheet shelf shell shelter shield shine shiny shirt shiver shock shoe shoot shopper shoppers shortage " +
  "shortly shot shots shoulder shove shovel shower shrink shrug shuffle sibling sigh sight signal signature significant significantly silk silly silver simplify simulate simultaneous " +
  "simultaneously sin sincere sink sister sites situation skeleton sketch skill skin skirt skull slack slam slap slave slice slides slim slip slope slot slots slowly sluggish smart smash " +
  "smell smoke smoothly snack snag snake snap snapshot sneak snow soak soap sober social society sock socket software soil solar soldier sole solemn solid solution solve solved solves " +
  "somehow somewhat somewhere song sore sorrow soul soup sour spam span spare spark specialist species specific specifically specify spectacle speech spell sphere spice spider spike spikes " +
  "spill spin spiral spirit spit splash splendid spoil spoke sponsor spontaneous spoon sport spot spots spray spring sprint spur squad square squeeze stab stable stack stadium stain stair " +
  "stake stale stalk stall stalls stamp standard staple star stare startle starve statement static station statistics statue status steadily steady steal steam steel steep steer stem steps " +
  "stern stiff stimulate sting stir stitch stolen stomach stone stool storage storm stove straightaway strain strand stranger strap strategy straw streak stream streams strength stress stretch " +
  "strict strike string strip stripe stroke strongly structure struggle struggles stubborn student stumble stupid subject submit subscriber subscribers subsequent subsequently substance " +
  "substantial substitute subtle suburb succeed success successful successfully successive suck suffers sufficient suggest suggestion suitable sum summary summit sunset super superb " +
  "superior supermarket supervise supper supplement supply supposedly suppress supreme surf surge surgeon surplus surrender surround survey survive suspect suspected suspects suspend " +
  "suspense suspicion suspicious sustain swallow swap swaps swarm sway swear sweat sweep sweet swell swift swim swing switches sword symbol sympathy symptom syndrome synonym synthetic syrup " +
  "tackle tactic tag tail tale talent tame tank tap tape target tariff tasks tax taxi tea teach tear tease technical technician technique technology tedious teenager telephone television " +
  "temper temperature temple temporarily temporary tempt tenant tend tendency tender tension tent terminal terminate terrible terribly terrify territory terror testify textbook texture thank " +
  "thanks theatre theft theme theory therapy thereafter thereby therefore thermal thick thief thin thirst thorough thoroughly thread threat threaten threshold thrill thrive throat throne " +
  "throughout thumb thunder thus tick tide tidy tie tier tiger tile timber timely tin tip tissue title toast tobacco toe toilet tolerate toll tomb tongue tonight tools tooth topic torch torture " +
  "toss totally touches tough tour tourist tournament tow towel tower toy trace trackers tradition traffic tragedy trail trailer trait transaction transfer transform transition translate " +
  "transmit transparent transport trap trash trauma tray treasure treaty tremble tremendous trend trial triangle tribe trick trigger triggers trim triumph trivial troop tropical trouser truck " +
  "truly trumpet trunk truth tube tuck tumble tune tunnel turnover tutor twelve twin twist typical typically ugly ultimate ultimately umbrella unable uncle uncomfortable undergo underline " +
  "undermine underneath undertake undo undoubtedly unexpected unexpectedly unfair unfold unfortunate unfortunately unhappy uniform union unique unite universal universe university unknown " +
  "unless unlike unlikely unload unlock unrelated unsafe unstable unsuccessful untouched unusual unusually upcoming update updates upgrade upgrades upload upper upright upset upstairs " +
  "upward upwards urban urge urgent urgently usage useful useless usually utility utter vacant vacation vague vain valid valley valuable van vanish variable variety vary vast vault vegetable " +
  "vehicle veil vein vendor venture verbal verdict verify verse versions versus vertical vessel veteran via vice victim victory viewer viewers village violate violence virtual virtually virtue " +
  "virus visible vision visual vital vivid vocabulary volume voluntary volunteer vote vouch voyage vulnerable wage wagon waist waits wander wandering warmth warn warning warrant warrior wasted wasteful " +
  "wave wax weaken wealth weapon weary weave wedding weed weekly weep weigh weight weird welcome welfare west wet whale whatever wheat whenever whereas whereby wherever whisper whistle wholesale " +
  "wholly wicked widely widespread widow width wilderness willing wink winner wipe wire wisdom wise withdraw witness wobble wolf wool workflow workload worldwide worm worries worship worthwhile " +
  "worthy wound wounds wrap wreck wrist writer writes writing yard yawn yearly yell yesterday yield youth zone zoom mins secs msec hour hours apps urls router compile compiler checkout login logout signup timeout wifi otp";

/** Surfaces of words that are no mistakes of spelling, besides those of the data. */
export const knownWords: ReadonlySet<string> = new Set([
  ...FREQUENT.split(" "),
  ...MORE.split(" "),
  ...stopWords,
  ...[...synonyms, ...relations].flatMap((group) => group.split(" ")),
]);
