import { writeFileSync } from "node:fs";

/** How a tiny model differs from the usual one. */
export interface TinyModelOptions {
  readonly seed?: number;
  readonly version?: number;
  readonly architecture?: string;
  readonly chatTemplate?: string;
  readonly contextLength?: number;
}

const WIDTH = 64;
const HEADS = 4;
const LAYERS = 2;
const FEED_FORWARD = 96;
const ALIGNMENT = 32;

/**
 * Writes a Llama of random weights as GGUF v3, some 0.5 MB: two layers of 64, F32, a vocabulary of bytes and a few
 * pieces. It loads and answers like any other; what it says means nothing.
 */
export function writeTinyModel(path: string, options: TinyModelOptions = {}): void {
  writeFileSync(path, tinyModel(options));
}

/** The bytes of a tiny model. */
export function tinyModel({
  seed = 1,
  version = 3,
  architecture = "llama",
  chatTemplate,
  contextLength = 2048,
}: TinyModelOptions = {}): Buffer {
  const pieces = vocabulary();
  const metadata: Buffer[] = [
    entry("general.architecture", text(architecture)),
    entry("general.name", text("Tiny random Llama")),
    entry("general.size_label", text("100K")),
    entry("general.alignment", u32(ALIGNMENT)),
    entry(`${architecture}.context_length`, u32(contextLength)),
    entry(`${architecture}.embedding_length`, u32(WIDTH)),
    entry(`${architecture}.block_count`, u32(LAYERS)),
    entry(`${architecture}.feed_forward_length`, u32(FEED_FORWARD)),
    entry(`${architecture}.rope.dimension_count`, u32(WIDTH / HEADS)),
    entry(`${architecture}.attention.head_count`, u32(HEADS)),
    entry(`${architecture}.attention.head_count_kv`, u32(HEADS)),
    entry(`${architecture}.attention.layer_norm_rms_epsilon`, f32(1e-5)),
    entry(`${architecture}.vocab_size`, u32(pieces.length)),
    entry("tokenizer.ggml.model", text("llama")),
    entry(
      "tokenizer.ggml.tokens",
      array(
        8,
        pieces.map(([piece]) => lengthText(piece)),
      ),
    ),
    entry(
      "tokenizer.ggml.scores",
      array(
        6,
        pieces.map((_, index) => float(-index)),
      ),
    ),
    entry(
      "tokenizer.ggml.token_type",
      array(
        5,
        pieces.map(([, type]) => int(type)),
      ),
    ),
    entry("tokenizer.ggml.bos_token_id", u32(1)),
    entry("tokenizer.ggml.eos_token_id", u32(2)),
    entry("tokenizer.ggml.unknown_token_id", u32(0)),
    ...(chatTemplate === undefined ? [] : [entry("tokenizer.chat_template", text(chatTemplate))]),
  ];
  const random = mulberry32(seed);
  const tensors: { name: string; shape: number[]; data: Float32Array }[] = [];
  const tensor = (name: string, ...shape: number[]): void => {
    const isNorm = name.endsWith("norm.weight");
    const data = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () =>
      isNorm ? 1 : (random() - 0.5) / 2,
    );
    tensors.push({ name, shape, data });
  };
  tensor("token_embd.weight", WIDTH, pieces.length);
  for (let layer = 0; layer < LAYERS; layer++) {
    const block = `blk.${layer}`;
    tensor(`${block}.attn_norm.weight`, WIDTH);
    for (const part of ["attn_q", "attn_k", "attn_v", "attn_output"]) tensor(`${block}.${part}.weight`, WIDTH, WIDTH);
    tensor(`${block}.ffn_norm.weight`, WIDTH);
    tensor(`${block}.ffn_gate.weight`, WIDTH, FEED_FORWARD);
    tensor(`${block}.ffn_up.weight`, WIDTH, FEED_FORWARD);
    tensor(`${block}.ffn_down.weight`, FEED_FORWARD, WIDTH);
  }
  tensor("output_norm.weight", WIDTH);
  tensor("output.weight", WIDTH, pieces.length);

  let offset = 0;
  const infos = tensors.map(({ name, shape, data }) => {
    const info = Buffer.concat([lengthText(name), int(shape.length), ...shape.map(long), int(0), long(offset)]);
    offset += padded(data.byteLength);
    return info;
  });
  const header = Buffer.concat([
    ...[Buffer.from("GGUF"), int(version), long(tensors.length), long(metadata.length)],
    ...metadata,
    ...infos,
  ]);
  const body = tensors.map(({ data }) => Buffer.concat([Buffer.from(data.buffer)], padded(data.byteLength)));
  return Buffer.concat([Buffer.concat([header], padded(header.length)), ...body]);
}

/** Control pieces, every byte, and the printable ASCII characters; the second figure is the piece's type. */
function vocabulary(): [piece: string, type: number][] {
  const bytes = Array.from({ length: 256 }, (_, byte): [string, number] => [
    `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
    6,
  ]);
  const characters = Array.from({ length: 94 }, (_, index): [string, number] => [String.fromCharCode(33 + index), 1]);
  return [["<unk>", 2], ["<s>", 3], ["</s>", 3], ...bytes, ["\u2581", 1], ...characters];
}

/** A small generator of its own, so that the weights are the same everywhere. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function padded(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function entry(key: string, value: Buffer): Buffer {
  return Buffer.concat([lengthText(key), value]);
}

function text(value: string): Buffer {
  return Buffer.concat([int(8), lengthText(value)]);
}

function u32(value: number): Buffer {
  return Buffer.concat([int(4), int(value)]);
}

function f32(value: number): Buffer {
  return Buffer.concat([int(6), float(value)]);
}

function array(type: number, values: readonly Buffer[]): Buffer {
  return Buffer.concat([int(9), int(type), long(values.length), ...values]);
}

function lengthText(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([long(bytes.length), bytes]);
}

function int(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function long(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64LE(BigInt(value));
  return bytes;
}

function float(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return bytes;
}
