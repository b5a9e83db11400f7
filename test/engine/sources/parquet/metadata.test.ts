import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parquetMetadata } from "hyparquet/src/metadata.js";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { readMetadata } from "../../../../engine/sources/parquet/metadata.js";
import { duckdb, folder } from "./read-back.js";

const connection = await duckdb();

test("footers are read as hyparquet reads them", async () => {
  const file = join(folder, "all-types.parquet");
  await connection.run(
    `COPY (SELECT i AS whole, (i % 100)::UTINYINT AS small, i::DECIMAL(9, 3) AS price, DATE '2026-01-01' + i::INT AS day, TIME '12:00:00' AS at,
     TIMESTAMP '2026-01-01' + to_seconds(i) AS ts, (TIMESTAMP '2026-01-01')::TIMESTAMP_NS AS nanos, uuid() AS id, [i] AS tags, {'a': i} AS pair,
     i % 2 = 0 AS ok, 'n' || i AS name, i::DOUBLE AS real, ''::BLOB AS bytes FROM range(5000) t(i))
     TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`,
  );
  const bytes = readFileSync(file);
  const size = bytes.readUInt32LE(bytes.length - 8);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length - 8);
  const own = readMetadata(view, bytes.length - 8 - size);
  const expected = parquetMetadata(bytes, { geoparquet: false });
  const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  assert.equal(
    plain(own.schema.map(({ logical, ...element }) => ({ ...element, logical: logical?.type }))),
    plain(
      expected.schema.map((element) => ({
        name: element.name,
        type: element.type,
        typeLength: element.type_length,
        repetition: element.repetition_type,
        children: element.num_children,
        converted: element.converted_type,
        scale: element.scale,
        precision: element.precision,
        logical: element.logical_type?.type,
      })),
    ),
  );
  const unit = (name: string): unknown => own.schema.find((element) => element.name === name)?.logical;
  assert.equal(unit("ts"), { type: "TIMESTAMP", unit: "MICROS" });
  assert.equal(unit("nanos"), { type: "TIMESTAMP", unit: "NANOS" });
  assert.equal(
    own.rowGroups.map(({ rows, chunks }) => [rows, chunks]),
    expected.row_groups.map(({ num_rows, columns }) => [
      Number(num_rows),
      columns.map(({ meta_data: chunk }) => ({
        file: "",
        isEncrypted: false,
        type: chunk?.type,
        codec: chunk?.codec,
        path: chunk?.path_in_schema,
        compressedBytes: Number(chunk?.total_compressed_size),
        dataPageAt: Number(chunk?.data_page_offset),
        dictionaryPageAt: Number(chunk?.dictionary_page_offset ?? 0),
      })),
    ]),
  );
});

test.run();
