// What a disk has really got when the power goes, for tests of the journal. A disk in memory tells it all changes; what
// was synced, data by fdatasync of its file and names by fsync of their folder, survives. Of all the rest anything may
// happen: each change may be there or not, in any combination; data may also be cut or be zeros.
// - A rename happens as a whole or not at all.
// - A name in a folder needs that folder: without it, it is not there either, and with it, the folder is not removed.

export class FileNode {
  length = 0
  modifiedUnixMillis: number
  #bytes = Buffer.alloc(256)

  constructor(modifiedUnixMillis: number) {
    this.modifiedUnixMillis = modifiedUnixMillis
  }

  get content(): Buffer {
    return this.#bytes.subarray(0, this.length)
  }

  /** Zeros fill what lies between the end and `offset`. */
  write(offset: number, bytes: Buffer): void {
    const end = offset + bytes.length
    if (end > this.#bytes.length) {
      const larger = Buffer.alloc(Math.max(end, this.#bytes.length * 2))
      this.content.copy(larger)
      this.#bytes = larger
    }
    bytes.copy(this.#bytes, offset)
    this.length = Math.max(this.length, end)
  }

  truncate(length: number): void {
    this.#bytes.fill(0, Math.min(length, this.length))
    if (length > this.length) this.write(length, Buffer.alloc(0))
    this.length = length
  }
}

export class FolderNode {
  readonly entries: Map<string, FileNode | FolderNode> = new Map()
}

export type Node = FileNode | FolderNode

type Change = (
  | { what: 'link'; folder: FolderNode; name: string; node: Node }
  | { what: 'unlink'; folder: FolderNode; name: string; node: Node }
  | { what: 'move'; folder: FolderNode; name: string; to: FolderNode; toName: string; node: Node }
  | { what: 'write'; file: FileNode; offset: number; bytes: Buffer }
  | { what: 'truncate'; file: FileNode; length: number }
) & {
  /** 'never': a sync of it failed. */
  synced: boolean | 'never'
}

export class PowerLog {
  readonly #root: FolderNode
  #changes: Change[] = []

  constructor(root: FolderNode) {
    this.#root = root
  }

  /** How many changes there were. */
  get now(): number {
    return this.#changes.length
  }

  link(folder: FolderNode, name: string, node: Node): void {
    this.#changes.push({ what: 'link', folder, name, node, synced: false })
  }

  unlink(folder: FolderNode, name: string, node: Node): void {
    this.#changes.push({ what: 'unlink', folder, name, node, synced: false })
  }

  move(folder: FolderNode, name: string, to: FolderNode, toName: string, node: Node): void {
    this.#changes.push({ what: 'move', folder, name, to, toName, node, synced: false })
  }

  write(file: FileNode, offset: number, bytes: Buffer): void {
    if (bytes.length > 0) this.#changes.push({ what: 'write', file, offset, bytes: Buffer.from(bytes), synced: false })
  }

  truncate(file: FileNode, length: number): void {
    this.#changes.push({ what: 'truncate', file, length, synced: false })
  }

  /** Of a file its data, of a folder its names, as far as they were changed before `until`. */
  synced(node: Node, until: number): void {
    for (const change of this.#of(node, until)) if (change.synced === false) change.synced = true
  }

  syncFailed(file: FileNode, until: number): void {
    for (const change of this.#of(file, until)) if (change.synced === false) change.synced = 'never'
  }

  *#of(node: Node, until: number): Generator<Change> {
    for (const change of this.#changes.slice(0, until)) {
      if ('file' in change ? change.file === node : change.folder === node) yield change
      else if (change.what === 'move' && change.to === node) yield change
    }
  }

  /**
   * What the device may hold after the power went.
   * @param random from 0 up to 1: decides what becomes of each change that was not synced
   */
  lose(random: () => number): FolderNode {
    const copies = new Map<Node, Node>()
    const folderOf = (folder: FolderNode): FolderNode => {
      if (!copies.has(folder)) copies.set(folder, new FolderNode())
      return copies.get(folder) as FolderNode
    }
    const fileOf = (file: FileNode): FileNode => {
      if (!copies.has(file)) copies.set(file, new FileNode(file.modifiedUnixMillis))
      return copies.get(file) as FileNode
    }
    const copyOf = (node: Node): Node => (node instanceof FolderNode ? folderOf(node) : fileOf(node))
    const root = folderOf(this.#root)
    const isThere = (folder: FolderNode): boolean => folder === root || [...reachable(root)].includes(folder)
    // How much is kept differs from loss to loss: nearly all, half, nearly nothing.
    const kept = [0, 0.05, 0.5, 0.95, 1][Math.floor(random() * 5)]!
    for (const change of this.#changes) {
      const survives = change.synced === true || random() < kept
      if ('file' in change) {
        replayData(change, fileOf(change.file), survives, random)
        continue
      }
      if (!survives) continue
      const folder = folderOf(change.folder)
      const node = copyOf(change.node)
      if (change.what === 'link') {
        if (isThere(folder)) folder.entries.set(change.name, node)
      } else if (change.what === 'unlink') {
        const isFull = node instanceof FolderNode && node.entries.size > 0
        if (folder.entries.get(change.name) === node && !isFull) folder.entries.delete(change.name)
      } else if (isThere(folderOf(change.to)) && (folder.entries.get(change.name) === node || change.synced === true)) {
        if (folder.entries.get(change.name) === node) folder.entries.delete(change.name)
        folderOf(change.to).entries.set(change.toName, node)
      }
    }
    return root
  }
}

type DataChange = Extract<Change, { file: FileNode }>

function replayData(change: DataChange, file: FileNode, survives: boolean, random: () => number): void {
  if (change.what === 'truncate') {
    if (survives) file.truncate(change.length)
    return
  }
  const { offset, bytes } = change
  if (survives) return file.write(offset, bytes)
  const fate = random()
  // Gone; or its place is there, with nothing in it; or a part, and then nothing or zeros.
  if (fate < 0.4) return
  if (fate < 0.6) return file.write(offset, Buffer.alloc(bytes.length))
  const part = Math.floor(random() * bytes.length)
  file.write(offset, bytes.subarray(0, part))
  if (fate < 0.8) file.write(offset + part, Buffer.alloc(bytes.length - part))
}

function* reachable(folder: FolderNode): Generator<FolderNode> {
  for (const node of folder.entries.values()) {
    if (!(node instanceof FolderNode)) continue
    yield node
    yield* reachable(node)
  }
}
