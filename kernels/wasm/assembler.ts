/**
 * A small assembler for WebAssembly (core specification 2.0, binary format): functions are written as expressions and statements in
 * TypeScript and come out as the bytes of a module. It knows what the kernels beside it use, and nothing more.
 *
 * Everything works on one imported memory, `env.memory`. Loads and stores trap beyond it; bounds within it are the kernels' own affair.
 */

/** A type of a value. */
export type ValueType = "i32" | "i64" | "f64" | "v128";

/** Bytes under construction, and how many blocks are open. */
export interface Emitter {
  readonly bytes: number[];
  depth: number;
}

/** A piece of code: an expression leaves one value, a statement none. */
export type Code = (to: Emitter) => void;

/** A parameter or variable of a function. */
export interface Local {
  readonly index: number;
  readonly type: ValueType;
}

/** A value: code, a local, or a constant of type i32. */
export type Expression = Code | Local | number;

/** Makes a new variable of a function; it starts as 0. */
export type Declare = (type: ValueType) => Local;

interface FunctionBody {
  readonly name: string;
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
  readonly locals: readonly ValueType[];
  readonly code: readonly number[];
}

const typeCodes = { i32: 0x7f, i64: 0x7e, f64: 0x7c, v128: 0x7b } as const;

/** A module of functions over one memory. */
export class WasmModule {
  private readonly functions: FunctionBody[] = [];

  /**
   * Adds an exported function.
   * @param body - its statements, given its parameters
   */
  define(
    name: string,
    parameters: readonly ValueType[],
    results: readonly ValueType[],
    body: (parameters: readonly Local[], declare: Declare) => readonly Code[],
  ): void {
    const locals: ValueType[] = [];
    const declare: Declare = (type) => {
      locals.push(type);
      return { index: parameters.length + locals.length - 1, type };
    };
    const statements = body(
      parameters.map((type, index) => ({ index, type })),
      declare,
    );
    const to: Emitter = { bytes: [], depth: 0 };
    for (const statement of statements) statement(to);
    this.functions.push({ name, parameters, results, locals, code: to.bytes });
  }

  /** The module's binary form. */
  bytes(): Uint8Array {
    const { functions } = this;
    const out: number[] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
    section(out, 1, functions, (to, { parameters, results }) => {
      to.push(0x60);
      types(to, parameters);
      types(to, results);
    });
    section(out, 2, [null], (to) => {
      text(to, "env");
      text(to, "memory");
      to.push(0x02, 0x00, 0x01);
    });
    section(out, 3, functions, (to, _, index) => unsigned(to, index));
    section(out, 7, functions, (to, { name }, index) => {
      text(to, name);
      to.push(0x00);
      unsigned(to, index);
    });
    section(out, 10, functions, body);
    return Uint8Array.from(out);
  }
}

// Every thread assembles before it decodes, in code that no compiler has seen yet: bytes are appended, and no list is copied into another.

function append(to: number[], bytes: readonly number[]): void {
  for (let at = 0; at < bytes.length; at++) to.push(bytes[at]);
}

function body(to: number[], { locals, code }: FunctionBody): void {
  const own: number[] = [];
  unsigned(own, locals.length);
  for (const type of locals) own.push(0x01, typeCodes[type]);
  unsigned(to, own.length + code.length + 1);
  append(to, own);
  append(to, code);
  to.push(0x0b);
}

function types(to: number[], list: readonly ValueType[]): void {
  unsigned(to, list.length);
  for (const type of list) to.push(typeCodes[type]);
}

/** A section that is a vector of items. */
function section<T>(
  to: number[],
  id: number,
  items: readonly T[],
  write: (to: number[], item: T, index: number) => void,
): void {
  const content: number[] = [];
  unsigned(content, items.length);
  for (let index = 0; index < items.length; index++) write(content, items[index], index);
  to.push(id);
  unsigned(to, content.length);
  append(to, content);
}

function text(to: number[], value: string): void {
  unsigned(to, value.length);
  for (let at = 0; at < value.length; at++) to.push(value.charCodeAt(at));
}

/** LEB128 of a number from 0. */
function unsigned(to: number[], value: number): void {
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) to.push((rest % 128) | 0x80);
  to.push(rest);
}

/** Signed LEB128 of 32 bits. */
function signed32(to: number[], value: number): void {
  let rest = value | 0;
  for (; rest < -64 || rest > 63; rest >>= 7) to.push((rest & 0x7f) | 0x80);
  to.push(rest & 0x7f);
}

