import { LeadlineError } from "../../errors.js";
import { cellsToNumbers, cellsToTimes } from "../../kernels/cell-columns.js";
import { parseTimeBytes } from "../../kernels/parse-time.js";
import { knownDate } from "../../kernels/wasm/times.js";
import { ByteDictionaryBuilder } from "./byte-dictionary.js";
import type { ByteDictionary, ChunkColumn, ColumnRequest } from "./chunk.js";
import { CodedBytes } from "./coded-bytes.js";
import { type DecoderMemory, sharedArrays } from "./decoder-memory.js";
import { shownPath } from "./shown-path.js";

/** Cells that are read one by one before it is asked whether most are. */
const FEW_CELLS = 1000;

/** Bounds of the wanted cells of some rows of text. */
export interface Cells {
  readonly bytes: Uint8Array;
  /** Int32Array(rows * stride): cell of row r and slot s is `bytes[starts[i], ends[i])`, i = r * stride + s. */
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly stride: number;
  readonly rows: number;
}

/** Cells that stand in the decoders' memory, whose bounds are addresses there. */
export class MemoryCells implements Cells {
  readonly memory: DecoderMemory;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly stride: number;
  readonly rows: number;

  constructor(memory: DecoderMemory, startsAt: number, endsAt: number, stride: number, rows: number) {
    this.memory = memory;
    this.startsAt = startsAt;
    this.endsAt = endsAt;
    this.stride = stride;
    this.rows = rows;
  }

  get bytes(): Uint8Array {
    return new Uint8Array(this.memory.buffer);
  }

  get starts(): Int32Array {
    return new Int32Array(this.memory.buffer, this.startsAt, this.rows * this.stride);
  }

  get ends(): Int32Array {
    return new Int32Array(this.memory.buffer, this.endsAt, this.rows * this.stride);
  }
}

/** Where rows come from, for messages; `firstRow` counts from 1. */
export interface RowOrigin {
  readonly file: string;
  readonly firstRow: number;
}

/**
 * One column from text cells, an empty cell being a missing value.
 *
 * `own` is numbers when every value is one, booleans when every value is `true` or `false` in any case, else text; without any value it
 * is text with an empty dictionary, which says nothing of its type. `time` is ms since the epoch when the values are ISO texts; epoch
 * numbers come as they stand, with type `number`, because only the whole file tells their unit (see `unifyColumns`).
 * @throws LeadlineError `source-invalid` when a `time` cell is neither
 */
export function cellsColumn(cells: Cells, slot: number, request: ColumnRequest, origin: RowOrigin): ChunkColumn {
  switch (request.as) {
    case "id":
      return codesOf(cells, slot, false);
    case "label":
      return codesOf(cells, slot, true);
    case "own": {
      const values = sharedFloats(cells.rows);
      const { bytes, starts, ends, stride, rows } = cells;
      const read = cellsToNumbers(bytes, starts, ends, slot, stride, rows, false, values);
      if (read < rows || values.every(Number.isNaN)) return codesOf(cells, slot, true);
      return { kind: "numbers", type: "number", values };
    }
    case "time":
      return timesOf(cells, slot, request.name, origin);
  }
}

/** As `cellsToTimes`. Only the first cell of each date, and those of rarer shapes, are read one by one. */
function memoryTimes(cells: MemoryCells, slot: number, values: Float64Array): number {
  const { memory, startsAt, endsAt, stride, rows } = cells;
  const target = memory.reserve("numbers", 8 * rows);
  const date = memory.reserve("date", knownDate.bytes);
  // the bytes of no date
  memory.bytes(date, knownDate.bytes).fill(0);
  const { bytes, starts, ends } = cells;
  const numbers = memory.numbers(target, rows);
  let done = 0;
  for (let alone = 0; done < rows; alone++) {
    const first = 4 * (done * stride + slot);
    // where most are of other shapes, asking for each costs more than it spares
    if (alone > FEW_CELLS + done / 4) {
      done += cellsToTimes(bytes, starts, ends, first / 4, stride, rows - done, numbers.subarray(done));
      break;
    }
    const { cellTimes } = memory.kernels;
    done += cellTimes(startsAt + first, endsAt + first, 4 * stride, target + 8 * done, rows - done, date);
    if (done === rows) break;
    const [start, end] = [starts[done * stride + slot] as number, ends[done * stride + slot] as number];
    const moment = parseTimeBytes(bytes, start, end);
    if (Number.isNaN(moment)) break;
    numbers[done++] = moment;
    const dateMs = end - start < 10 ? Number.NaN : parseTimeBytes(bytes, start, start + 10);
    if (Number.isNaN(dateMs)) continue;
    bytes.copyWithin(date, start, start + 10);
    memory.numbers(date, 3)[knownDate.ms / 8] = dateMs;
  }
  values.set(memory.numbers(target, rows));
  return done;
}

