import type { CodeWidth } from "../../kernels/wasm/hybrid.js";
import { byteArraySlack, csvSlack, hybridSlack, maskAddress, snappySlack } from "../../kernels/wasm/layouts.js";
import type { ByteDictionary } from "./chunk.js";
import { decoderBytes } from "./decoder-module.js";

const PAGE_BYTES = 1 << 16;

/**
 * What the memory begins with, more than files take as a rule; what nobody has touched is address space alone. A memory that grows takes its buffer
 * from under the arrays on it, and from then on V8 looks at every access to any typed array of the thread whether that has happened: all that
 * is counted after a file has been read took a fourth longer.
 */
const FIRST_PAGES = (1 << 27) / PAGE_BYTES;

/** Addresses are compared as signed numbers here and there. */
const MOST_PAGES = (2 ** 31 - PAGE_BYTES) / PAGE_BYTES;

/** Below it stand constants, the state of a dictionary, and nothing at 0. */
const FIRST_FREE = 1024;

/** The state of the dictionary under construction. */
export const STATE_ADDRESS = 512;

/** What any kernel may touch beyond the bytes that it was given. */
const SLACK_BYTES = Math.max(snappySlack, hybridSlack, byteArraySlack, csvSlack) + 32;

type Kernel = (...values: readonly number[]) => number;

/** The functions of `kernels/wasm`, named as there. */
export interface DecoderKernels {
  readonly snappy: Kernel;
  readonly levels: Kernel;
  readonly spreadNumbers: Kernel;
  readonly hybrid: Readonly<Record<CodeWidth, Kernel>>;
  readonly spread: Readonly<Record<CodeWidth, Kernel>>;
  readonly narrow: Readonly<Record<CodeWidth, Kernel>>;
  readonly lookUp: Readonly<Record<CodeWidth, Kernel>>;
  readonly numbers: Readonly<Record<"int32" | "uint32" | "int64" | "uint64" | "float" | "double", Kernel>>;
  readonly codeByteArrays: Kernel;
  readonly codeFixed: Kernel;
  readonly codeCells: Kernel;
  readonly writeDictionary: Kernel;
  readonly splitByteArrays: Kernel;
  readonly hasRepeat: Kernel;
  readonly csvCells: Kernel;
  readonly csvCut: Kernel;
  readonly cellTimes: Kernel;
  readonly groupRows: Kernel;
  readonly hasChange: Readonly<Record<CodeWidth | 8, Kernel>>;
  readonly placeFirst: Readonly<Record<CodeWidth | 8, Kernel>>;
  readonly hasZero: Kernel;
  readonly placeRows: Kernel;
  readonly moveRows: Readonly<Record<CodeWidth | 8, Kernel>>;
  readonly hasNaN: Kernel;
  readonly packOffsets: Kernel;
  readonly sortByHash: Kernel;
  readonly hashUsers: Kernel;
  readonly placeUsers: Kernel;
  readonly placeSessions: Kernel;
  readonly pickValues: Kernel;
  readonly leastNumber: Kernel;
  readonly mergeUsers: Kernel;
}

/** Parts of the memory, each of which keeps its contents until it has to grow. */
export type Region =
  | "file"
  | "page"
  | "levels"
  | "codes"
  | "used"
  | "lookup"
  | "numbers"
  | "outside"
  | "bounds"
  | "table"
  | "entries"
  | "values"
  | "bytes"
  | "offsets"
  | "slots"
  | "starts"
  | "ends"
  | "out"
  | "date"
  | "users"
  | "first"
  | "previous"
  | "rowSessions"
  | "sessions"
  | "places"
  | "userIds"
  | "sessionIds"
  | "keys"
  | "next"
  | "repeats"
  | "moved"
  | "picked"
  | "merge";

/**
 * The memory that the WebAssembly kernels work on, cut into regions; a thread has one. Views of it are good until the next `reserve`, which
 * may move everything that JavaScript sees; addresses stay.
 */
export class DecoderMemory {
  readonly kernels: DecoderKernels;
  private readonly memory: WebAssembly.Memory = new WebAssembly.Memory({
    initial: FIRST_PAGES,
    maximum: MOST_PAGES,
  });
  private readonly regions = new Map<Region, { readonly start: number; readonly bytes: number }>();
  private top = FIRST_FREE;

