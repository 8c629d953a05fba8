import { KeyHeads } from './key-heads.ts'

const headOf = (key: string): number[] => [0x0a, Buffer.byteLength(key), ...Buffer.from(key), 0x12]

describe('KeyHeads', () => {
  it('gives a key with its tag and length before it, and the tag of a value behind it', () => {
    const heads = new KeyHeads()
    heads.begin()
    expect([heads.of('orderId'), heads.of('größe')]).toEqual([headOf('orderId'), headOf('größe')])
  })

  it('gives the right key where the next record has the same keys in another order, more of them, or fewer', () => {
    const heads = new KeyHeads()
    for (const keys of [['a', 'b', 'c'], ['c', 'a'], ['b', 'a', 'c', 'd', 'e'], [], ['a', 'b', 'c']]) {
      heads.begin()
      expect(keys.map((key) => heads.of(key))).toEqual(keys.map(headOf))
    }
  })

  it('gives a key again that was taken back', () => {
    const heads = new KeyHeads()
    heads.begin()
    heads.of('a')
    heads.back()
    expect([heads.of('a'), heads.of('b')]).toEqual([headOf('a'), headOf('b')])
  })

  it('keeps no key of more than 64 bytes, and no more than 1024 of them', () => {
    const heads = new KeyHeads()
    heads.begin()
    expect(heads.of('k'.repeat(64))).toEqual(headOf('k'.repeat(64)))
    expect(heads.of('k'.repeat(65))).toBeUndefined()
    expect(heads.of('é'.repeat(33))).toBeUndefined()
    for (let i = 1; i < 1024; i++) expect(heads.of(`key${i}`)).toEqual(headOf(`key${i}`))
    expect(heads.of('one more')).toBeUndefined()
    expect(heads.of('key1')).toEqual(headOf('key1'))
  })
})
