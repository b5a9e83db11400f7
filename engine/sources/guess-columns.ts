import { LeadlineError } from "../../errors.js";
import { parseTimeBytes } from "../../kernels/parse-time.js";
import { wordsOf } from "../../planner/name-words.js";
import type { ChunkColumn, CodesColumn, ColumnRequest } from "./chunk.js";
import { decodeTask } from "./decode-task.js";
import { completeRoles, type Role, type Roles, readableNames, rolesByName } from "./roles.js";
import type { SourceSet } from "./source.js";

/** Words of a column's name that tell its role, and those that may stand beside them. */
interface RoleWords {
  readonly telling: ReadonlySet<string>;
  readonly beside: ReadonlySet<string>;
}

const idWords = [
  "id",
  "ids",
  "no",
  "nr",
  "num",
  "number",
  "key",
  "uuid",
  "guid",
  "ref",
  "hash",
  "serial",
  "sn",
  "code",
];

const words: Readonly<Record<Role, RoleWords>> = {
  session: {
    telling: new Set([
      ...[
        "session",
        "visit",
        "case",
        "trace",
        "request",
        "run",
        "conversation",
        "boot",
        "pipeline",
        "build",
        "workflow",
      ],
      ...["ticket", "incident", "trip", "journey", "batch", "transaction", "execution", "call", "episode", "attempt"],
    ]),
    beside: new Set(idWords),
  },
  user: {
    telling: new Set([
      ...["user", "customer", "client", "visitor", "member", "account", "player", "subscriber", "device", "machine"],
      ...[
        "host",
        "hostname",
        "author",
        "owner",
        "patient",
        "student",
        "employee",
        "person",
        "driver",
        "vehicle",
        "who",
      ],
      ...["username", "login", "email", "imei", "mac"],
    ]),
    beside: new Set([...idWords, "name", "address"]),
  },
  time: {
    telling: new Set([
      ...[
        "time",
        "timestamp",
        "date",
        "datetime",
        "when",
        "ts",
        "recorded",
        "occurred",
        "happened",
        "started",
        "created",
      ],
      ...["logged", "received", "begin", "began"],
    ]),
    beside: new Set([
      ...[
        "event",
        "log",
        "record",
        "start",
        "date",
        "time",
        "stamp",
        "at",
        "on",
        "utc",
        "gmt",
        "local",
        "server",
        "ms",
      ],
      ...["unix", "epoch", "iso", "and", "day", "of", "the", "s", "us", "ns"],
    ]),
  },
  event: {
    telling: new Set([
      ...["event", "action", "activity", "happened", "operation", "step", "job", "task", "stage", "msg", "message"],
      ...["command", "what", "verb", "op", "phase"],
    ]),
    beside: new Set(["name", "type", "kind", "title", "text", "the", "what", "id"]),
  },
};

/** Epoch numbers of the years 2001 to 2100, in s; in ms, µs and ns a thousand times as much each. */
const epochSeconds: readonly [number, number] = [978_307_200, 4_102_444_800];

/** Different names of events, at most, in the rows that are looked at; ids and free texts have more. So many texts are read as times. */
const mostNames = 1000;
/** Dates that are not read: `16.11.2026`, `11/16/2026 8:30`, `16-Nov-2026`. */
const otherDate = /^\s*(?:\d{1,4}[./]\d{1,2}[./]\d{1,4}|\d{1,2}[- ]\p{L}{3,}[- .,]*\d{2,4})(?!\d)/u;
/** Different ids, at least, and rows of each on average, for a text column to be one of sessions. */
const fewestIds = 20;
const fewestRowsOfAnId = 2;

/**
 * Which columns of unknown data hold user, time, event and session, for a first look: usual names first, then words in names, then
 * what the first rows hold. A guess: a study states what came of it.
 * @throws LeadlineError `study-invalid` when neither tells; `source-invalid` when the first rows cannot be read
 */
export async function guessColumns(sources: SourceSet): Promise<Roles> {
  const { schema } = sources;
  const roles = rolesByWords(readableNames(schema), rolesByName(schema, {}));
  const isComplete =
    roles.time !== undefined && roles.event !== undefined && (roles.user ?? roles.session) !== undefined;
  if (isComplete) return completeRoles(schema, roles);
  const guessed = await rolesByValues(sources, roles);
  if (guessed.time === undefined) await refuseDates(sources);
  return completeRoles(schema, guessed);
}

/** Adds what words tell: a name of nothing but telling words and such as stand beside them. */
function rolesByWords(names: readonly string[], known: Partial<Roles>): Partial<Roles> {
  const found: { -readonly [role in Role]?: string } = { ...known };
  const taken = new Set<string>(Object.values(known));
  for (const role of ["session", "user", "time", "event"] as const) {
    if (found[role] !== undefined) continue;
    const { telling, beside } = words[role];
    const name = names.find((candidate) => {
      const own = wordsOf(candidate);
      const isTold = own.some((word) => telling.has(word));
      return !taken.has(candidate) && isTold && own.every((word) => telling.has(word) || beside.has(word));
    });
    if (name === undefined) continue;
    taken.add(name);
    found[role] = name;
  }
  return found;
}

