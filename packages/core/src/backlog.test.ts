import { join } from 'node:path'
import { decodeRequest, ManualClock } from '@otlp-logs/test-support'
import { DIRECTORY, JournalBench, KEY_FOLDER, settled, World } from '../test/journal-bench.ts'
import { MemoryDisk } from '../test/journal-disk.ts'
import { idsOf } from '../test/journal-records.ts'
import { Encoder } from './encode.ts'
import type { Batch } from './queue.ts'

const upTo = (end: number, from = 0): number[] => Array.from({ length: end - from }, (_, i) => from + i)

/** A process that wrote so many records and died. */
function dead(count: number, options: ConstructorParameters<typeof JournalBench>[0] = {}): JournalBench {
  const bench = new JournalBench(options)
  bench.write(count)
  bench.kill()
  return bench
}

function encoderOf(protocol: 'http/protobuf' | 'http/json'): Encoder {
  return new Encoder({
    protocol,
    resource: { 'service.name': 'orders', 'service.version': '7' },
    scope: { name: 'the-app', version: '1.0.0' },
    attributeCountLimit: 128,
    attributeValueLengthLimit: 1e6,
    maxRecordBytes: 1e6,
  })
}

/** A process with a real encoder that logged to two scopes, and died. */
function deadWith(protocol: 'http/protobuf' | 'http/json'): JournalBench {
  const encoder = encoderOf(protocol)
  const bench = new JournalBench({
    encoding: protocol === 'http/json' ? 'json' : 'protobuf',
    resource: encoder.resource,
    next: encoder.envelope.next,
    scope: (scopeId) => encoder.scope(scopeId),
  })
  for (const [i, scopeName] of [undefined, 'the-db', undefined].entries()) {
    bench.journal.append(
      encoder.encode({
        observedTimeUnixNano: 1n,
        severityNumber: 9,
        body: `line ${i}`,
        attributes: {},
        ...(scopeName !== undefined && { scopeName }),
      }),
    )
  }
  bench.journal.commit()
  bench.kill()
  return bench
}

