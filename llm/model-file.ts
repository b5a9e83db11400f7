import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { LeadlineError } from "../errors.js";

/** What the header of a model file says. */
export interface ModelFile {
  readonly path: string;
  /** bytes */
  readonly size: number;
  /** Of the GGUF format. */
  readonly version: number;
  readonly architecture: string;
  /** As the file calls itself; null where it does not. */
  readonly name: string | null;
  /** Such as `1B` or `135M`; null where the file does not say. */
  readonly sizeLabel: string | null;
  /** How its weights are kept, such as `Q4_K_M`; null where the file does not say. */
  readonly quantisation: string | null;
  /** Tokens that the model was trained to look back on; null where the file does not say. */
  readonly contextLength: number | null;
  /** How the model expects a conversation to be marked, by the template in the file. */
  readonly chat: ChatFormat;
}

/** A way to mark who speaks. */
export type ChatFormat = "llama-3" | "chatml" | "plain";

/** The architectures that the model host has been tried with. */
const ARCHITECTURES: readonly string[] = ["llama"];
const VERSIONS: readonly number[] = [2, 3];
const MAGIC = 0x46554747; // "GGUF", little-endian
/** Beyond these a header is damaged, not large: a vocabulary has some 10^5 entries, a chat template some 10^4 characters. */
const MAX_ENTRIES = 1 << 24;
const MAX_TEXT_BYTES = 1 << 24;
const WINDOW_BYTES = 1 << 20;

/** Bytes of a value of a metadata type, by its number in the format; 8 is text and 9 an array. */
const VALUE_BYTES: Readonly<Record<number, number>> = {
  ...{ 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 },
};
const TEXT = 8;
const ARRAY = 9;

/** Elements and bytes of a block of a tensor type, by its number in ggml. */
const BLOCKS: Readonly<Record<number, readonly [elements: number, bytes: number]>> = {
  ...{ 0: [1, 4], 1: [1, 2], 2: [32, 18], 3: [32, 20], 6: [32, 22], 7: [32, 24], 8: [32, 34], 9: [32, 36] },
  ...{ 10: [256, 84], 11: [256, 110], 12: [256, 144], 13: [256, 176], 14: [256, 210], 15: [256, 292] },
  ...{ 16: [256, 66], 17: [256, 74], 18: [256, 98], 19: [256, 50], 20: [32, 18], 21: [256, 110], 22: [256, 82] },
  ...{ 23: [256, 136], 24: [1, 1], 25: [1, 2], 26: [1, 4], 27: [1, 8], 28: [1, 8], 29: [256, 56], 30: [1, 2] },
};

/** Names of `general.file_type`, by its number in llama.cpp (`llama_ftype`). */
const FILE_TYPES: readonly string[] = (
  "F32 F16 Q4_0 Q4_1 - - - Q8_0 Q5_0 Q5_1 Q2_K Q3_K_S Q3_K_M Q3_K_L Q4_K_S Q4_K_M Q5_K_S Q5_K_M Q6_K IQ2_XXS IQ2_XS Q2_K_S " +
  "IQ3_XS IQ3_XXS IQ1_S IQ4_NL IQ3_S IQ3_M IQ2_S IQ2_M IQ4_XS IQ1_M BF16"
).split(" ");

/**
 * Checks that a file is a whole GGUF model that the host can load, by its header and its length; no tensor is read.
 * @throws LeadlineError `model-invalid`, one sentence on what is wrong
 */
export function readModelFile(path: string): ModelFile {
  const file = open(path);
  try {
    const stat = fstatSync(file);
    if (stat.isDirectory()) throw invalid(path, "is a folder; a model is one GGUF file");
    if (stat.size === 0) throw invalid(path, "is empty; copy or download it again");
    return parse(path, new HeaderReader(path, file, stat.size));
  } finally {
    closeSync(file);
  }
}

function open(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code;
    if (code === "ENOENT") throw new LeadlineError("model-invalid", `missing model file: ${path}`, { cause });
    if (code === "EACCES" || code === "EPERM") throw invalid(path, "may not be read by this user", cause);
    throw invalid(path, `cannot be opened: ${(cause as Error).message}`, cause);
  }
}

function parse(path: string, reader: HeaderReader): ModelFile {
  if (reader.size < 4 || reader.u32() !== MAGIC) {
    throw invalid(path, `is no GGUF file: it begins with ${reader.beginning()} instead of "GGUF"`);
  }
  const version = reader.u32();
  if (!VERSIONS.includes(version)) {
    throw new LeadlineError(
      "model-invalid",
      `unsupported GGUF version: ${version} of ${path}; versions ${VERSIONS.join(" and ")} are read`,
    );
  }
  const tensors = reader.count("tensors");
  const metadata = readMetadata(reader);
  const architecture = textOf(metadata, "general.architecture");
  if (architecture === null) throw invalid(path, "names no architecture (general.architecture)");
  if (!ARCHITECTURES.includes(architecture)) {
    throw new LeadlineError(
      "model-invalid",
      `unsupported model architecture: ${architecture} of ${path}; ${ARCHITECTURES.join(", ")} is what works`,
    );
  }
  checkLength(path, reader, tensors, metadata.get("general.alignment"));
  const contextLength = metadata.get(`${architecture}.context_length`);
  return {
    path,
    size: reader.size,
    version,
    architecture,
    name: textOf(metadata, "general.name"),
    sizeLabel: textOf(metadata, "general.size_label"),
    quantisation: quantisationOf(metadata.get("general.file_type")),
    contextLength: typeof contextLength === "number" ? contextLength : null,
    chat: chatFormat(textOf(metadata, "tokenizer.chat_template") ?? ""),
  };
}