/** Adds what the first rows tell. */
async function rolesByValues(sources: SourceSet, known: Partial<Roles>): Promise<Partial<Roles>> {
  const taken = new Set<string>(Object.values(known));
  const id = known.session ?? known.user;
  const requests: ColumnRequest[] = readableNames(sources.schema)
    .filter((name) => name === id || !taken.has(name))
    .map((name) => ({ name, as: name === id ? "id" : "own" }));
  const columns = (await firstChunk(sources, requests)).map((column, at) => ({ name: requests[at]?.name, column }));
  const time = known.time ?? columns.find(({ name, column }) => name !== id && isTime(column))?.name;
  const texts = columns.flatMap(({ name, column }) => (column.kind === "codes" ? [{ name, column }] : []));
  const owner = texts.find(({ name }) => name === id) ?? (id === undefined ? bestId(texts) : undefined);
  const others = texts.filter((one) => one !== owner && one.name !== time && one.column.type === "text");
  const event = known.event ?? (owner === undefined ? undefined : mostChanging(others, owner.column));
  return {
    ...known,
    ...(time === undefined ? {} : { time }),
    ...(event === undefined ? {} : { event }),
    ...(id !== undefined || owner?.name === undefined ? {} : { session: owner.name }),
  };
}

/**
 * Says so where the times are dates that are not read.
 * @throws LeadlineError `source-invalid` where a column's first value looks like such a date
 */
async function refuseDates(sources: SourceSet): Promise<void> {
  const requests = readableNames(sources.schema).map((name): ColumnRequest => ({ name, as: "own" }));
  for (const [at, column] of (await firstChunk(sources, requests)).entries()) {
    if (column.kind !== "codes" || valuesOf(column) === 0) continue;
    const { bytes, offsets } = column.dictionary;
    const value = Buffer.from(bytes.subarray(0, offsets[1])).toString("utf8");
    if (!otherDate.test(value)) continue;
    throw new LeadlineError(
      "source-invalid",
      `no column of times: ${requests[at]?.name} holds ${JSON.stringify(value.slice(0, 80))}; times are read in ISO 8601, such as 2026-11-16 08:30:00, or as epoch numbers`,
    );
  }
}

/** A column of texts and its name. */
interface TextColumn {
  readonly name: string | undefined;
  readonly column: CodesColumn;
}

async function firstChunk({ tasks }: SourceSet, requests: readonly ColumnRequest[]): Promise<readonly ChunkColumn[]> {
  const [task] = tasks;
  if (task === undefined) return [];
  for await (const { columns } of decodeTask(task, requests)) return columns;
  return [];
}

/** Moments, texts that are moments, or numbers that are all epochs of one unit. */
function isTime(column: ChunkColumn): boolean {
  if (column.kind === "codes") {
    const { bytes, offsets } = column.dictionary;
    const values = Math.min(valuesOf(column), mostNames);
    for (let value = 0; value < values; value++) {
      if (Number.isNaN(parseTimeBytes(bytes, offsets[value] as number, offsets[value + 1] as number))) return false;
    }
    return values > 0;
  }
  const present = column.values.filter((value) => !Number.isNaN(value));
  if (present.length === 0) return false;
  if (column.type === "time") return true;
  const [least, greatest] = epochSeconds;
  return [1, 1e3, 1e6, 1e9].some((unit) => present.every((value) => value >= least * unit && value < greatest * unit));
}

/** Of the columns that look like ids of sessions the one of most values. */
function bestId(columns: readonly TextColumn[]): TextColumn | undefined {
  return columns
    .filter(({ column }) => {
      const ids = valuesOf(column);
      return column.type === "text" && ids >= fewestIds && column.codes.length >= fewestRowsOfAnId * ids;
    })
    .sort((a, b) => valuesOf(b.column) - valuesOf(a.column))[0];
}

/** The column of names that differs most often from what it was in the row before of the same owner. */
function mostChanging(columns: readonly TextColumn[], owner: CodesColumn): string | undefined {
  const changing = columns
    .filter(({ column }) => valuesOf(column) >= 2 && valuesOf(column) <= mostNames)
    .map(({ name, column }) => ({ name, changes: changesOf(column, owner) }))
    .sort((a, b) => b.changes - a.changes);
  return changing[0]?.changes === 0 ? undefined : changing[0]?.name;
}

function changesOf({ codes }: CodesColumn, owner: CodesColumn): number {
  const last = new Int32Array(valuesOf(owner) + 1).fill(-1);
  let changes = 0;
  for (let row = 0; row < codes.length; row++) {
    const own = owner.codes[row] as number;
    const code = codes[row] as number;
    const before = last[own] as number;
    if (before >= 0 && before !== code) changes++;
    last[own] = code;
  }
  return changes;
}

function valuesOf({ dictionary }: CodesColumn): number {
  return dictionary.offsets.length - 1;
}
