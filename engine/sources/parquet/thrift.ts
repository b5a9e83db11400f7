/** Types of fields in Thrift's compact protocol. */
const fieldType = {
  true: 1,
  false: 2,
  byte: 3,
  int16: 4,
  int32: 5,
  int64: 6,
  double: 7,
  binary: 8,
  list: 9,
  set: 10,
  map: 11,
  struct: 12,
};

/** Bytes of the longest varint. */
const LONGEST_VARINT = 10;

/** No metadata of Parquet nest deeper; a damaged file may seem to. */
const DEEPEST = 32;

/**
 * Reads structs of Thrift's compact protocol (Apache Thrift, thrift-compact-protocol.md), in which Parquet writes its metadata. What is not asked for is
 * passed over: of most files that is nearly all.
 */
export class ThriftReader {
  /** The next byte. */
  at: number;
  readonly #view: DataView;
  /** The type of the field or element that is next. */
  #type = 0;
  #depth = 0;

  /** @param start - first byte of a struct */
  constructor(view: DataView, start = 0) {
    this.#view = view;
    this.at = start;
  }

  /**
   * Reads a struct.
   * @param field - reads the value of a field by its id, and returns true; or returns false where it is not wanted
   * @throws Error where the bytes are no such struct, here and in all that follows
   */
  struct(field: (id: number) => boolean): void {
    if (++this.#depth > DEEPEST) throw new Error("metadata that are nested too deep");
    for (let id = 0; ; ) {
      const byte = this.#view.getUint8(this.at++);
      const type = byte & 0x0f;
      if (type === 0) break;
      id = byte >> 4 === 0 ? unzigzag(this.#varint()) : id + (byte >> 4);
      this.#type = type;
      if (!field(id)) this.#skip(type);
    }
    this.#depth--;
  }

  /** The struct that a field or element is. */
  inner(field: (id: number) => boolean): void {
    this.#expect(fieldType.struct);
    this.struct(field);
  }

  /** Reads a list. @param element - reads one, as a field's value */
  list(element: () => void): void {
    this.#expect(fieldType.list);
    const byte = this.#view.getUint8(this.at++);
    const size = byte >> 4 === 15 ? this.#varint() : byte >> 4;
    for (let index = 0; index < size; index++) {
      this.#type = byte & 0x0f;
      element();
    }
  }

  /** A whole number of any width; exact to 2^53. */
  integer(): number {
    if (this.#type === fieldType.byte) return this.#view.getInt8(this.at++);
    if (this.#type < fieldType.int16 || this.#type > fieldType.int64) this.#expect(fieldType.int64);
    return unzigzag(this.#varint());
  }

  flag(): boolean {
    if (this.#type !== fieldType.false) this.#expect(fieldType.true);
    return this.#type === fieldType.true;
  }

  text(): string {
    this.#expect(fieldType.binary);
    const length = this.#varint();
    const start = this.#advance(length);
    return Buffer.from(this.#view.buffer, this.#view.byteOffset + start, length).toString("utf8");
  }

  #expect(type: number): void {
    if (this.#type !== type) throw new Error(`metadata of type ${this.#type} where ${type} is due`);
  }

  /** Passes over bytes. @returns where they began */
  #advance(bytes: number): number {
    const start = this.at;
    if (bytes > this.#view.byteLength - start) throw new Error("metadata that are cut off");
    this.at = start + bytes;
    return start;
  }

  #varint(): number {
    let value = 0;
    for (let [count, scale] = [0, 1]; count < LONGEST_VARINT; count++, scale *= 128) {
      const byte = this.#view.getUint8(this.at++);
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
    throw new Error("a number of too many bytes");
  }

  #skip(type: number): void {
    switch (type) {
      case fieldType.true:
      case fieldType.false:
        return;
      case fieldType.byte:
        this.#advance(1);
        return;
      case fieldType.int16:
      case fieldType.int32:
      case fieldType.int64:
        this.#varint();
        return;
      case fieldType.double:
        this.#advance(8);
        return;
      case fieldType.binary:
        this.#advance(this.#varint());
        return;
      case fieldType.list:
      case fieldType.set:
        this.#type = fieldType.list;
        // a flag in a list is a byte
        this.list(() => this.#skip(this.#type <= fieldType.false ? fieldType.byte : this.#type));
        return;
      case fieldType.struct:
        this.struct(() => false);
        return;
      default:
        throw new Error(`metadata of the unknown type ${type}`);
    }
  }
}

/** Signed numbers fold into unsigned ones: 0, -1, 1, -2 … */
function unzigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
