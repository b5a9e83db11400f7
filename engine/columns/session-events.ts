import { type EventTable, idText, type TableColumn, userOf, type Value } from "./event-table.js";

/** One event as a plain object. */
export interface PlainEvent {
  /** Ms since the epoch. */
  readonly time: number;
  readonly name: string;
  /** By column, those that the event has; moments in ms since the epoch. */
  readonly attributes: Readonly<Record<string, Value>>;
}

/** The events of a session in their order, as plain objects: to look at, not to compute with. O(events × columns). */
export function eventsOf(table: EventTable, session: number): PlainEvent[] {
  const { sessionOffsets, time, name, names, columns } = table;
  const start = sessionOffsets[session];
  const end = sessionOffsets[session + 1];
  if (start === undefined || end === undefined)
    throw new RangeError(`invalid session: ${session}; 0 to ${table.sessions - 1}`);
  return Array.from({ length: end - start }, (_, index) => {
    const event = start + index;
    const attributes = columns.flatMap((column): (readonly [string, Value])[] => {
      const value = valueIn(column, column.grain === "session" ? session : event);
      return value === null ? [] : [[column.name, value]];
    });
    return {
      time: time[event] as number,
      name: names[name[event] as number] as string,
      attributes: Object.fromEntries(attributes),
    };
  });
}

/** The id of the user who owns a session. O(log users). */
export function userId(table: EventTable, session: number): string {
  return idText(table.userIds, userOf(table, session));
}

function valueIn(column: TableColumn, row: number): Value | null {
  if (column.kind === "coded") return column.dictionary[(column.codes[row] as number) - 1] ?? null;
  const value = column.values[row] as number;
  return Number.isNaN(value) ? null : value;
}