  constructor() {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(decoderBytes().slice()), {
      env: { memory: this.memory },
    });
    const kernel = (name: string): Kernel => exports[name] as Kernel;
    const byWidth = (name: string): Readonly<Record<CodeWidth, Kernel>> => ({
      1: kernel(`${name}1`),
      2: kernel(`${name}2`),
      4: kernel(`${name}4`),
    });
    this.kernels = {
      snappy: kernel("snappy"),
      levels: kernel("levels"),
      spreadNumbers: kernel("spreadNumbers"),
      hybrid: byWidth("hybrid"),
      spread: byWidth("spread"),
      narrow: byWidth("narrow"),
      lookUp: byWidth("lookUp"),
      numbers: {
        int32: kernel("int32"),
        uint32: kernel("uint32"),
        int64: kernel("int64"),
        uint64: kernel("uint64"),
        float: kernel("float"),
        double: kernel("double"),
      },
      codeByteArrays: kernel("codeByteArrays"),
      codeFixed: kernel("codeFixed"),
      codeCells: kernel("codeCells"),
      writeDictionary: kernel("writeDictionary"),
      splitByteArrays: kernel("splitByteArrays"),
      hasRepeat: kernel("hasRepeat"),
      csvCells: kernel("csvCells"),
      csvCut: kernel("csvCut"),
      cellTimes: kernel("cellTimes"),
      groupRows: kernel("groupRows"),
      hasChange: { ...byWidth("hasChange"), 8: kernel("hasChange8") },
      placeFirst: { ...byWidth("placeFirst"), 8: kernel("placeFirst8") },
      hasZero: kernel("hasZero"),
      placeRows: kernel("placeRows"),
      moveRows: { ...byWidth("moveRows"), 8: kernel("moveRows8") },
      hasNaN: kernel("hasNaN"),
      packOffsets: kernel("packOffsets"),
      sortByHash: kernel("sortByHash"),
      hashUsers: kernel("hashUsers"),
      placeUsers: kernel("placeUsers"),
      placeSessions: kernel("placeSessions"),
      pickValues: kernel("pickValues"),
      leastNumber: kernel("leastNumber"),
      mergeUsers: kernel("mergeUsers"),
    };
    this.bytes(maskAddress, 16).fill(0xff);
  }

  /** What all views are made on, for now. */
  get buffer(): ArrayBuffer {
    return this.memory.buffer;
  }

  /**
   * Makes room in a region; its contents stay, at another address where it has to grow.
   * @returns the region's first byte, on a multiple of 16
   * @throws RangeError where the memory, 2 GiB, is used up
   */
  reserve(region: Region, bytes: number): number {
    const known = this.regions.get(region);
    if (known !== undefined && known.bytes >= bytes) return known.start;
    // what grew once will grow again
    const room = known === undefined ? bytes : Math.ceil(bytes * 1.5);
    const start = this.top;
    const top = start + Math.ceil((room + SLACK_BYTES) / 16) * 16;
    const pages = Math.ceil((top - this.memory.buffer.byteLength) / PAGE_BYTES);
    if (this.memory.buffer.byteLength / PAGE_BYTES + Math.max(0, pages) > MOST_PAGES) {
      throw new RangeError(`need ${room} bytes to decode, have ${MOST_PAGES * PAGE_BYTES - start}`);
    }
    if (pages > 0) this.memory.grow(pages);
    this.top = top;
    if (known !== undefined)
      new Uint8Array(this.memory.buffer).copyWithin(start, known.start, known.start + known.bytes);
    this.regions.set(region, { start, bytes: room });
    return start;
  }

  /** Bytes that a region has room for. */
  roomOf(region: Region): number {
    return this.regions.get(region)?.bytes ?? 0;
  }

  /** A view of bytes; good until the next `reserve`. */
  bytes(address: number, length: number): Uint8Array<ArrayBuffer> {
    return new Uint8Array(this.memory.buffer, address, length);
  }

  /** A view of uint32s; good until the next `reserve`. */
  words(address: number, length: number): Uint32Array<ArrayBuffer> {
    return new Uint32Array(this.memory.buffer, address, length);
  }

  /** A view of doubles; good until the next `reserve`. */
  numbers(address: number, length: number): Float64Array<ArrayBuffer> {
    return new Float64Array(this.memory.buffer, address, length);
  }

  /** A view of codes of a width; good until the next `reserve`. */
  codes(address: number, length: number, width: CodeWidth): Codes {
    if (width === 1) return new Uint8Array(this.memory.buffer, address, length);
    if (width === 2) return new Uint16Array(this.memory.buffer, address, length);
    return new Uint32Array(this.memory.buffer, address, length);
  }

  /**
   * Takes codes of 4 bytes out of the memory, as the narrowest type; what stands at the address is not the same afterwards.
   * @param values - the largest code there may be
   */
  takeCodes(address: number, length: number, values: number, arrays: ColumnArrays): Codes {
    const width = widthFor(values);
    // in place: a narrow code stands where wide ones have been read already
    if (width < 4) this.kernels.narrow[width](address, address, length);
    return this.copyCodes(address, length, width, arrays);
  }

  /** Copies codes of a width out of the memory. */
  copyCodes(address: number, length: number, width: CodeWidth, arrays: ColumnArrays): Codes {
    const codes = arrays.codes(length, width);
    codes.set(this.codes(address, length, width));
    return codes;
  }

  /** Copies numbers into the memory, where the last ones stood. @returns their address */
  putNumbers(values: Float64Array): number {
    const address = this.reserve("numbers", 8 * values.length);
    this.numbers(address, values.length).set(values);
    return address;
  }

  /** The address of a view's first byte; the view's bytes are copied to a region where they are not in this memory. */
  addressOf(view: ArrayBufferView, region: Region): number {
    if (view.buffer === this.memory.buffer) return view.byteOffset;
    const start = this.reserve(region, view.byteLength);
    this.bytes(start, view.byteLength).set(new Uint8Array(view.buffer, view.byteOffset, view.byteLength));
    return start;
  }
}