/** Signed LEB128. */
function signed(value: bigint): number[] {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    if ((rest >> 6n === 0n && low < 64) || (rest >> 6n === -1n && low >= 64)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}

function put(to: Emitter, value: Expression): void {
  if (typeof value === "function") value(to);
  else if (typeof value === "number") {
    to.bytes.push(0x41);
    signed32(to.bytes, value);
  } else {
    to.bytes.push(0x20);
    unsigned(to.bytes, value.index);
  }
}

function unary(...opcode: readonly number[]): (value: Expression) => Code {
  return (value) => (to) => {
    put(to, value);
    append(to.bytes, opcode);
  };
}

function binary(...opcode: readonly number[]): (left: Expression, right: Expression) => Code {
  return (left, right) => (to) => {
    put(to, left);
    put(to, right);
    append(to.bytes, opcode);
  };
}

/** Reads memory at an address plus a constant offset; little endian, any alignment. */
export type Load = (address: Expression, offset?: number) => Code;

/** Writes memory at an address plus a constant offset; little endian, any alignment. */
export type Store = (address: Expression, value: Expression, offset?: number) => Code;

function load(...opcode: readonly number[]): Load {
  return (address, offset = 0) =>
    (to) => {
      put(to, address);
      append(to.bytes, opcode);
      to.bytes.push(0);
      unsigned(to.bytes, offset);
    };
}

function store(...opcode: readonly number[]): Store {
  return (address, value, offset = 0) =>
    (to) => {
      put(to, address);
      put(to, value);
      append(to.bytes, opcode);
      to.bytes.push(0);
      unsigned(to.bytes, offset);
    };
}

type Unary = (value: Expression) => Code;
type Binary = (left: Expression, right: Expression) => Code;

/** Operations of 32-bit integers; comparisons of both kinds give 0 or 1. */
export const i32: Readonly<
  Record<"load" | "load8" | "load8Signed" | "load16", Load> &
    Record<"store" | "store8" | "store16", Store> &
    Record<"isZero" | "leadingZeros" | "trailingZeros", Unary> &
    Record<
      | "add"
      | "sub"
      | "mul"
      | "and"
      | "or"
      | "xor"
      | "shiftLeft"
      | "shiftRight"
      | "rotateLeft"
      | "equal"
      | "unequal"
      | "less"
      | "lessSigned"
      | "greater"
      | "atMost"
      | "atLeast",
      Binary
    >
> = {
  load: load(0x28),
  load8: load(0x2d),
  load8Signed: load(0x2c),
  load16: load(0x2f),
  store: store(0x36),
  store8: store(0x3a),
  store16: store(0x3b),
  isZero: unary(0x45),
  leadingZeros: unary(0x67),
  trailingZeros: unary(0x68),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  and: binary(0x71),
  or: binary(0x72),
  xor: binary(0x73),
  shiftLeft: binary(0x74),
  shiftRight: binary(0x76),
  rotateLeft: binary(0x77),
  equal: binary(0x46),
  unequal: binary(0x47),
  less: binary(0x49),
  lessSigned: binary(0x48),
  greater: binary(0x4b),
  atMost: binary(0x4d),
  atLeast: binary(0x4f),
};

/** Operations of 64-bit integers. */
export const i64: Readonly<
  Record<"load", Load> &
    Record<"store", Store> &
    Record<"narrow" | "extend" | "bitsOf", Unary> &
    Record<
      | "add"
      | "mul"
      | "divide"
      | "and"
      | "or"
      | "xor"
      | "shiftLeft"
      | "shiftRight"
      | "equal"
      | "unequal"
      | "less"
      | "greater",
      Binary
    > &
    Record<"constant", (value: bigint) => Code>
> = {
  load: load(0x29),
  store: store(0x37),
  narrow: unary(0xa7),
  extend: unary(0xad),
  /** Of a double. */
  bitsOf: unary(0xbd),
  add: binary(0x7c),
  mul: binary(0x7e),
  divide: binary(0x80),
  and: binary(0x83),
  or: binary(0x84),
  xor: binary(0x85),
  shiftLeft: binary(0x86),
  shiftRight: binary(0x88),
  equal: binary(0x51),
  unequal: binary(0x52),
  less: binary(0x54),
  greater: binary(0x56),
  constant: (value) => (to) => {
    to.bytes.push(0x42, ...signed(value));
  },
};

/** Operations of 64-bit floating-point numbers. */
export const f64: Readonly<
  Record<"load" | "loadFloat", Load> &
    Record<"store", Store> &
    Record<"fromInt32" | "fromUint32" | "fromInt64" | "fromUint64", Unary> &
    Record<"add" | "sub" | "mul" | "div" | "unequal" | "less", Binary> &
    Record<"constant", (value: number) => Code>
> = {
  load: load(0x2b),
  loadFloat: (address, offset) => unary(0xbb)(load(0x2a)(address, offset)),
  store: store(0x39),
  fromInt32: unary(0xb7),
  fromUint32: unary(0xb8),
  fromInt64: unary(0xb9),
  fromUint64: unary(0xba),
  add: binary(0xa0),
  sub: binary(0xa1),
  mul: binary(0xa2),
  div: binary(0xa3),
  unequal: binary(0x62),
  less: binary(0x63),
  constant: (value) => (to) => {
    to.bytes.push(0x44, ...new Uint8Array(Float64Array.of(value).buffer));
  },
};

/** Operations of vectors of 16 bytes. */
export const v128: Readonly<
  Record<"load", Load> &
    Record<"store", Store> &
    Record<"any" | "splat" | "mask" | "low" | "high", Unary> &
    Record<"and" | "or" | "xor" | "add32" | "equalBytes" | "equal32" | "unequalNumbers", Binary>
> = {
  load: load(0xfd, 0x00),
  store: store(0xfd, 0x0b),
  any: unary(0xfd, 0x53),
  splat: unary(0xfd, 0x0f),
  mask: unary(0xfd, 0x64),
  low: unary(0xfd, 0x1d, 0),
  high: unary(0xfd, 0x1d, 1),
  and: binary(0xfd, 0x4e),
  or: binary(0xfd, 0x50),
  xor: binary(0xfd, 0x51),
  add32: binary(0xfd, 0xae, 0x01),
  equalBytes: binary(0xfd, 0x23),
  equal32: binary(0xfd, 0x37),
  unequalNumbers: binary(0xfd, 0x48),
};

/** Bytes of an entry of an array. */
export type Width = 1 | 2 | 4 | 8;

const widthShifts: Readonly<Record<Width, number>> = { 1: 0, 2: 1, 4: 2, 8: 3 };

/** The address of an array's entry. */
export function entry(array: Expression, index: Expression, width: Width): Expression {
  return i32.add(array, width === 1 ? index : i32.shiftLeft(index, widthShifts[width]));
}

/** Gives a local a value. */
export function set(local: Local, value: Expression): Code {
  return (to) => {
    put(to, value);
    to.bytes.push(0x21);
    unsigned(to.bytes, local.index);
  };
}

/** `first` where the condition is not 0, else `second`; both are computed. */
export function select(condition: Expression, first: Expression, second: Expression): Code {
  return (to) => {
    put(to, first);
    put(to, second);
    put(to, condition);
    to.bytes.push(0x1b);
  };
}

/** Leaves the function with a value. */
export function give(value: Expression): Code {
  return (to) => {
    put(to, value);
    to.bytes.push(0x0f);
  };
}

/** Statements as one. */
export function all(...statements: readonly Code[]): Code {
  return (to) => {
    for (const statement of statements) statement(to);
  };
}

/** Runs statements where a condition is not 0, others where it is. */
export function when(condition: Expression, then: readonly Code[], otherwise: readonly Code[] = []): Code {
  return (to) => {
    put(to, condition);
    to.bytes.push(0x04, 0x40);
    to.depth++;
    for (const statement of then) statement(to);
    if (otherwise.length > 0) to.bytes.push(0x05);
    for (const statement of otherwise) statement(to);
    to.depth--;
    to.bytes.push(0x0b);
  };
}

/** Repeats statements while a condition is not 0. */
export function whileTrue(condition: Expression, body: readonly Code[]): Code {
  return repeat((again) => [when(condition, [...body, again])]);
}

/**
 * Statements that run once, and again from the top wherever they say so.
 * @param body - given the statement that goes back to the top
 */
export function repeat(body: (again: Code) => readonly Code[]): Code {
  return (to) => {
    to.bytes.push(0x03, 0x40);
    const own = ++to.depth;
    const again: Code = (at) => {
      at.bytes.push(0x0c);
      unsigned(at.bytes, at.depth - own);
    };
    for (const statement of body(again)) statement(to);
    to.depth--;
    to.bytes.push(0x0b);
  };
}

/** Copies bytes; the ranges may overlap. */
export function copy(target: Expression, source: Expression, bytes: Expression): Code {
  return (to) => {
    put(to, target);
    put(to, source);
    put(to, bytes);
    to.bytes.push(0xfc, 0x0a, 0x00, 0x00);
  };
}

/** Sets bytes to one value. */
export function fill(target: Expression, value: Expression, bytes: Expression): Code {
  return (to) => {
    put(to, target);
    put(to, value);
    put(to, bytes);
    to.bytes.push(0xfc, 0x0b, 0x00);
  };
}
