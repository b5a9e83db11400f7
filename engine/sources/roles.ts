import { LeadlineError } from "../../errors.js";
import type { SourceSchema } from "./chunk.js";

/** The columns that make rows events of sessions of users. */
export interface Roles {
  /** Absent where the data have no user: then every session is one of its own. */
  readonly user?: string;
  readonly time: string;
  readonly event: string;
  /** Absent where sessions are cut by inactivity. */
  readonly session?: string;
}

/** What a column can be. */
export type Role = keyof Roles;

/**
 * Usual names of each role, best first, folded: lower case, letters and digits only, so that `user_id`, `userId` and `User ID` are one.
 * What names only this role comes before what may name another (`name` may be a person's, `type` a kind of anything).
 */
const usual: Readonly<Record<Role, readonly string[]>> = {
  time: [
    ...["ts", "timestamp", "time", "eventtime", "eventtimestamp", "eventts", "occurredat", "datetime", "createdat"],
    ...["servertime", "receivedat", "loggedat", "starttime", "startedat", "date", "at"],
  ],
  event: [
    ...["event", "eventname", "eventtype", "activity", "activityname", "action", "actionname", "conceptname"],
    ...["operation", "name", "step", "type", "kind", "message"],
  ],
  session: [
    ...["sessionid", "session", "sessionkey", "sid", "gasessionid", "visitid", "visit", "caseid", "case", "traceid"],
    ...["trace", "requestid", "request", "runid", "run", "conversationid"],
  ],
  user: [
    ...["userid", "user", "uid", "customerid", "customer", "distinctid", "userpseudoid", "accountid", "memberid"],
    ...["playerid", "subscriberid", "visitorid", "visitor", "anonymousid", "clientid", "client", "deviceid", "device"],
  ],
};

/**
 * Which columns hold user, time, event and session: what is stated, else the usual name that stands first in a fixed order. A column
 * has one role.
 * @param stated - column names of the study
 * @throws LeadlineError `study-invalid` when a stated column does not exist, when no time or event column is found, or neither a user
 * nor a session
 */
export function guessRoles(schema: SourceSchema, stated: Partial<Roles>): Roles {
  return completeRoles(schema, rolesByName(schema, stated));
}

/**
 * The roles that usual names tell, as far as they do.
 * @param stated - column names of the study
 * @throws LeadlineError `study-invalid` when a stated column does not exist
 */
export function rolesByName(schema: SourceSchema, stated: Partial<Roles>): Partial<Roles> {
  const names = readableNames(schema);
  const taken = new Set<string>();
  const found: { -readonly [role in Role]?: string } = {};
  for (const role of ["user", "time", "event", "session"] as const) {
    const name = stated[role];
    if (name === undefined) continue;
    if (!names.includes(name)) throw missing(`${name} (events.columns.${role})`, names);
    taken.add(name);
    found[role] = name;
  }
  for (const role of ["session", "user", "time", "event"] as const) {
    const name = found[role] ?? bestOf(names, usual[role], taken);
    if (name === undefined) continue;
    taken.add(name);
    found[role] = name;
  }
  return found;
}

/**
 * Roles with which data can be read: what is there, or an error that says what is not.
 * @throws LeadlineError `study-invalid` without a time, an event, or both a user and a session
 */
export function completeRoles(schema: SourceSchema, roles: Partial<Roles>): Roles {
  const names = readableNames(schema);
  const { user, session, time, event } = roles;
  if (time === undefined) throw missing("the event's time; name it in a study, as events.columns.time", names);
  if (event === undefined) throw missing("the event's name; name it in a study, as events.columns.event", names);
  if (user === undefined && session === undefined)
    throw missing("user or session; name one in a study, as events.columns.user or events.columns.session", names);
  return { time, event, ...(user === undefined ? {} : { user }), ...(session === undefined ? {} : { session }) };
}

/** The columns of a type that can be read. */
export function readableNames(schema: SourceSchema): readonly string[] {
  return schema.columns.filter(({ type }) => type !== "unsupported").map(({ name }) => name);
}

function bestOf(names: readonly string[], wanted: readonly string[], taken: ReadonlySet<string>): string | undefined {
  for (const usualName of wanted) {
    const name = names.find((candidate) => !taken.has(candidate) && folded(candidate) === usualName);
    if (name !== undefined) return name;
  }
  return undefined;
}

function folded(name: string): string {
  return name.toLowerCase().replace(/[^a-z0-9]/g, "");
}

function missing(what: string, names: readonly string[]): LeadlineError {
  return new LeadlineError("study-invalid", `missing column: ${what}; the data have ${names.join(", ")}`);
}