/** Texts and whole numbers by key; other values are passed over. */
function readMetadata(reader: HeaderReader): ReadonlyMap<string, string | number> {
  const metadata = new Map<string, string | number>();
  const entries = reader.count("metadata entries");
  for (let entry = 0; entry < entries; entry++) {
    const key = reader.text();
    const type = reader.u32();
    if (type === TEXT) metadata.set(key, reader.text());
    else if (type === 4) metadata.set(key, reader.u32());
    else if (type === 10) metadata.set(key, reader.u64());
    else skipValue(reader, type, key);
  }
  return metadata;
}

function skipValue(reader: HeaderReader, type: number, key: string): void {
  const size = VALUE_BYTES[type];
  if (size !== undefined) reader.skip(size);
  else if (type === TEXT) reader.skipText();
  else if (type === ARRAY) {
    const of = reader.u32();
    const length = reader.count(`entries of ${key}`);
    const each = VALUE_BYTES[of];
    if (each !== undefined) reader.skip(each * length);
    else if (of === TEXT) for (let entry = 0; entry < length; entry++) reader.skipText();
    else throw reader.damaged(`${key} is an array of unknown type ${of}`);
  } else throw reader.damaged(`${key} has the unknown type ${type}`);
}

/** A download that broke off has a whole header and too few tensors. */
function checkLength(path: string, reader: HeaderReader, tensors: number, alignment: string | number = 32): void {
  let needed = 0;
  for (let tensor = 0; tensor < tensors; tensor++) {
    reader.skipText();
    const dimensions = reader.u32();
    if (dimensions > 8) throw reader.damaged(`a tensor has ${dimensions} dimensions`);
    let elements = 1;
    for (let dimension = 0; dimension < dimensions; dimension++) elements *= reader.u64();
    const block = BLOCKS[reader.u32()];
    const offset = reader.u64();
    // of a tensor type that is newer than this table the beginning is all that can be checked
    const bytes = block === undefined ? 0 : (elements / block[0]) * block[1];
    needed = Math.max(needed, offset + bytes);
  }
  const step = typeof alignment === "number" && alignment > 0 ? alignment : 32;
  const end = Math.ceil(reader.position / step) * step + needed;
  if (reader.size < end) {
    throw invalid(path, `is cut off: need ${end} bytes, have ${reader.size}; copy or download it again`);
  }
}

function chatFormat(template: string): ChatFormat {
  if (template.includes("<|start_header_id|>")) return "llama-3";
  if (template.includes("<|im_start|>")) return "chatml";
  return "plain";
}

function quantisationOf(type: string | number | undefined): string | null {
  const name = typeof type === "number" ? FILE_TYPES[type] : undefined;
  return name === undefined || name === "-" ? null : name;
}

function textOf(metadata: ReadonlyMap<string, string | number>, key: string): string | null {
  const value = metadata.get(key);
  return typeof value === "string" && value !== "" ? value : null;
}

function invalid(path: string, what: string, cause?: unknown): LeadlineError {
  return new LeadlineError("model-invalid", `invalid model file: ${path} ${what}`, { cause });
}

/** Reads a header from front to back through one window; little-endian. */
class HeaderReader {
  readonly size: number;
  /** bytes from the file's beginning */
  position = 0;
  readonly #path: string;
  readonly #file: number;
  readonly #window: Buffer = Buffer.alloc(WINDOW_BYTES);
  #windowStart = 0;
  #windowEnd = 0;

  constructor(path: string, file: number, size: number) {
    this.#path = path;
    this.#file = file;
    this.size = size;
  }

  u32(): number {
    return this.#take(4).readUInt32LE();
  }

  /** Exact up to 2^53; what is larger is damage, and fails at its use. */
  u64(): number {
    return Number(this.#take(8).readBigUInt64LE());
  }

  count(of: string): number {
    const count = this.u64();
    if (count > MAX_ENTRIES) throw this.damaged(`it counts ${count} ${of}`);
    return count;
  }

  text(): string {
    return this.#take(this.#textBytes()).toString("utf8");
  }

  skipText(): void {
    this.skip(this.#textBytes());
  }

  skip(bytes: number): void {
    if (this.position + bytes > this.size) throw this.#cut();
    this.position += bytes;
  }

  /** The first characters of the file, printable. */
  beginning(): string {
    const first = Buffer.alloc(Math.min(4, this.size));
    readSync(this.#file, first, 0, first.length, 0);
    return JSON.stringify(first.toString("latin1"));
  }

  damaged(how: string): LeadlineError {
    return invalid(this.#path, `has a damaged header: ${how}`);
  }

  #textBytes(): number {
    const bytes = this.u64();
    if (bytes > MAX_TEXT_BYTES) throw this.damaged(`a text has ${bytes} bytes`);
    return bytes;
  }

  /** The next bytes, valid until the next call. */
  #take(bytes: number): Buffer {
    if (this.position + bytes > this.size) throw this.#cut();
    const start = this.position;
    this.position += bytes;
    if (bytes > WINDOW_BYTES) {
      const whole = Buffer.alloc(bytes);
      readSync(this.#file, whole, 0, bytes, start);
      return whole;
    }
    if (start < this.#windowStart || start + bytes > this.#windowEnd) {
      this.#windowStart = start;
      this.#windowEnd = start + readSync(this.#file, this.#window, 0, WINDOW_BYTES, start);
    }
    return this.#window.subarray(start - this.#windowStart, start - this.#windowStart + bytes);
  }

  #cut(): LeadlineError {
    return invalid(this.#path, `is cut off in its header, at ${this.size} bytes; copy or download it again`);
  }
}