describe('what a dead process left', () => {
  it('is adopted at the start, told of, and sent in order', async () => {
    const heir = await dead(10).successor()
    expect([heir.count('adopted'), heir.journal.waiting, heir.journal.ready, heir.ready]).toEqual([10, 10, 10, 1])
    const batch = heir.take(4)
    expect(batch.aside).toBeDefined()
    expect(idsOf(batch.runs)).toEqual(upTo(4))
    heir.journal.ack(batch)
    expect(heir.deliverAll()).toEqual(upTo(10, 4))
    expect(heir.disk.files(DIRECTORY)).toEqual({ [`v1/0123456789abcdef/${heir.name}/l`]: Buffer.alloc(0) })
  })

  it.each(['http/protobuf', 'http/json'] as const)(
    'is sent with the resource, the scopes and the encoding that it was written with: %s',
    async (protocol) => {
      // The heir is of the other encoding, and of another service.
      const heir = await deadWith(protocol).successor({ encoding: protocol === 'http/json' ? 'protobuf' : 'json' })
      const batch = heir.take()
      const { chunks, contentType, count } = batch.aside!.payload!(batch.runs)
      expect([count, contentType]).toEqual([
        3,
        protocol === 'http/json' ? 'application/json' : 'application/x-protobuf',
      ])
      const { message } = decodeRequest(Buffer.concat(chunks), contentType === 'application/json' ? 'json' : 'protobuf')
      const [resourceLogs, ...others] = message!.resourceLogs
      expect(others).toEqual([])
      expect(resourceLogs!.resource!.attributes.map(({ key, value }) => [key, value!.stringValue])).toEqual([
        ['service.name', 'orders'],
        ['service.version', '7'],
      ])
      const scopes = resourceLogs!.scopeLogs.map(({ scope, logRecords }) => ({
        scope: [scope!.name, scope!.version],
        bodies: logRecords.map(({ body }) => body!.stringValue),
      }))
      expect(scopes.map(({ scope }) => scope[0])).toEqual(['the-app', 'the-db'])
      expect(scopes[0]!.scope[1]).toBe('1.0.0')
      expect(scopes.map(({ bodies }) => bodies)).toEqual([['line 0', 'line 2'], ['line 1']])
    },
  )

  it('is taken in turn with own records, a batch of each', async () => {
    const heir = await dead(6).successor()
    for (let id = 100; id < 106; id++) {
      heir.journal.append(heir.record(undefined, 0, id))
      heir.journal.commit()
    }
    const batches: [boolean, number[]][] = []
    for (let batch = heir.journal.take(2, 1e6); batch !== undefined; batch = heir.journal.take(2, 1e6)) {
      batches.push([batch.aside !== undefined, idsOf(batch.runs)])
      heir.journal.ack(batch)
    }
    expect(batches).toEqual([
      [true, [0, 1]],
      [false, [100, 101]],
      [true, [2, 3]],
      [false, [102, 103]],
      [true, [4, 5]],
      [false, [104, 105]],
    ])
  })

  it('comes back in order when it is released, and can be parted', async () => {
    const heir = await dead(10).successor()
    const batch = heir.take(8)
    const [first, second] = heir.journal.split(batch)
    expect([first!.aside, second!.aside]).toEqual([batch.aside, batch.aside])
    heir.journal.ack(first!)
    heir.journal.release(second!)
    expect([heir.journal.waiting, heir.journal.ready]).toEqual([6, 6])
    expect(heir.deliverAll()).toEqual(upTo(10, 4))
  })

  it('is kept in dead/ as it was written when it is refused', async () => {
    const heir = await deadWith('http/json').successor()
    const batch = heir.take()
    heir.journal.reject(batch)
    heir.journal.ack(batch)
    const [file, ...others] = Object.values(heir.disk.files(join(KEY_FOLDER, 'dead')))
    expect(others).toEqual([])
    expect(file!.includes('"line 1"')).toBe(true)
    expect(file!.includes('"name":"the-app"')).toBe(true)
    expect(file!.includes('"orders"')).toBe(true)
  })

  it('is left to the next one where this one ends before it is sent, without what was delivered', async () => {
    const heir = await dead(10).successor()
    heir.journal.ack(heir.take(3))
    heir.take(2)
    heir.journal.giveUp()
    expect(heir.clock.nextAt).toBeUndefined()
    const next = await heir.successor()
    expect(next.deliverAll()).toEqual(upTo(10, 3))
    expect(next.count('adopted')).toBe(7)
  })

  it('is not taken any more once the process ends', async () => {
    const heir = await dead(10).successor()
    heir.write(1)
    heir.journal.beginEnd()
    expect(heir.take().aside).toBeUndefined()
    expect(heir.journal.take(9, 1e6)).toBeUndefined()
    expect(heir.journal.waiting).toBe(11)
  })

  it('goes from hand to hand, also when its heirs die, and each record once', async () => {
    let bench = dead(50)
    const ids: number[] = []
    for (let i = 0; i < 5; i++) {
      const heir = await bench.successor({ clock: new ManualClock() })
      const batch = heir.take(7)
      ids.push(...idsOf(batch.runs))
      heir.journal.ack(batch)
      heir.kill()
      bench = heir
    }
    const last = await bench.successor()
    ids.push(...last.deliverAll())
    expect(ids).toEqual(upTo(50))
    expect(Object.keys(last.disk.files(DIRECTORY))).toEqual([`v1/0123456789abcdef/${last.name}/l`])
  })

  it('comes from many, one after the other', async () => {
    const world = new World()
    let disk = new MemoryDisk()
    for (let i = 0; i < 5; i++) {
      dead(10, { world, disk })
      disk = disk.forNextProcess()
    }
    const heir = new JournalBench({ world, disk })
    await settled()
    expect(heir.deliverAll()).toEqual(Array(5).fill(upTo(10)).flat())
    expect(heir.count('adopted')).toBe(50)
  })

  it('stays with a process that lives, however it was looked at', async () => {
    const first = new JournalBench()
    first.write(5)
    const second = await first.successor({ clock: new ManualClock() })
    await second.clock.advance(600_000)
    expect([second.count('adopted'), second.journal.take(9, 1e6)]).toEqual([0, undefined])
    expect(first.deliverAll()).toEqual(upTo(5))
  })

  it('is found within 75 s where its process dies later', async () => {
    const first = new JournalBench()
    first.write(5)
    const second = await first.successor({ clock: new ManualClock() })
    first.kill()
    await second.clock.advance(59_000)
    expect(second.count('adopted')).toBe(0)
    await second.clock.advance(16_000)
    expect([second.count('adopted'), second.ready]).toEqual([5, 1])
  })

  it('is looked for by each process of a fleet at a time of its own', async () => {
    for (const [chance, adopted] of [
      [0, 5],
      [0.99, 0],
    ] as const) {
      const first = new JournalBench()
      first.write(5)
      const clock = new ManualClock()
      clock.chance = chance
      const heir = new JournalBench({ world: first.world, disk: first.disk.forNextProcess(), clock })
      await settled()
      first.kill()
      await clock.advance(61_000)
      expect(heir.count('adopted')).toBe(adopted)
    }
  })

  it('is left as it is where its heir ends before it has looked at it', async () => {
    const first = dead(5)
    const heir = new JournalBench({ world: first.world, disk: first.disk.forNextProcess() })
    expect(heir.journal.giveUp()).toBe(0)
    await settled()
    expect([heir.count('adopted'), heir.clock.nextAt, heir.disk.openFiles]).toEqual([0, undefined, []])
    expect((await heir.successor()).deliverAll()).toEqual(upTo(5))
  })

  it('is read ahead, so that nobody waits for more between two of its files', async () => {
    const first = new JournalBench({ segmentBytes: 300 })
    first.write(20)
    first.kill()
    const heir = await first.successor()
    const inFirst = heir.journal.ready
    expect(inFirst).toBeLessThan(20)
    heir.take(inFirst)
    expect(heir.journal.ready).toBeGreaterThan(0)
  })

  it('is claimed by one of many who want it', async () => {
    const first = dead(20)
    const heirs = await Promise.all(Array.from({ length: 5 }, () => first.successor()))
    const ids = heirs.map((heir) => heir.deliverAll())
    expect(ids.filter(({ length }) => length > 0)).toEqual([upTo(20)])
  })

  it('is left where others could write to it', async () => {
    const first = dead(5)
    const disk = first.disk.forNextProcess()
    const distrust = disk.distrust.bind(disk)
    disk.distrust = (path) => (path === first.folder ? 'others may write to it' : distrust(path))
    const heir = new JournalBench({ world: first.world, disk })
    await settled()
    expect([heir.count('adopted'), heir.count('trouble')]).toEqual([0, 0])
  })

  it.each(['', '/v1', '/v1/0123456789abcdef'])(
    'F22: is left where others could write to a folder above it: <directory>%s',
    async (above) => {
      const first = dead(5)
      const disk = first.disk.forNextProcess()
      const distrust = disk.distrust.bind(disk)
      disk.distrust = (path) => (path === DIRECTORY + above ? 'others may write to it' : distrust(path))
      const before = disk.files()
      const heir = new JournalBench({ world: first.world, disk })
      await settled()
      expect([heir.count('adopted'), heir.count('trouble')]).toEqual([0, 1])
      expect(disk.files()).toEqual(before)
    },
  )

  it('F22: is left in a heap that cannot be trusted, be it a link or a file', async () => {
    const first = dead(5)
    const second = await first.successor()
    expect(second.count('adopted')).toBe(5)
    second.kill()
    const disk = second.disk.forNextProcess()
    disk.put(join(KEY_FOLDER, 'ffffffffffffffff.adopt'), Buffer.from('a file'))
    const distrust = disk.distrust.bind(disk)
    disk.distrust = (path) => (path.endsWith(`/${second.name}.adopt`) ? 'it is a symbolic link' : distrust(path))
    const heir = new JournalBench({ world: second.world, disk })
    await settled()
    expect([heir.count('adopted'), heir.count('trouble')]).toEqual([0, 0])
  })

  it('costs nothing where the disk cannot be read for now: it is there a minute later', async () => {
    for (const operation of ['list', 'distrust', 'rename', 'stat', 'read'] as const) {
      const first = dead(5)
      const disk = first.disk.forNextProcess()
      const heir = new JournalBench({ world: first.world, disk })
      disk.fail(operation, 'EMFILE')
      await settled()
      expect(heir.count('adopted')).toBe(0)
      disk.heal()
      await heir.clock.advance(76_000)
      expect(heir.deliverAll()).toEqual(upTo(5))
    }
  })

  it('is claimed as a whole also where a folder in between fails', async () => {
    const world = new World()
    let disk = new MemoryDisk()
    for (let i = 0; i < 4; i++) {
      dead(10, { world, disk })
      disk = disk.forNextProcess()
    }
    disk.fail('rename', 'EIO', { times: 1 })
    disk.fail('distrust', 'EIO', { path: /3$/, times: 1 })
    const heir = new JournalBench({ world, disk })
    await settled()
    expect(heir.deliverAll()).toHaveLength(20)
    await heir.clock.advance(76_000)
    expect(heir.deliverAll()).toHaveLength(20)
  })

  it('leaves what is in its folder and was not made by a journal', async () => {
    const first = dead(5)
    const note = join(first.folder, 'note.txt')
    first.disk.put(note, Buffer.from('keep me'))
    const heir = await first.successor()
    expect(heir.deliverAll()).toEqual(upTo(5))
    const left = heir.disk.files(KEY_FOLDER)
    expect(left[`${heir.name}.adopt/${first.name}/note.txt`]!.toString()).toBe('keep me')
    expect(Object.keys(left).filter((name) => name.endsWith('.seg'))).toEqual([])
  })

  it.each(['http/json', 'http/protobuf'] as const)(
    'F17: is sent to the last complete frame, wherever it is cut: %s',
    async (protocol) => {
      const first = deadWith(protocol)
      const whole = first.disk
      const [[path, bytes]] = Object.entries(whole.files()).filter(([name]) => name.endsWith('.seg')) as [
        [string, Buffer],
      ]
      let most = 0
      for (let length = 0; length <= bytes.length; length++) {
        const disk = new MemoryDisk()
        disk.put(`/${path}`, bytes.subarray(0, length))
        const heir = new JournalBench({ world: first.world, disk })
        await settled()
        const batch: Batch | undefined = heir.journal.take(9, 1e6)
        const count = batch?.count ?? 0
        expect(count).toBeGreaterThanOrEqual(most)
        most = count
        expect(heir.count('damage')).toBeLessThanOrEqual(1)
        if (batch === undefined) continue
        const { chunks } = batch.aside!.payload!(batch.runs)
        decodeRequest(Buffer.concat(chunks), protocol === 'http/json' ? 'json' : 'protobuf')
        heir.journal.ack(batch)
        expect(heir.journal.waiting).toBe(0)
        heir.journal.giveUp()
      }
      expect(most).toBe(3)
    },
  )
})
