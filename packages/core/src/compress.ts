// Compression of requests and decompression of answers, always off the event loop (zlib's thread pool).

import { promisify } from 'node:util'
import * as zlib from 'node:zlib'

const compressors: Readonly<Record<'gzip' | 'zstd', (body: Buffer) => Promise<Buffer>>> = {
  gzip: promisify<Buffer, Buffer>(zlib.gzip),
  zstd: promisify<Buffer, Buffer>(zlib.zstdCompress),
}
const decompressors: Readonly<Record<string, (body: Buffer, options: { maxOutputLength: number }) => Promise<Buffer>>> =
  {
    gzip: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip),
    'x-gzip': promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.gunzip),
    deflate: promisify<Buffer, zlib.ZlibOptions, Buffer>(zlib.inflate),
    zstd: promisify<Buffer, zlib.ZstdOptions, Buffer>(zlib.zstdDecompress),
    br: promisify<Buffer, zlib.BrotliOptions, Buffer>(zlib.brotliDecompress),
  }

export function compress(chunks: readonly Uint8Array[], how: 'gzip' | 'zstd'): Promise<Buffer> {
  return compressors[how](Buffer.concat(chunks))
}

/** `undefined` when the encoding is not known, the body is broken or it would be longer than `maxBytes`. */
export async function decompress(
  body: Buffer,
  encoding: string | undefined,
  maxBytes: number,
): Promise<Buffer | undefined> {
  if (encoding === undefined || encoding === '' || encoding === 'identity' || body.length === 0) return body
  try {
    return await decompressors[encoding.toLowerCase()]?.(body, { maxOutputLength: maxBytes })
  } catch {
    return undefined
  }
}
