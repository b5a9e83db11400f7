/** What Leadline uses of parquetjs-lite, which has no types of its own. */

declare module "parquetjs-lite" {
  namespace parquet {
    type FieldType =
      | "BOOLEAN"
      | "INT32"
      | "INT64"
      | "FLOAT"
      | "DOUBLE"
      | "UTF8"
      | "TIMESTAMP_MILLIS"
      | "TIMESTAMP_MICROS"
      | "DATE";

    interface FieldDefinition {
      readonly type: FieldType;
      readonly optional?: boolean;
      readonly compression?: "UNCOMPRESSED" | "GZIP" | "SNAPPY";
      readonly statistics?: boolean;
    }

    class ParquetSchema {
      constructor(fields: Record<string, FieldDefinition>);
      /** What the footer says of columns, in order. */
      readonly fieldList: { name: string }[];
    }

    interface WriterOptions {
      readonly useDataPageV2?: boolean;
      /** Rows */
      readonly rowGroupSize?: number;
      /** Rows */
      readonly pageSize?: number;
      /** Whether to write column and offset indices. */
      readonly pageIndex?: boolean;
    }

    /** Rows in, file out: convenient, slow. */
    class ParquetWriter {
      static openFile(schema: ParquetSchema, path: string, options?: WriterOptions): Promise<ParquetWriter>;
      appendRow(row: Record<string, unknown>): Promise<void>;
      setMetadata(key: string, value: string): void;
      close(): Promise<void>;
    }

    /** The frame of a file: magic bytes, sections, footer. */
    class ParquetEnvelopeWriter {
      constructor(
        schema: ParquetSchema,
        write: (section: Buffer) => Promise<void>,
        close: () => Promise<void>,
        fileOffset: number,
        options: WriterOptions,
      );
      /** Bytes written so far. */
      offset: number;
      /** What the footer says of rows. */
      rowCount: number;
      /** What the footer says of row groups: thrift `RowGroup` objects. */
      readonly rowGroups: object[];
      writeHeader(): Promise<void>;
      writeSection(section: Buffer): Promise<void>;
      writeFooter(userMetadata: Record<string, string>): Promise<void>;
      close(): Promise<void>;
    }
  }
  export = parquet;
}

/** The structures of the format's thrift definition. */
declare module "parquetjs-lite/gen-nodejs/parquet_types.js" {
  namespace thrift {
    class DictionaryPageHeader {
      constructor(fields: { num_values: number; encoding: number });
    }
    class DataPageHeader {
      constructor(fields: {
        num_values: number;
        encoding: number;
        definition_level_encoding: number;
        repetition_level_encoding: number;
      });
    }
    class PageHeader {
      constructor(fields: {
        type: number;
        uncompressed_page_size: number;
        compressed_page_size: number;
        data_page_header?: DataPageHeader;
        dictionary_page_header?: DictionaryPageHeader;
      });
    }
    class Statistics {
      constructor(fields: { min: Buffer; max: Buffer; min_value: Buffer; max_value: Buffer; null_count: number });
    }
    class ColumnMetaData {
      constructor(fields: {
        type: number;
        encodings: number[];
        path_in_schema: string[];
        codec: number;
        num_values: number;
        total_uncompressed_size: number;
        total_compressed_size: number;
        data_page_offset: number;
        dictionary_page_offset?: number;
        statistics?: Statistics;
      });
    }
    class ColumnChunk {
      constructor(fields: { file_offset: number; meta_data: ColumnMetaData });
    }
    class RowGroup {
      constructor(fields: { columns: ColumnChunk[]; total_byte_size: number; num_rows: number });
    }
    const Type: {
      readonly BOOLEAN: number;
      readonly INT32: number;
      readonly INT64: number;
      readonly DOUBLE: number;
      readonly BYTE_ARRAY: number;
    };
    const Encoding: { readonly PLAIN: number; readonly PLAIN_DICTIONARY: number; readonly RLE: number };
    const CompressionCodec: { readonly SNAPPY: number };
    const PageType: { readonly DATA_PAGE: number; readonly DICTIONARY_PAGE: number };
  }
  export = thrift;
}

declare module "parquetjs-lite/lib/util.js" {
  const util: {
    /** A thrift object's bytes in the compact protocol. */
    serializeThrift(thriftObject: object): Buffer;
  };
  export = util;
}

declare module "parquetjs-lite/lib/compression.js" {
  const compression: {
    deflate(method: "UNCOMPRESSED" | "GZIP" | "SNAPPY", bytes: Buffer): Buffer;
  };
  export = compression;
}