function timesOf(cells: Cells, slot: number, name: string, origin: RowOrigin): ChunkColumn {
  const { stride, rows } = cells;
  const values = sharedFloats(rows);
  const dates =
    cells instanceof MemoryCells
      ? memoryTimes(cells, slot, values)
      : cellsToTimes(cells.bytes, cells.starts, cells.ends, slot, stride, rows, values);
  // only now: reading dates may have made the decoders' memory grow, and views from before hold nothing then
  const { bytes, starts, ends } = cells;
  if (dates === rows) return { kind: "numbers", type: "time", values };
  const numbers = cellsToNumbers(bytes, starts, ends, slot, stride, rows, true, values);
  if (numbers === rows) return { kind: "numbers", type: "number", values };
  // The later of the two first failures is the first row that breaks with the kind the rows before it have.
  const row = Math.max(dates, numbers);
  const cell = row * stride + slot;
  const text = new TextDecoder().decode(bytes.subarray(starts[cell], ends[cell]));
  throw invalidTime(origin.file, origin.firstRow + row, name, text);
}

/** The error of a cell that should tell a time. */
export function invalidTime(file: string, row: number, name: string, text: string): LeadlineError {
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  const isOtherKind = !Number.isNaN(Number(text)) || /^\d{4}-\d\d-\d\d/.test(text);
  const rule = isOtherKind
    ? "which is no time like those of the rows before; real ISO 8601 dates or epoch numbers, one kind a file, are"
    : "which is no time; ISO 8601 or an epoch in s, ms, µs or ns are";
  return new LeadlineError(
    "source-invalid",
    `${shownPath(file)}, row ${row}: ${name} is ${JSON.stringify(shown)}, ${rule}`,
  );
}

function codesOf(cells: Cells, slot: number, own: boolean): ChunkColumn {
  if (cells instanceof MemoryCells) return memoryCodes(cells, slot, own);
  const { bytes, starts, ends, stride, rows } = cells;
  const builder = new ByteDictionaryBuilder();
  const wide = new Uint32Array(rows);
  for (let row = 0, cell = slot; row < rows; row++, cell += stride) {
    const start = starts[cell] as number;
    const end = ends[cell] as number;
    if (start !== end) wide[row] = builder.insert(bytes, start, end) + 1;
  }
  return codesColumn(wide, builder.finish(), own);
}

function memoryCodes({ memory, startsAt, endsAt, stride, rows }: MemoryCells, slot: number, own: boolean): ChunkColumn {
  const wide = memory.reserve("codes", 4 * rows);
  const bounds = { starts: startsAt + 4 * slot, ends: endsAt + 4 * slot, step: 4 * stride };
  const coded = new CodedBytes(memory);
  coded.codeCells(0, bounds, wide, rows, false);
  const dictionary = coded.finish();
  if (own && asBooleans(dictionary) !== undefined) return codesColumn(memory.words(wide, rows), dictionary, own);
  return {
    kind: "codes",
    type: "text",
    codes: memory.takeCodes(wide, rows, dictionary.offsets.length - 1, sharedArrays),
    dictionary,
  };
}

/**
 * A column of codes in the narrowest type.
 * @param wide - Uint32Array(rows), 0 = missing, else index into the dictionary plus one
 * @param own - whether texts that are all `true` or `false`, in any case, are booleans
 */
export function codesColumn(wide: Uint32Array, dictionary: ByteDictionary, own: boolean): ChunkColumn {
  const booleans = own ? asBooleans(dictionary) : undefined;
  if (booleans === undefined)
    return { kind: "codes", type: "text", codes: narrowed(wide, dictionary.offsets.length - 1), dictionary };
  const mapped = wide.map((code) => (code === 0 ? 0 : (booleans[code - 1] as number)));
  return { kind: "codes", type: "boolean", codes: narrowed(mapped, 2), dictionary: dictionaryOf(["false", "true"]) };
}

/** For each value 1 (`false`) or 2 (`true`); undefined where some value is neither or there is none. */
function asBooleans({ bytes, offsets }: ByteDictionary): readonly number[] | undefined {
  const count = offsets.length - 1;
  // `true` and `false` have so many spellings that are told apart only by case; more values cannot all be booleans.
  if (count === 0 || count > 2 ** 4 + 2 ** 5) return undefined;
  const codes: number[] = [];
  for (let value = 0; value < count; value++) {
    const text = Buffer.from(bytes.subarray(offsets[value], offsets[value + 1]))
      .toString("latin1")
      .toLowerCase();
    if (text !== "true" && text !== "false") return undefined;
    codes.push(text === "true" ? 2 : 1);
  }
  return codes;
}

/** Codes up to `count` in the narrowest shared array. */
function narrowed(wide: Uint32Array, count: number): Uint8Array | Uint16Array | Uint32Array {
  const rows = wide.length;
  const codes =
    count < 1 << 8
      ? new Uint8Array(new SharedArrayBuffer(rows))
      : count < 1 << 16
        ? new Uint16Array(new SharedArrayBuffer(rows * 2))
        : new Uint32Array(new SharedArrayBuffer(rows * 4));
  codes.set(wide);
  return codes;
}

/** A dictionary of these texts, in this order. */
export function dictionaryOf(texts: readonly string[]): ByteDictionary {
  const encoded = texts.map((text) => Buffer.from(text));
  const offsets = new Uint32Array(new SharedArrayBuffer((texts.length + 1) * 4));
  encoded.forEach((text, value) => {
    offsets[value + 1] = (offsets[value] as number) + text.length;
  });
  const bytes = new Uint8Array(new SharedArrayBuffer(offsets[texts.length] as number));
  encoded.forEach((text, value) => {
    bytes.set(text, offsets[value]);
  });
  return { bytes, offsets };
}

/** Float64Array(count) that other threads can read. */
export function sharedFloats(count: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(count * 8));
}
