/** A flag for compression and four bytes of length stand before every gRPC message. */
const prefixLength = 5;

/** 2^64 takes ten groups of seven bits. */
const longestVarint = 10;

/** Bytes to read, from the front; reading past the end, or what cannot be, gives undefined. */
class ProtobufReader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  /** Exact up to 2^53. */
  varint(): number | undefined {
    let value = 0;
    for (let group = 0; group < longestVarint; group++) {
      const byte = this.#bytes[this.#at++];
      if (byte === undefined) return undefined;
      value += (byte & 0x7f) * 2 ** (7 * group);
      if (byte < 0x80) return value;
    }
    return undefined;
  }

  /** Whether that many bytes were there to be skipped. */
  skip(length: number): boolean {
    this.#at += length;
    return this.#at <= this.#bytes.length;
  }

  /** Whether there was a whole value of this wire type; groups are long deprecated and refused. */
  skipValue(wireType: number): boolean {
    switch (wireType) {
      case 0:
        return this.varint() !== undefined;
      case 1:
        return this.skip(8);
      case 2:
        return this.skip(this.varint() ?? Infinity);
      case 5:
        return this.skip(4);
      default:
        return false;
    }
  }
}

const varintOf = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80))
    bytes.push((rest % 0x80) | 0x80);
  return [...bytes, rest];
};

/** A `grpc.health.v1.HealthCheckRequest` as it stands in a request's body: its one field is `service`, number 1. */
export const encodeHealthRequest = (service: string): Buffer => {
  const name = Buffer.from(service, "utf8");
  const field = name.length === 0 ? [] : [0x0a, ...varintOf(name.length)];
  const prefix = Buffer.alloc(prefixLength);
  prefix.writeUInt32BE(field.length + name.length, 1);
  return Buffer.concat([prefix, Buffer.from(field), name]);
};

/**
 * The `status` (field 1) of the `grpc.health.v1.HealthCheckResponse` that is the whole of a response's body: 1 is
 * SERVING. Undefined if the body is no single uncompressed message of that form. Unknown fields are skipped and the
 * last of several statuses counts, as protobuf demands.
 */
export const decodeHealthStatus = (body: Buffer): number | undefined => {
  if (body.length < prefixLength || body[0] !== 0) return undefined;
  const message = body.subarray(prefixLength);
  if (body.readUInt32BE(1) !== message.length) return undefined;
  const reader = new ProtobufReader(message);
  let status = 0;
  while (!reader.done) {
    const tag = reader.varint();
    if (tag === undefined || tag < 8) return undefined;
    if (tag === 8) {
      const value = reader.varint();
      if (value === undefined) return undefined;
      status = value;
    } else if (!reader.skipValue(tag % 8)) return undefined;
  }
  return status;
};
