import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { LeadlineError } from "../../../errors.js";
import { type ParquetColumn, parquetColumns } from "./column-type.js";
import { type CompressionCodec, type FileMetadata, type ParquetType, readMetadata } from "./metadata.js";

/** The last 8 bytes: length of the metadata, magic. */
const TAIL_BYTES = 8;

/** A first read of this size holds the metadata of most files. */
const FIRST_READ_BYTES = 1 << 16;

/** Footers that a thread keeps: its tasks come file by file. */
const KEPT_FOOTERS = 8;

/** One column's stretch of a row group. */
export interface ColumnChunk {
  readonly start: number;
  readonly end: number;
  readonly codec: CompressionCodec;
  readonly physical: ParquetType;
}

/** What a row group holds. */
export interface RowGroup {
  readonly rows: number;
  /** By leaf; a column that cannot be read has the reason instead. */
  readonly chunks: readonly (ColumnChunk | string)[];
}

/** The metadata of a file, checked against its size. */
export interface Footer {
  readonly columns: readonly ParquetColumn[];
  readonly rowGroups: readonly RowGroup[];
  /** Where the metadata begin, so where pages end at the latest. */
  readonly dataEnd: number;
}

const kept = new Map<string, { readonly sizeBytes: number; readonly changedMs: number; readonly footer: Footer }>();

/**
 * Opens a Parquet file, reads its footer (or remembers it, while the file's size and time of change stay), and calls `use`.
 * @returns what `use` returns
 * @throws LeadlineError `source-invalid` where the file is missing, is no Parquet file, is cut off or encrypted
 */
export function withParquetFile<T>(file: string, use: (fd: number, footer: Footer) => T): T {
  let fd: number;
  try {
    fd = openSync(file, "r");
  } catch (cause) {
    throw fileError(file, cause);
  }
  try {
    return use(fd, footerOf(fd, file));
  } finally {
    closeSync(fd);
  }
}

function footerOf(fd: number, file: string): Footer {
  const stat = fstatSync(fd);
  if (stat.isDirectory()) throw new LeadlineError("source-invalid", `invalid Parquet file: ${file} is a directory`);
  const known = kept.get(file);
  if (known !== undefined && known.sizeBytes === stat.size && known.changedMs === stat.mtimeMs) return known.footer;
  let footer: Footer;
  try {
    footer = readFooter(fd, file, stat.size);
  } catch (cause) {
    if (cause instanceof LeadlineError) throw cause;
    const message = `invalid Parquet file: the metadata of ${file} are corrupt`;
    throw new LeadlineError("source-invalid", message, { cause });
  }
  kept.delete(file);
  kept.set(file, { sizeBytes: stat.size, changedMs: stat.mtimeMs, footer });
  for (const oldest of kept.keys()) {
    if (kept.size <= KEPT_FOOTERS) break;
    kept.delete(oldest);
  }
  return footer;
}

function readFooter(fd: number, file: string, sizeBytes: number): Footer {
  const magic = (at: number): string => readBytes(fd, at, 4).toString("latin1");
  const head = sizeBytes >= 4 ? magic(0) : "";
  const tail = sizeBytes >= 4 + TAIL_BYTES ? magic(sizeBytes - 4) : "";
  if (head === "PARE" || tail === "PARE") {
    throw new LeadlineError("source-invalid", `unsupported Parquet file: ${file} is encrypted`);
  }
  if (head !== "PAR1") {
    throw new LeadlineError("source-invalid", `invalid Parquet file: ${file} does not begin with PAR1`);
  }
  if (tail !== "PAR1") {
    throw new LeadlineError("source-invalid", `invalid Parquet file: ${file} has no footer; it is cut off`);
  }
  let bytes = readBytes(fd, Math.max(0, sizeBytes - FIRST_READ_BYTES), Math.min(sizeBytes, FIRST_READ_BYTES));
  const needed = bytes.readUInt32LE(bytes.length - TAIL_BYTES) + TAIL_BYTES;
  if (needed > sizeBytes - 4) {
    const message = `invalid Parquet file: the footer of ${file} needs ${needed} bytes, the file has ${sizeBytes}; it is cut off`;
    throw new LeadlineError("source-invalid", message);
  }
  if (needed > bytes.length) bytes = readBytes(fd, sizeBytes - needed, needed);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length - TAIL_BYTES);
  return checkedFooter(readMetadata(view, bytes.length - needed), file, sizeBytes - needed);
}

function checkedFooter(metadata: FileMetadata, file: string, dataEnd: number): Footer {
  const rowGroups = metadata.rowGroups.map(({ rows, chunks: described }, index): RowGroup => {
    const chunks = described.map((chunk) => {
      const { type, codec, dataPageAt, dictionaryPageAt } = chunk;
      if (chunk.isEncrypted) return "encrypted";
      if (chunk.file !== "") return `stored in another file, ${chunk.file}`;
      // Some writers state a dictionary page at 0 where there is none.
      const start = dictionaryPageAt > 0 && dictionaryPageAt < dataPageAt ? dictionaryPageAt : dataPageAt;
      const end = start + chunk.compressedBytes;
      if (!(start >= 4 && end >= start && end <= dataEnd)) {
        const name = chunk.path.join(".");
        const where = `column ${name} of row group ${index + 1} ends at byte ${end}, the data at ${dataEnd}`;
        throw new LeadlineError("source-invalid", `invalid Parquet file: in ${file} ${where}; it is cut off`);
      }
      if (type === undefined) return "of an unknown type";
      if (codec === undefined) return "compressed in an unknown way";
      return { start, end, codec, physical: type };
    });
    if (!Number.isSafeInteger(rows) || rows < 0) {
      throw new LeadlineError("source-invalid", `invalid Parquet file: ${file} has a row group of ${rows} rows`);
    }
    return { rows, chunks };
  });
  return { columns: parquetColumns(metadata.schema), rowGroups, dataEnd };
}

function readBytes(fd: number, start: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafeSlow(length);
  let done = 0;
  while (done < length) {
    const got = readSync(fd, bytes, done, length - done, start + done);
    if (got === 0) throw new Error(`need ${length} bytes, have ${done}`);
    done += got;
  }
  return bytes;
}

function fileError(file: string, cause: unknown): LeadlineError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT") return new LeadlineError("source-invalid", `missing file: ${file}`, { cause });
  return new LeadlineError("source-invalid", `invalid file: ${file} cannot be opened (${String(code)})`, { cause });
}
