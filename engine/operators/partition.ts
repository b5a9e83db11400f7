import { firstOfSessions, type Postings } from "../../kernels/postings.js";
import type { AuxiliaryTable } from "../columns/auxiliary-table.js";
import type { Codes, TableColumn } from "../columns/event-table.js";
import type { RefiningColumn } from "../passes/symbols.js";
import { SessionBuffers } from "./session-buffers.js";

/** What operators see of the event table: columns on shared memory, no ids and no names. */
export interface TableView {
  readonly time: Float64Array;
  readonly name: Codes;
  readonly sessionOffsets: Uint32Array;
  readonly userOffsets: Uint32Array;
  readonly columns: readonly TableColumn[];
  readonly tables: readonly AuxiliaryTable[];
  /** What the study's filter F ignores; null: nothing. */
  readonly filter: {
    /** Uint8Array(names): 1 where the name is ignored */
    readonly ignored: Uint8Array;
    /** Uint32Array(N), visible events before each */
    readonly visibleRank: Uint32Array;
  } | null;
  /** Names whose tokens depend on the event's attributes. */
  readonly refined: readonly {
    readonly name: number;
    readonly base: number;
    readonly columns: readonly (RefiningColumn & { readonly stride: number })[];
  }[];
}

/** A range of users, with all their sessions and events: what one task works on. */
export interface Partition {
  readonly table: TableView;
  readonly userStart: number;
  readonly userEnd: number;
  readonly sessionStart: number;
  readonly sessionEnd: number;
  readonly eventStart: number;
  readonly eventEnd: number;
  /**
   * Float64Array(sessions), ms: up to when what happens is known; infinite where the session ended by itself. Null: all
   * sessions did. Nothing that waits beyond it can be said not to have happened.
   */
  readonly horizonMs: Float64Array | null;
  /** Where the values of its sessions are computed. */
  readonly buffers: SessionBuffers;
}

/**
 * The partition of users [userStart, userEnd).
 * @param buffers - of a partition that nothing is asked of any more
 */
export function partitionOf(
  table: TableView,
  userStart: number,
  userEnd: number,
  buffers: SessionBuffers = new SessionBuffers(),
): Partition {
  const sessionStart = table.userOffsets[userStart] as number;
  const sessionEnd = table.userOffsets[userEnd] as number;
  buffers.resize(sessionEnd - sessionStart);
  return {
    table: viewOf(table),
    userStart,
    userEnd,
    sessionStart,
    sessionEnd,
    eventStart: table.sessionOffsets[sessionStart] as number,
    eventEnd: table.sessionOffsets[sessionEnd] as number,
    horizonMs: null,
    buffers,
  };
}

/** A view made by this one literal: operators are compiled for the shapes of what they are given, again for each further one. */
export function viewOf(table: TableView): TableView {
  const { time, name, sessionOffsets, userOffsets, columns, tables, filter, refined } = table;
  return { time, name, sessionOffsets, userOffsets, columns, tables, filter, refined };
}

/** Where events stand; sessions are counted from the partition's first. Made by `positionsSlot`. */
export interface PositionsSlot extends Postings {
  readonly type: "positions";
  /** Of runs: the position of the last repeat before each. */
  readonly from: Uint32Array | null;
  /** Where the events of each session begin, once somebody has asked: see `firstsOf`. */
  firsts: Uint32Array | null;
}

/** Events as the value of a node. */
export function positionsSlot({ positions, sessions }: Postings, from: Uint32Array | null = null): PositionsSlot {
  return { type: "positions", positions, sessions, from, firsts: null };
}

/** Uint32Array(sessions) where the events of each begin, as `firstOfSessions` tells; found once. O(events). */
export function firstsOf({ buffers }: Partition, slot: PositionsSlot): Uint32Array {
  if (slot.firsts !== null) return slot.firsts;
  const firsts = buffers.codes();
  firstOfSessions(slot.sessions, firsts);
  slot.firsts = firsts;
  return firsts;
}

/** A condition on each session of a partition. */
export interface BooleanSlot {
  readonly type: "boolean";
  /** Uint32Array(sessions / 32): session s is bit `s % 32` of word `s / 32`; bits after the last session are anything */
  readonly bits: Uint32Array;
  /**
   * Uint32Array(sessions), positions: the value is decided before the event there, so only events before it are evidence;
   * null: at the session's end, or nobody asks.
   */
  readonly decided: Uint32Array | null;
}

/** A number of each session of a partition; NaN = missing. */
export interface NumberSlot {
  readonly type: "number";
  /** Float64Array(sessions); of listed ones the first are the values of the sessions that are listed */
  readonly values: Float64Array;
  /** Where only the sessions of some events can have a value of their own; null: `values` are of all sessions. */
  readonly listed: {
    /** Uint32Array(sessions), of which the first `count` are ascending, each once */
    readonly sessions: Uint32Array;
    readonly count: number;
    /** The value of all others. */
    readonly rest: number;
  } | null;
}

/** A column's value in the first event of each session of a partition. */
export interface TextSlot {
  readonly type: "text";
  /** Uint32Array(sessions), 0 = missing */
  readonly codes: Uint32Array;
  readonly dictionary: readonly (string | number | boolean)[];
}

/** What a node yields for one partition. */
export type Slot = PositionsSlot | BooleanSlot | NumberSlot | TextSlot;

/**
 * A column of the table by name.
 * @throws RangeError when the plan names a column that was not read
 */
export function columnOf(table: TableView, name: string): TableColumn {
  const column = table.columns.find((candidate) => candidate.name === name);
  if (column === undefined) throw new RangeError(`unknown column: ${name}`);
  return column;
}

/** The positions in the events of each session of a partition at which its first event stands. */
export function firstPosition(partition: Partition, column: TableColumn, session: number): number {
  return column.grain === "session" ? session : (partition.table.sessionOffsets[session] as number);
}

/** The same numbers, of all sessions: a copy of listed ones. O(sessions). */
export function ofAllSessions({ buffers }: Partition, slot: NumberSlot): NumberSlot {
  if (slot.listed === null) return slot;
  const { sessions, count, rest } = slot.listed;
  const values = buffers.numbers().fill(rest);
  for (let at = 0; at < count; at++) values[sessions[at] as number] = slot.values[at] as number;
  return { type: "number", values, listed: null };
}

/** Those of some events that the study does not ignore: a chain sees no others, even where a step names them. */
export function visible(events: PositionsSlot, { name, filter }: TableView): PositionsSlot {
  if (filter === null) return events;
  const { positions, sessions } = events;
  const isSeen = (_: number, at: number): boolean => filter.ignored[name[positions[at] as number] as number] === 0;
  return positionsSlot({ positions: positions.filter(isSeen), sessions: sessions.filter(isSeen) });
}