/** Codes in the narrowest type that holds them. */
export type Codes = Uint8Array | Uint16Array | Uint32Array;

/** Where the values of a column go that leave the memory. */
export interface ColumnArrays {
  readonly codes: (length: number, width: CodeWidth) => Codes;
  readonly numbers: (length: number) => Float64Array;
  /** A dictionary whose values are to be written. */
  readonly dictionary: (count: number, bytes: number) => ByteDictionary;
}

/** New SharedArrayBuffers. */
export const sharedArrays: ColumnArrays = {
  codes: (length, width) => codesOn(new SharedArrayBuffer(width * length), length, width),
  numbers: (length) => new Float64Array(new SharedArrayBuffer(8 * length)),
  dictionary: (count, bytes) => ({
    bytes: new Uint8Array(new SharedArrayBuffer(bytes)),
    offsets: new Uint32Array(new SharedArrayBuffer(4 * (count + 1))),
  }),
};

const scratch: ArrayBuffer[] = [];
const dictionaryScratch: ArrayBuffer[] = [];

/** A thread's buffer of at least so many bytes. */
function scratchOf(buffers: ArrayBuffer[], index: number, bytes: number): ArrayBuffer {
  let own = buffers[index];
  if (own === undefined || own.byteLength < bytes) {
    own = new ArrayBuffer(bytes);
    buffers[index] = own;
  }
  return own;
}

/**
 * Buffers of this thread, two a column, which the next chunk overwrites: memory that was touched before costs a tenth of what new memory
 * does.
 * @param column - its place in the chunk
 */
export function scratchArrays(column: number): ColumnArrays {
  const buffer = (bytes: number): ArrayBuffer => scratchOf(scratch, column, bytes);
  return {
    codes: (length, width) => codesOn(buffer(width * length), length, width),
    numbers: (length) => new Float64Array(buffer(8 * length), 0, length),
    dictionary: (count, bytes) => {
      const own = scratchOf(dictionaryScratch, column, 4 * (count + 1) + bytes);
      return { bytes: new Uint8Array(own, 4 * (count + 1), bytes), offsets: new Uint32Array(own, 0, count + 1) };
    },
  };
}

function codesOn(buffer: ArrayBufferLike, length: number, width: CodeWidth): Codes {
  if (width === 1) return new Uint8Array(buffer, 0, length);
  return width === 2 ? new Uint16Array(buffer, 0, length) : new Uint32Array(buffer, 0, length);
}

/** Bytes that codes up to `values` need. */
export function widthFor(values: number): CodeWidth {
  return values <= 0xff ? 1 : values <= 0xffff ? 2 : 4;
}

let own: DecoderMemory | undefined;

/** The thread's memory, made when it is first asked for. */
export function decoderMemory(): DecoderMemory {
  own ??= new DecoderMemory();
  return own;
}
